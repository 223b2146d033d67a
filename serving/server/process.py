"""The process around the application: its socket, its signals and its end."""

import signal
import socket
import sys

import uvicorn
from fastapi import FastAPI

GRACE_SECONDS = 10


class PortTaken(Exception):
    """The address cannot be listened on."""


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 lets the system choose one.

    Its protocol is named, for asyncio turns off Nagle's delay only on sockets that say they are TCP, and an answer
    written in two parts otherwise waits 40 ms for the caller's acknowledgement.

    Raises:
        PortTaken: another process listens there, or the address is not ours.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen()
    except OSError as error:
        listener.close()
        raise PortTaken(f"{host} port {port} cannot be listened on: {error.strerror or error}") from error
    return listener


class Server(uvicorn.Server):
    """uvicorn on a socket of ours, that says where it listens and ends with exit code 0 when it is asked to stop."""

    def __init__(self, app: FastAPI, listener: socket.socket) -> None:
        config = uvicorn.Config(
            app,
            log_level="warning",
            access_log=False,
            server_header=False,
            lifespan="on",
            timeout_graceful_shutdown=GRACE_SECONDS,
        )
        super().__init__(config)
        self._listener = listener

    def run_until_stopped(self) -> None:
        """Serve until SIGTERM, SIGINT or ``stop``; then finish what runs."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.stop())
        self.run(sockets=[self._listener])

    def stop(self) -> None:
        """Ask for the end; safe to call from any thread and any number of times."""
        self.should_exit = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        sys.stdout.write(f"listening on {_url(self._listener)}\n")
        sys.stdout.flush()


def _url(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
