"""A port before another server that can be closed, or spoil one kind of request, as if that server was unwell."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Door:
    """Hands connections on to ``target`` ("host:port") while it is open; ends them at once while it is closed."""

    def __init__(self, target: str) -> None:
        host, _, port = target.partition(":")
        self._target = (host, int(port))
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._open = True
        self._spoiled: tuple[bytes, int | None] | None = None
        self._over = threading.Event()
        self.times_spoiled = 0
        self.address = f"127.0.0.1:{self._listening.getsockname()[1]}"

    def open(self) -> None:
        self._open = True

    def close(self) -> None:
        self._open = False

    def spoil(self, request: str, status: int | None) -> None:
        """Answer requests that begin so ("POST /path") with a status, or not at all (None), until ``heal``."""
        self._spoiled, self.times_spoiled = (request.encode(), status), 0

    def heal(self) -> None:
        self._spoiled = None

    def serve(self) -> None:
        """Until ``end``."""
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                threading.Thread(target=self._hand_on, args=(client,), daemon=True).start()

    def end(self) -> None:
        self._over.set()
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()

    def _hand_on(self, client: socket.socket) -> None:
        with client, contextlib.suppress(OSError):
            if not self._open:
                return
            with socket.create_connection(self._target, timeout=10) as server:
                server.settimeout(None)
                back = threading.Thread(target=_pour, args=(server, client), daemon=True)
                back.start()
                self._ask(client, server)
                back.join(60)

    def _ask(self, client: socket.socket, server: socket.socket) -> None:
        """Pass on what a client sends; a client sends the head of a request in one piece."""
        while content := client.recv(65536):
            spoiled = self._spoiled
            if spoiled is not None and content.startswith(spoiled[0]):
                self.times_spoiled += 1
                self._answer(client, spoiled[1])
                server.shutdown(socket.SHUT_RDWR)
                return
            server.sendall(content)
        server.shutdown(socket.SHUT_WR)

    def _answer(self, client: socket.socket, status: int | None) -> None:
        if status is None:
            self._over.wait(60)
        else:
            client.sendall(f"HTTP/1.1 {status} Unwell\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())


def _pour(source: socket.socket, into: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while content := source.recv(65536):
            into.sendall(content)
        into.shutdown(socket.SHUT_WR)


@contextmanager
def door(target: str) -> Iterator[Door]:
    """An open door on a free port."""
    made = Door(target)
    thread = threading.Thread(target=made.serve, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        made.end()
        thread.join(10)
