"""What the endpoint is told from outside: each option is an argument, and an environment variable of the same name.

``--max-rows 100`` and ``SLIPWAY_MAX_ROWS=100`` are one; the argument counts where both are given. Nothing below this
file reads the environment.
"""

import argparse
import ipaddress
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MIB = 1 << 20


@dataclass(frozen=True)
class Limits:
    """What one caller, and all together, may ask for.

    Attributes:
        body_bytes: of one request.
        rows: of one request.
        seconds: until a request has come whole, and until it is answered.
        concurrency: requests that are answered at the same time; more get 503.
        connections: open at the same time; more get 503.
        buffered_bytes: of requests that have not come whole, all together.
        header_bytes: of one request.
        keep_alive_seconds: that a connection may be idle.
        rate, address_rate: requests a second of one key, and of one address; 0 is no limit.
        wrong_key_rate: keys a second of one address that are not known.
    """

    body_bytes: int
    rows: int
    seconds: float
    concurrency: int
    connections: int
    rate: float
    address_rate: float
    wrong_key_rate: float
    buffered_bytes: int = 64 * MIB
    header_bytes: int = 32 * 1024
    keep_alive_seconds: int = 75


@dataclass(frozen=True)
class LogTo:
    """Where predictions are logged: ``target`` is a folder or an s3:// URL, None for nowhere."""

    target: str | None
    rotate_bytes: int | None
    rotate_seconds: float | None
    buffer_bytes: int
    salt: bytes | None


@dataclass(frozen=True)
class Settings:
    """Everything an endpoint is told.

    Attributes:
        management_port: where health and metrics are answered without a key; None for ``port`` itself.
        keys: a file of hashed keys, or None where everybody is let in.
        credentials: of the object store, such as AWS_REGION; never logged.
        traces_to: OpenTelemetry's endpoint, or None.
    """

    bundle: Path
    bundle_digest: str | None
    host: str
    port: int
    management_port: int | None
    workers: int
    model_version: str | None
    keys: Path | None
    limits: Limits
    log: LogTo
    stop_with_stdin: bool
    credentials: Mapping[str, str]
    traces_to: str | None


class SettingsWrong(Exception):
    """Options that exclude each other."""


class KeysMissing(Exception):
    """An address that others reach, and no keys to tell them apart."""


def read_settings(arguments: Sequence[str] | None, environment: Mapping[str, str]) -> Settings:
    """Settings of arguments (those of the process when None) and environment.

    Raises:
        SystemExit: code 2, an option is unknown or has no value of its kind.
        KeysMissing: the address is not this machine's own, and there are no keys.
    """
    parser = _parser(environment)
    given = parser.parse_args(arguments)
    if given.keys is None and not given.open and not is_loopback(given.host):
        raise KeysMissing(
            f"{given.host} can be reached by others, and no keys are set; give --keys FILE (SLIPWAY_KEYS), "
            "or --open (SLIPWAY_OPEN=true) to let everybody in"
        )
    return Settings(
        bundle=given.bundle,
        bundle_digest=given.bundle_digest,
        host=given.host,
        port=given.port,
        management_port=given.management_port,
        workers=given.workers,
        model_version=given.model_version,
        keys=None if given.open else given.keys,
        limits=Limits(
            body_bytes=given.max_body_bytes,
            rows=given.max_rows,
            seconds=given.timeout,
            concurrency=given.concurrency,
            connections=given.connections,
            rate=given.rate,
            address_rate=given.address_rate,
            wrong_key_rate=given.wrong_key_rate,
        ),
        log=LogTo(
            target=given.log_to,
            rotate_bytes=given.log_rotate_bytes,
            rotate_seconds=given.log_rotate_seconds,
            buffer_bytes=given.log_buffer_bytes,
            salt=(environment.get("SLIPWAY_LOG_SALT") or "").encode() or None,
        ),
        stop_with_stdin=given.stop_with_stdin,
        credentials={name: value for name, value in environment.items() if name.startswith("AWS_")},
        traces_to=environment.get("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
        or environment.get("OTEL_EXPORTER_OTLP_ENDPOINT")
        or None,
    )


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches an address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _parser(environment: Mapping[str, str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m serving",
        description="Answer predictions of a bundle over HTTP.",
        epilog="Every option is also read from the environment: --max-rows from SLIPWAY_MAX_ROWS, and so on.",
    )
    parser.add_argument("bundle", type=Path, help="folder with model.onnx, signature.json, record.json, manifest.json")

    def option(name: str, kind: Callable[[str], Any], default: Any, text: str) -> None:
        variable = f"SLIPWAY_{name.upper().replace('-', '_')}"
        set_here = environment.get(variable) or None  # argparse checks and converts a default that is a string
        shown = "" if default is None else f" (default: {default})"
        parser.add_argument(f"--{name}", type=kind, default=set_here or default, help=f"{text}{shown}")

    def flag(name: str, text: str) -> None:
        variable = f"SLIPWAY_{name.upper().replace('-', '_')}"
        parser.add_argument(f"--{name}", action="store_true", default=_is_yes(environment.get(variable)), help=text)

    option("host", str, "127.0.0.1", "address to listen on")
    option("port", _port, 8080, "port; 0 chooses a free one")
    option("management-port", _port, None, "answer health and metrics here, without a key, and nowhere else")
    option("workers", _count, 1, "processes that answer")
    option("model-version", str, None, "what to call the model in answers (default: its record's digest)")
    option("bundle-digest", str, None, "SHA-256 that the bundle's manifest must have")
    option("keys", Path, None, "file of hashed API keys, read again when it changes")
    flag("open", "let everybody in, whatever the address and the keys")
    option("max-body-bytes", _count, 4 * MIB, "longest request")
    option("max-rows", _count, 10_000, "most rows in one request")
    option("timeout", _seconds, 10.0, "seconds until a request must have come whole, and until it is answered")
    option("concurrency", _count, 128, "requests answered at the same time; more get 503")
    option("connections", _count, 1000, "open connections; more get 503")
    option("rate", _rate, 0.0, "requests a second of one key, a worker; 0 is no limit")
    option("address-rate", _rate, 0.0, "requests a second of one address, a worker; 0 is no limit")
    option("wrong-key-rate", _rate, 10.0, "wrong keys a second of one address, a worker; 0 is no limit")
    option("log-to", str, None, "folder or s3:// URL of the prediction log")
    option("log-rotate-bytes", _count, None, "size of a log file (default: what suits the store)")
    option(
        "log-rotate-seconds",
        _seconds,
        None,
        "age of a log file (default: what suits the store)",
    )
    option("log-buffer-bytes", _count, 4 * MIB, "log entries kept in memory at most")
    flag("stop-with-stdin", "also stop when standard input ends, as with the starter's death")
    return parser


def _is_yes(text: str | None) -> bool:
    return (text or "").lower() in {"1", "true", "yes"}


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65535:
        raise argparse.ArgumentTypeError("a port lies between 0 and 65535")
    return port


def _count(text: str) -> int:
    count = int(text)
    if count < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return count


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 < seconds < 1e6:
        raise argparse.ArgumentTypeError("a number of seconds above 0")
    return seconds


def _rate(text: str) -> float:
    rate = float(text)
    if not 0 <= rate < 1e9:
        raise argparse.ArgumentTypeError("a number of requests a second, or 0")
    return rate
