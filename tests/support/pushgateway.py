"""A local server that takes pushes as Prometheus' Pushgateway does, and shows what it holds to whoever scrapes it."""

import base64
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from prometheus_client.parser import text_string_to_metric_families

Series = dict[tuple[str, frozenset[tuple[str, str]]], float]


class Gateway:
    """Groups by their key: the job and the labels in the address that they were pushed to."""

    def __init__(self, address: str, password: str | None, status: int) -> None:
        self.address = address
        self.password = password
        self.status = status
        self.groups: dict[frozenset[tuple[str, str]], Series] = {}

    def put(self, path: str, body: str) -> None:
        parts = path.removeprefix("/metrics/").split("/")
        key = frozenset(zip(parts[::2], parts[1::2], strict=True))
        self.groups[key] = {
            (sample.name, frozenset({**sample.labels, **dict(key)}.items())): sample.value
            for family in text_string_to_metric_families(body)
            for sample in family.samples
        }

    @property
    def series(self) -> Series:
        return {name: value for group in self.groups.values() for name, value in group.items()}

    def exposition(self) -> str:
        lines = [f"{name}{{{_written(labels)}}} {value}" for (name, labels), value in self.series.items()]
        return "\n".join([*lines, ""])


def _written(labels: Iterable[tuple[str, str]]) -> str:
    return ",".join(f'{label}="{_escape(text)}"' for label, text in sorted(labels))


def _escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


@contextmanager
def pushgateway(password: str | None = None, status: int = 200) -> Iterator[Gateway]:
    """A gateway on a free port; with a password it asks for ``me:password``."""

    class Handler(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            login = base64.b64encode(f"me:{gateway.password}".encode()).decode()
            allowed = gateway.password is None or self.headers["Authorization"] == f"Basic {login}"
            if allowed and gateway.status == 200:
                gateway.put(self.path, body)
            self._answer(gateway.status if allowed else 401, "")

        def do_GET(self) -> None:
            self._answer(200, gateway.exposition())

        def _answer(self, status: int, text: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "text/plain; version=0.0.4")
            self.send_header("Content-Length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    gateway = Gateway(f"127.0.0.1:{server.server_port}", password, status)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield gateway
    finally:
        server.shutdown()
        server.server_close()
