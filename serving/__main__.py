"""``python -m serving BUNDLE``: answer predictions over HTTP.

Exit codes: 0 stopped on request, 2 wrong arguments, 3 the bundle is not whole, 4 the address cannot be listened on,
5 keys are needed and missing, or cannot be used, 6 the prediction log cannot go where it is told to.
"""

import gc
import os
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace

from serving import unpickling
from serving.access.keys import KeysUnusable, read
from serving.bundle.loading import MANIFEST, Bundle, BundleInvalid, load
from serving.prediction_log.stores import TargetInvalid
from serving.settings import KeysMissing, Settings, read_settings
from serving.telemetry.counters import Counters
from serving.telemetry.logs import write_json_lines

BUNDLE_INVALID = 3
PORT_TAKEN = 4
KEYS_UNUSABLE = 5
LOG_UNUSABLE = 6


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until stopped; the exit code is told by the module's docstring."""
    unpickling.forbid()
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")  # ONNX Runtime tells its makers about its use otherwise
    try:
        settings = read_settings(arguments, os.environ)
    except KeysMissing as error:
        return _refuse(str(error), KEYS_UNUSABLE)
    write_json_lines()
    try:
        bundle = _whole(settings)
        if settings.keys is not None:
            read(settings.keys)
        return _serve(bundle, settings)
    except BundleInvalid as error:
        return _refuse(f"{settings.bundle}: {error}", BUNDLE_INVALID)
    except KeysUnusable as error:
        return _refuse(str(error), KEYS_UNUSABLE)
    except TargetInvalid as error:
        return _refuse(str(error), LOG_UNUSABLE)


def _whole(settings: Settings) -> Bundle:
    bundle = load(settings.bundle)
    if settings.bundle_digest and settings.bundle_digest != bundle.digest:
        raise BundleInvalid(MANIFEST, f"its SHA-256 is {bundle.digest}, not {settings.bundle_digest} as asked for")
    return bundle


def _serve(bundle: Bundle, settings: Settings) -> int:
    from serving.server.listening import PortTaken, reserve  # after the bundle is known to be whole
    from serving.server.workers import Workers
    from serving.telemetry.metrics import table

    counters = table(bundle.signature, settings.workers)
    if settings.workers == 1:
        return _work(bundle, settings, counters, _lifelines(settings))
    try:
        reserved = reserve(settings.host, settings.port)
    except PortTaken as error:
        return _refuse(str(error), PORT_TAKEN)
    settings = replace(settings, port=reserved.getsockname()[1])

    def work(worker: int, lifeline: int) -> int:
        counters.work_as(worker)
        return _work(bundle, settings, counters, [lifeline])

    workers = Workers(settings.workers, work)
    _stop_at_the_end_of(_lifelines(settings), workers.stop)
    return workers.run_until_stopped()


def _work(bundle: Bundle, settings: Settings, counters: Counters, lifelines: Sequence[int]) -> int:
    from serving.endpoint import make_endpoint
    from serving.server.listening import PortTaken, listen
    from serving.server.process import Server

    several = settings.workers > 1
    try:
        listener = listen(settings.host, settings.port, shared=several)
        server = Server(make_endpoint(bundle, settings, counters), settings, listener)
        if settings.management_port is not None:
            server.with_management(listen(settings.host, settings.management_port, shared=several))
    except PortTaken as error:
        return _refuse(str(error), PORT_TAKEN)
    _stop_at_the_end_of(lifelines, server.stop)
    gc.collect()
    gc.freeze()  # what lives as long as the process need not be looked through for garbage
    server.run_until_stopped()
    return 0


def _lifelines(settings: Settings) -> list[int]:
    return [sys.stdin.fileno()] if settings.stop_with_stdin else []


def _stop_at_the_end_of(lifelines: Sequence[int], stop: Callable[[], None]) -> None:
    for lifeline in lifelines:
        threading.Thread(target=_wait_for_the_end, args=(lifeline, stop), daemon=True).start()


def _wait_for_the_end(lifeline: int, stop: Callable[[], None]) -> None:
    while os.read(lifeline, 4096):
        pass
    stop()


def _refuse(problem: str, code: int) -> int:
    sys.stderr.write(f"serving refused to start: {problem}\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
