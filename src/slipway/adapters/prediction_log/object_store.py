"""A prediction log in an S3-compatible store, through obstore."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from slipway.core.errors import LogUnavailable
from slipway.core.log_file import LogFile

if TYPE_CHECKING:
    from obstore.store import S3Store

SETTINGS = frozenset({
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_S3",
    "AWS_ROLE_ARN",
    "AWS_ROLE_SESSION_NAME",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
})  # fmt: skip
_PIECE = 2**20
_LONGEST_PROBLEM = 300
_NAME = re.compile(r"predictions-.*\.jsonl\.gz")


class ObjectStoreLog:
    """Reads what ``--log-to s3://bucket/prefix`` writes.

    Args:
        address: ``s3://bucket/prefix``.
        environment: of which ``SETTINGS`` are taken.
        seconds: after which a request counts as failed; each is tried again twice.

    Raises:
        LogUnavailable: the address names no bucket.
    """

    def __init__(self, address: str, environment: Mapping[str, str], seconds: float = 30.0) -> None:
        parts = urlsplit(address)
        if parts.scheme != "s3" or not parts.hostname or parts.username or parts.query or parts.fragment:
            raise LogUnavailable(
                "the prediction log's address is neither a folder nor s3://bucket/prefix",
                cause="a typing mistake, or another kind of store",
                next_step="give --log, or SLIPWAY_PREDICTION_LOG, the address that the endpoint's --log-to has",
            )
        self._bucket, self._prefix = parts.netloc, parts.path.strip("/")
        self._settings = {name: environment[name] for name in SETTINGS & environment.keys() if environment[name]}
        self._timeout = timedelta(seconds=seconds)

    def files(self) -> tuple[LogFile, ...]:
        """All files; see the port."""
        with self._translated():
            listed = [_listed(entry) for page in self._client.list() for entry in page]
        return tuple(sorted((file for file in listed if _NAME.fullmatch(file.name)), key=lambda file: file.name))

    def pieces(self, name: str) -> Iterator[bytes]:
        """A file's bytes; see the port."""
        with self._translated():
            for piece in self._client.get(name).stream(min_chunk_size=_PIECE):
                yield bytes(piece)

    @cached_property
    def _client(self) -> "S3Store":
        from obstore.store import S3Store

        speaks_http = any(self._settings.get(name, "").startswith("http://") for name in SETTINGS if "ENDPOINT" in name)
        client: dict[str, Any] = {"timeout": self._timeout, "allow_http": speaks_http}
        return S3Store(
            self._bucket,
            prefix=self._prefix or None,
            config=self._settings,  # type: ignore[arg-type]
            client_options=client,  # type: ignore[arg-type]
            retry_config={"max_retries": 2, "retry_timeout": self._timeout},
        )

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except Exception as error:  # obstore raises its own errors and some of Python's
            raise LogUnavailable(
                f"the prediction log at s3://{self._bucket}/{self._prefix} cannot be read ({_told(error)})",
                cause="the store is out of reach, has no such bucket, or does not let this account read it",
                next_step="check the address and the AWS_ variables that docs/prediction-log.md names, then run again",
            ) from error


def _listed(entry: Mapping[str, Any]) -> LogFile:
    return LogFile(entry["path"], entry["last_modified"].timestamp(), entry["size"])


def _told(error: Exception) -> str:
    """The first line, without what a server wrote into its answer and without credentials in an address."""
    lines = str(error).splitlines()
    told = re.sub(r"//[^/@\s]*@", "//", (lines or [""])[0]).partition("<")[0].strip(" :")
    return told[:_LONGEST_PROBLEM] or type(error).__name__
