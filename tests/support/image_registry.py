"""Registries of images that are not well: one answers nothing but a status, one takes the connection and is silent."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@contextmanager
def unwell_registry(status: int | None) -> Iterator[str]:
    """Listen on a free port of this machine until the block is left; yields host and port.

    Args:
        status: what every request is answered with; None for no answer at all.
    """
    over = threading.Event()

    class Unwell(BaseHTTPRequestHandler):
        def answer(self) -> None:
            if status is None:
                over.wait(60)
                return
            self.send_response(status)
            if status == 401:
                self.send_header("WWW-Authenticate", 'Basic realm="stand-in"')
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = answer  # noqa: N815 - named by the library

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Unwell)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_port}"
    finally:
        over.set()
        server.shutdown()
        thread.join()
        server.server_close()
