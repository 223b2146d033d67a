"""Sockets to listen on."""

import socket

_BACKLOG = 2048


class PortTaken(Exception):
    """The address cannot be listened on."""


def listen(host: str, port: int, *, shared: bool = False, backlog: int | None = _BACKLOG) -> socket.socket:
    """A listening socket; port 0 lets the system choose one.

    Its protocol is named, for asyncio turns off Nagle's delay only on sockets that say they are TCP, and an answer
    written in two parts otherwise waits 40 ms for the caller's acknowledgement.

    Args:
        shared: other sockets of this user may listen on the same port, and the system deals out connections to them.
        backlog: connections that may wait to be taken; None to bind only.

    Raises:
        PortTaken: another process listens there, or the address is not ours.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if shared:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        listener.bind((host, port))
        if backlog is not None:
            listener.listen(backlog)
    except OSError as error:
        listener.close()
        raise PortTaken(f"{host} port {port} cannot be listened on: {error.strerror or error}") from error
    return listener


def reserve(host: str, port: int) -> socket.socket:
    """A socket that holds a port for the workers who will share it, and takes no connection itself.

    Raises:
        PortTaken: another process listens there, or the address is not ours.
    """
    with listen(host, port) as alone:
        port = alone.getsockname()[1]
    return listen(host, port, shared=True, backlog=None)


def url_of(listener: socket.socket) -> str:
    """Where a socket listens, as an address for people."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
