"""Keys: with them only who is meant to gets trains, and nobody on the way can read them.

`ServerKeys` and `ClientKeys` hold CURVE keys as text of 40 letters; `new_keys` makes a pair.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import zmq


class KeyPair(NamedTuple):
    """A public key and the secret one that belongs to it."""

    public: str
    secret: str


def new_keys() -> KeyPair:
    """Make a pair of keys.

    Examples
    --------
    >>> from euxfel.export import new_keys
    >>> len(new_keys().public)
    40
    """
    public, secret = zmq.curve_keypair()
    return KeyPair(public.decode(), secret.decode())


@dataclass(frozen=True)
class ServerKeys:
    """What a server needs so that only those who know its public key get trains.

    Attributes
    ----------
    secret : str
        The server's secret key.
    clients : collection of str, optional
        Public keys of the clients that may connect; by default all who know the server's.
    """

    secret: str = field(repr=False)
    clients: Collection[str] | None = None


@dataclass(frozen=True)
class ClientKeys:
    """What a client needs to connect to a server with keys.

    Attributes
    ----------
    server : str
        The server's public key. It is the password, too, of a server without a list of clients:
        give it only to who may have the data.
    own : KeyPair, optional
        The client's own keys, for a server with a list of clients; by default new ones.
    """

    server: str
    own: KeyPair | None = field(default=None, repr=False)


class Guard:
    """Lets only clients on a list connect to the sockets of a context.

    Parameters
    ----------
    context : zmq.Context
        Whose sockets are guarded.
    clients : collection of str
        Public keys of the clients.
    """

    def __init__(self, context: zmq.Context[Any], clients: Collection[str]) -> None:
        # Takes as long to import as all else here, and only servers with a list need it.
        from zmq.auth.thread import ThreadAuthenticator

        self._known = frozenset(key.encode() for key in clients)
        self._asked = ThreadAuthenticator(context)
        self._asked.start()
        self._asked.configure_curve_callback(credentials_provider=self)

    def callback(self, domain: str, key: bytes) -> bool:
        """Whether a client may connect, by its public key."""
        return key in self._known

    def end(self) -> None:
        """Answer no more: before the context ends."""
        self._asked.stop()


def lock_server(server: zmq.Socket[Any], keys: ServerKeys | None) -> Guard | None:
    """Let a server's socket take only connections with keys; give who decides, if there is one."""
    if keys is None:
        return None
    server.curve_server = True
    server.curve_secretkey = keys.secret.encode()
    return None if keys.clients is None else Guard(server.context, keys.clients)


def lock_client(client: zmq.Socket[Any], keys: ClientKeys | None) -> None:
    """Let a client's socket connect only to the server that the keys are of."""
    if keys is not None:
        own = keys.own or new_keys()
        client.curve_serverkey = keys.server.encode()
        client.curve_publickey, client.curve_secretkey = own.public.encode(), own.secret.encode()
