"""A folder, an object store and the twin in memory show the same log."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import obstore
import pytest
from moto.server import ThreadedMotoServer
from obstore.store import S3Store

from slipway.adapters.prediction_log.folder import FolderLog
from slipway.adapters.prediction_log.object_store import ObjectStoreLog
from slipway.adapters.prediction_log.opening import open_log
from slipway.adapters.prediction_log.twin import InMemoryLog
from slipway.core.errors import LogUnavailable
from slipway.ports import PredictionLog
from tests.support.prediction_logs import START, name

SECRET = "wJalrXUtnFEMI/K7MDENG"  # noqa: S105 - made up
FIRST, SECOND = name(START), name(START + 60, number=1)


@dataclass(frozen=True)
class Place:
    """A log, how a file gets there, and the same kind of log where nothing answers."""

    log: PredictionLog
    put: Callable[[str, bytes], None]
    lost: PredictionLog


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


def settings(address: str) -> dict[str, str]:
    return {
        "AWS_ENDPOINT_URL": address,
        "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7",
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_REGION": "us-east-1",
    }


def _in_store(address: str, bucket: str) -> Place:
    config = settings(address)
    store = S3Store(bucket, config=config, client_options={"allow_http": True})  # type: ignore[arg-type]
    import httpx

    httpx.put(f"{address}/{bucket}").raise_for_status()
    log = ObjectStoreLog(f"s3://{bucket}/logs/churn", config)
    lost = ObjectStoreLog("s3://no-such-bucket/logs", config, seconds=5.0)
    return Place(log, lambda called, content: _put(store, f"logs/churn/{called}", content), lost)


def _put(store: S3Store, called: str, content: bytes) -> None:
    obstore.put(store, called, content)


@pytest.fixture(params=["folder", "object store", "twin"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    if request.param == "folder":
        folder = tmp_path / "log"
        folder.mkdir()
        return Place(FolderLog(folder), lambda n, c: (folder / n).write_bytes(c) and None, FolderLog(tmp_path / "no"))
    if request.param == "twin":
        held: dict[str, tuple[bytes, float]] = {}
        return Place(InMemoryLog(held), lambda n, c: held.update({n: (c, START)}), InMemoryLog(None))
    return _in_store(request.getfixturevalue("s3"), f"bucket-{abs(hash(tmp_path))}")


def test_an_empty_log_has_no_files(place: Place) -> None:
    assert place.log.files() == ()


def test_files_come_in_order_of_their_names_with_size_and_time(place: Place) -> None:
    place.put(SECOND, b"second")
    place.put(FIRST, b"1st")
    files = place.log.files()
    assert [(file.name, file.size) for file in files] == [(FIRST, 3), (SECOND, 6)]
    assert all(file.modified > 1.7e9 for file in files)


def test_a_files_bytes_are_all_there_whatever_its_size(place: Place) -> None:
    content = os.urandom(3 * 2**20 + 17)
    place.put(FIRST, content)
    assert b"".join(place.log.pieces(FIRST)) == content


def test_a_log_out_of_reach_is_told_without_a_secret(place: Place) -> None:
    for ask in (place.lost.files, lambda: list(place.lost.pieces(FIRST))):
        with pytest.raises(LogUnavailable) as told:
            ask()
        assert SECRET not in str(told.value)
        assert told.value.next_step


def test_a_file_that_vanished_is_told(place: Place) -> None:
    with pytest.raises(LogUnavailable):
        list(place.log.pieces(FIRST))


def test_a_file_under_way_is_listed_and_found_when_it_was_finished_meanwhile(tmp_path: Path) -> None:
    (tmp_path / f"{FIRST}.part").write_bytes(b"some")
    (tmp_path / "notes.txt").write_text("of somebody else")
    log = FolderLog(tmp_path)
    assert [file.name for file in log.files()] == [f"{FIRST}.part"]
    (tmp_path / f"{FIRST}.part").rename(tmp_path / FIRST)
    assert b"".join(log.pieces(f"{FIRST}.part")) == b"some"


def test_a_store_that_does_not_listen_is_told_in_time() -> None:
    with pytest.raises(LogUnavailable, match="s3://bucket/logs cannot be read") as told:
        ObjectStoreLog("s3://bucket/logs", settings("http://127.0.0.1:9"), seconds=1.0).files()
    assert SECRET not in str(told.value)


@pytest.mark.parametrize("address", ["gs://bucket/logs", "s3://", "s3://key:secret@bucket/logs", "s3://bucket/a?b=c"])
def test_an_address_that_is_none_is_told_and_not_repeated(address: str) -> None:
    with pytest.raises(LogUnavailable) as told:
        open_log(address, {})
    assert "secret" not in str(told.value)


def test_an_address_without_a_scheme_is_a_folder(tmp_path: Path) -> None:
    assert isinstance(open_log(str(tmp_path), {}), FolderLog)
