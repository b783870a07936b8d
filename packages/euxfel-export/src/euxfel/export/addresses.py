"""Where a server is: ZeroMQ endpoints made of ports, and the address of the fast network."""

from __future__ import annotations

import socket
import struct
from typing import Any

import zmq

from euxfel.core.user_warning import warn_user

from .errors import AddressError

# Data of a run is not for everybody who reaches this machine.
LOOPBACK = "127.0.0.1"
INFINIBAND = "ib0"


def endpoint_of(port: int | str, bind: str | None = None, use_infiniband: bool = False) -> str:
    """Give the ZeroMQ endpoint to bind to.

    Parameters
    ----------
    port : int or str
        TCP port, 0 for any free one; or an endpoint, such as ``"tcp://*:4545"`` or
        ``"ipc:///tmp/trains"``, which is taken as it is.
    bind : str, optional
        Address or interface to bind a port to, ``"*"`` for all; by default only this machine
        can connect.
    use_infiniband : bool
        True for the address of the Infiniband interface; if there is none, a warning.

    Examples
    --------
    >>> from euxfel.export.addresses import endpoint_of
    >>> endpoint_of(4545), endpoint_of("4545", bind="*")
    ('tcp://127.0.0.1:4545', 'tcp://*:4545')
    """
    text = str(port)
    if "://" in text:
        return text
    if not text.isdecimal() or int(text) > 65535:
        raise AddressError(
            f"{port!r} is neither a TCP port (0 to 65535) nor an endpoint such as tcp://*:4545"
        )
    host = bind or (_infiniband_or(LOOPBACK) if use_infiniband else LOOPBACK)
    return f"tcp://{host}:{text if int(text) else '*'}"


def _infiniband_or(otherwise: str) -> str:
    found = interface_address(INFINIBAND)
    if found is None:
        warn_user(
            f"there is no interface {INFINIBAND} with an address here: bound to {otherwise} "
            "instead. Give bind='*' for all interfaces"
        )
    return found or otherwise


def interface_address(name: str) -> str | None:
    """Give the IPv4 address of a network interface, or None."""
    try:
        import fcntl
    except ImportError:  # not a system that has this question
        return None
    request, answer = 0x8915, struct.pack("256s", name.encode()[:15])  # SIOCGIFADDR
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        try:
            return socket.inet_ntoa(fcntl.ioctl(any_socket.fileno(), request, answer)[20:24])
        except OSError:
            return None


def bind(server: zmq.Socket[Any], endpoint: str) -> str:
    """Bind a socket and give the endpoint with the port that it got.

    Raises
    ------
    AddressError
        The port is taken, or the address is not of this machine.
    """
    try:
        server.bind(endpoint)
    except zmq.ZMQError as error:
        raise AddressError(
            f"cannot bind to {endpoint}: {error.strerror}. Port 0 takes any free one"
        ) from error
    return server.getsockopt_string(zmq.LAST_ENDPOINT).rstrip("\0")


def port_of(endpoint: str) -> int | None:
    """Give the TCP port of an endpoint, None for other transports."""
    port = endpoint.rpartition(":")[2]
    return int(port) if endpoint.startswith("tcp://") and port.isdecimal() else None
