"""Log files as objects of an S3-compatible store, through obstore."""

import importlib.util
import re
import secrets
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from serving.prediction_log.stores import Names, Rotation, StoreFailed, TargetInvalid

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
_LONGEST_PROBLEM = 300


class ObjectStore:
    """Collects a file in memory and uploads it as one object when it is finished: an object cannot grow.

    Lines are safe once their object is uploaded. A name is used for one object only, so an upload whose answer was
    lost may be repeated.

    Args:
        address: ``s3://bucket/prefix``.
        environment: of which ``SETTINGS`` are taken.
        seconds: after which an upload counts as failed.

    Raises:
        TargetInvalid: the address names no bucket, or obstore is not installed.
    """

    rotation = Rotation(size=4 * 2**20, seconds=60)

    def __init__(
        self,
        address: str,
        environment: Mapping[str, str],
        clock: Callable[[], float] = time.time,
        seconds: float = 30.0,
    ) -> None:
        parts = urlsplit(address)
        if not parts.hostname or parts.username or parts.query or parts.fragment:
            raise TargetInvalid("an object store's address is s3://bucket/prefix and holds nothing else")
        if importlib.util.find_spec("obstore") is None:
            raise TargetInvalid(f"{address} needs the package obstore, which is not installed")
        self._bucket, self._prefix = parts.netloc, parts.path.strip("/")
        self._settings = {name: environment[name] for name in SETTINGS & environment.keys() if environment[name]}
        self._timeout = timedelta(seconds=seconds)
        self._names = Names(secrets.token_hex(4), clock)
        self._client: S3Store | None = None
        self._name = ""
        self._file = bytearray()
        self._lines = 0

    def __str__(self) -> str:
        return f"object store s3://{self._bucket}/{self._prefix}"

    def append(self, member: bytes, lines: int) -> int:
        """Keep a member in memory; none of its lines is safe yet."""
        self._name = self._name or self._names.next()
        self._file += member
        self._lines += lines
        return 0

    def finish(self) -> int:
        """Upload what was collected; it stays in memory until that has worked."""
        if not self._lines:
            return 0
        try:
            self._connected().put(self._name, bytes(self._file), use_multipart=False)
        except Exception as error:  # obstore raises its own errors and some of Python's
            raise StoreFailed(f"{self} cannot be written ({_told(error)})") from error
        safe, self._name, self._file, self._lines = self._lines, "", bytearray(), 0
        return safe

    def _connected(self) -> "S3Store":
        """The client, made in the thread and process that use it: its own threads would not survive a fork."""
        if self._client is None:
            from obstore.store import S3Store

            client: dict[str, Any] = {"timeout": self._timeout, "allow_http": self._speaks_http()}
            self._client = S3Store(
                self._bucket,
                prefix=self._prefix or None,
                config=self._settings,  # type: ignore[arg-type]
                client_options=client,  # type: ignore[arg-type]
                retry_config={"max_retries": 0, "retry_timeout": self._timeout},  # the writer itself tries again
            )
        return self._client

    def _speaks_http(self) -> bool:
        return any(self._settings.get(name, "").startswith("http://") for name in SETTINGS if "ENDPOINT" in name)


def _told(error: Exception) -> str:
    """The first line, without what a server wrote into its answer and without credentials in an address."""
    lines = str(error).splitlines()
    told = re.sub(r"//[^/@\s]*@", "//", (lines or [""])[0]).partition("<")[0].strip(" :")
    return told[:_LONGEST_PROBLEM] or type(error).__name__
