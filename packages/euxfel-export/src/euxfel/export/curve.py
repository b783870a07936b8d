"""Keys: with them only who is meant to gets trains, and nobody on the way can read them.

`ServerKeys` and `ClientKeys` hold CURVE keys as text of 40 letters; `new_keys` makes a pair.
"""

from __future__ import annotations

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
    """

    secret: str = field(repr=False)


@dataclass(frozen=True)
class ClientKeys:
    """What a client needs to connect to a server with keys.

    Attributes
    ----------
    server : str
        The server's public key. It is the password, too: give it only to who may have the data.
    """

    server: str


def lock_server(server: zmq.Socket[Any], keys: ServerKeys | None) -> None:
    """Let a server's socket take only connections with keys."""
    if keys is not None:
        server.curve_server = True
        server.curve_secretkey = keys.secret.encode()


def lock_client(client: zmq.Socket[Any], keys: ClientKeys | None) -> None:
    """Let a client's socket connect only to the server that the keys are of."""
    if keys is not None:
        own = new_keys()
        client.curve_serverkey = keys.server.encode()
        client.curve_publickey, client.curve_secretkey = own.public.encode(), own.secret.encode()
