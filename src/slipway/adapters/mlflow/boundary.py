"""Where MLflow begins: how it is kept quiet, how it is opened, and what its failures are called here."""

import logging
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from slipway.core.errors import RegistryUnreachable, SlipwayError, VersionUnknown, WriteFailed
from slipway.workspace.files import DISK_FULL, replacing

_FOREIGN = {"mlflow", "sqlalchemy", "alembic", "sqlite3", "requests", "urllib3", "botocore", "boto3", "google", "azure"}
_SETTINGS = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
    "MLFLOW_LOGGING_LEVEL": "WARNING",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "60",
}
_REFUSALS = {"PERMISSION_DENIED", "UNAUTHENTICATED", "CUSTOMER_UNAUTHORIZED"}
_PATIENCE = (3.0, 5.0)


def database(uri: str) -> Path | None:
    """The file behind a SQLite URI; None for any other store."""
    return Path(uri.removeprefix("sqlite:///")) if uri.startswith("sqlite:///") else None


def public(text: str) -> str:
    """A URI, or a message that holds some, without user, password and query."""
    return re.sub(r"\?\S*", "", re.sub(r"://\S*@", "://", text))


def connect(uri: str) -> Any:
    """An ``MlflowClient``; a SQLite database that does not exist is made whole or not at all.

    Raises:
        RegistryUnreachable: within seconds, when a tracking server does not answer.
    """
    for name, value in _SETTINGS.items():
        os.environ.setdefault(name, value)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    logging.getLogger("mlflow.store.db.utils").setLevel(logging.CRITICAL)  # it logs the traceback of what it raises
    _probe(uri)
    from mlflow.tracking import MlflowClient

    path = database(uri)
    if path is not None and (not path.exists() or path.stat().st_size == 0):
        _make_database(path)
    return MlflowClient(uri, uri)


def _make_database(path: Path) -> None:
    """Some fifty migrations; a file that does not count before it is whole need not reach the disk after each."""
    from mlflow.tracking import MlflowClient
    from sqlalchemy import event
    from sqlalchemy.engine import Engine

    def in_memory(connection: Any, _: Any) -> None:
        connection.executescript("PRAGMA synchronous=OFF; PRAGMA journal_mode=MEMORY;")

    event.listen(Engine, "connect", in_memory)
    try:
        with replacing(path) as temporary:
            MlflowClient(f"sqlite:///{temporary}", f"sqlite:///{temporary}")
    finally:
        event.remove(Engine, "connect", in_memory)


def _probe(uri: str) -> None:
    """MLflow retries for minutes before it gives up; one short question first. Any answer will do."""
    if urlsplit(uri).scheme not in {"http", "https"}:
        return
    import requests

    try:
        requests.get(f"{uri.rstrip('/')}/health", timeout=_PATIENCE, stream=True).close()
    except requests.exceptions.SSLError:
        return
    except (requests.exceptions.ConnectionError, requests.exceptions.Timeout) as error:
        raise _unreachable(error, uri) from error


@contextmanager
def translated(uri: str) -> Iterator[None]:
    """Raise everything that MLflow and the libraries below it raise as one of our errors."""
    try:
        yield
    except SlipwayError:
        raise
    except Exception as error:
        ours = _ours(error, uri)
        if ours is None:
            raise
        raise ours from error


def _ours(error: Exception, uri: str) -> SlipwayError | None:
    if "database or disk is full" in str(error):  # SQLite's words; its error code is lost on the way up
        return _full(str(database(uri)))
    room = type(error).__module__.split(".")[0]
    if room in _FOREIGN:
        return _missing(error) if _code(error) == "RESOURCE_DOES_NOT_EXIST" else _unreachable(error, uri)
    if isinstance(error, ConnectionError | TimeoutError):
        return _unreachable(error, uri)
    return _unwritable(error) if isinstance(error, OSError) else None


def _code(error: Exception) -> str:
    return str(getattr(error, "error_code", ""))


def _missing(error: Exception) -> VersionUnknown:
    return VersionUnknown(
        f"MLflow has no such entry: {_told(error)}",
        cause="it was deleted, or another registry is configured than the one it was made in",
        next_step="see what there is with `slipway history`",
    )


def _unreachable(error: Exception, uri: str) -> RegistryUnreachable:
    cause, next_step = _diagnosis(error, uri)
    return RegistryUnreachable(
        f"MLflow at {public(uri)} cannot be used: {_told(error)}", cause=cause, next_step=next_step
    )


def _diagnosis(error: Exception, uri: str) -> tuple[str, str]:
    if _code(error) in _REFUSALS:
        return (
            "the server refused the credentials, or they may not do this",
            "check MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN",
        )
    path = database(uri)
    if path is not None:
        return (
            "the database is damaged, in use by another program, or of another MLflow version",
            f"end programs that use {path}; if that does not help, move it away and run again: it is made anew",
        )
    return (
        "the server is down, the network does not reach it, or MLFLOW_TRACKING_URI is wrong",
        "check MLFLOW_TRACKING_URI, then run the same command again: what is done is kept",
    )


def _unwritable(error: OSError) -> WriteFailed:
    if error.errno in DISK_FULL:
        return _full(_told(error))
    return WriteFailed(
        f"MLflow's artifacts could not be written or read: {_told(error)}",
        cause="a file is missing, or its permissions forbid it",
        next_step="mend the permissions, or restore the file, then run the same command again",
    )


def _full(what: str) -> WriteFailed:
    return WriteFailed(
        f"MLflow's store could not be written: {what}",
        cause="the disk is full",
        next_step="free space, then run the same command again: what is done is kept",
    )


def _told(error: Exception) -> str:
    lines = public(str(error)).strip().splitlines()
    return lines[0][:200] if lines else type(error).__name__
