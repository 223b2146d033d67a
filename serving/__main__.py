"""``python -m serving BUNDLE``: answer predictions over HTTP.

Exit codes: 0 stopped on request, 2 wrong arguments, 3 the bundle is not whole, 4 the address cannot be listened on.
"""

import argparse
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from serving import unpickling
from serving.bundle.loading import Bundle, BundleInvalid, load

BUNDLE_INVALID = 3
PORT_TAKEN = 4


def main(arguments: list[str] | None = None) -> int:
    """Serve until stopped; the exit code is told by the module's docstring."""
    options = _parser().parse_args(arguments)
    unpickling.forbid()
    try:
        bundle = load(options.bundle)
        return _serve(bundle, options)
    except BundleInvalid as error:
        return _refuse(f"{options.bundle}: {error}", BUNDLE_INVALID)


def _serve(bundle: Bundle, options: argparse.Namespace) -> int:
    from serving.routes.app import create_app  # after the bundle is known to be whole: a broken one is told at once
    from serving.server.process import PortTaken, Server, listen

    app = create_app(bundle, version=options.model_version)
    try:
        server = Server(app, listen(options.host, options.port))
    except PortTaken as error:
        return _refuse(str(error), PORT_TAKEN)
    if options.stop_with_stdin:
        threading.Thread(target=_after_stdin, args=(server.stop,), daemon=True).start()
    server.run_until_stopped()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m serving", description="Answer predictions of a bundle over HTTP.")
    parser.add_argument("bundle", type=Path, help="folder with model.onnx, signature.json, record.json, manifest.json")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=_port, default=8080, help="port; 0 chooses a free one (default: %(default)s)")
    parser.add_argument("--model-version", help="what to call the model in answers (default: its record's digest)")
    parser.add_argument(
        "--stop-with-stdin", action="store_true", help="also stop when standard input ends, as with the starter's death"
    )
    return parser


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65535:
        raise argparse.ArgumentTypeError("a port lies between 0 and 65535")
    return port


def _after_stdin(stop: Callable[[], None]) -> None:
    while os.read(sys.stdin.fileno(), 4096):
        pass
    stop()


def _refuse(problem: str, code: int) -> int:
    sys.stderr.write(f"serving refused to start: {problem}\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
