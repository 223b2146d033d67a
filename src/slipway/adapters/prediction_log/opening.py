"""Which log an address means."""

from collections.abc import Mapping
from pathlib import Path

from slipway.adapters.prediction_log.folder import FolderLog
from slipway.adapters.prediction_log.object_store import ObjectStoreLog


def open_log(address: str, environment: Mapping[str, str]) -> FolderLog | ObjectStoreLog:
    """The log in a folder or at ``s3://bucket/prefix``; nothing is asked yet.

    Raises:
        LogUnavailable: it is neither.
    """
    return ObjectStoreLog(address, environment) if "://" in address else FolderLog(Path(address))
