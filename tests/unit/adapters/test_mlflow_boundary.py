import errno
import sqlite3

import pytest

from slipway.adapters.mlflow.boundary import translated
from slipway.core.errors import RegistryUnreachable, WriteFailed

STORE = "sqlite:////project/.slipway/mlflow.db"


def meeting(error: Exception) -> None:
    with translated(STORE):
        raise error


@pytest.mark.parametrize(
    "error",
    [sqlite3.OperationalError("database or disk is full"), OSError(errno.ENOSPC, "No space left on device")],
    ids=["database", "artifacts"],
)
def test_a_full_disk_is_told_as_such(error: Exception) -> None:
    with pytest.raises(WriteFailed) as told:
        meeting(error)
    assert told.value.cause == "the disk is full"


def test_a_damaged_database_is_told_with_its_place() -> None:
    with pytest.raises(RegistryUnreachable) as told:
        meeting(sqlite3.DatabaseError("file is not a database"))
    assert "/project/.slipway/mlflow.db" in told.value.next_step
