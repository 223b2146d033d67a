"""A port before another server that can be closed and opened, as if that server went down and came back."""

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
        self.address = f"127.0.0.1:{self._listening.getsockname()[1]}"

    def open(self) -> None:
        self._open = True

    def close(self) -> None:
        self._open = False

    def serve(self) -> None:
        """Until ``end``."""
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                threading.Thread(target=self._hand_on, args=(client,), daemon=True).start()

    def end(self) -> None:
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
                _pour(client, server)
                back.join(60)


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
