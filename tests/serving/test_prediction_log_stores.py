"""A folder, an object store and the twin in memory keep the same promises to the log's writer."""

import gzip
import http.server
import json
import os
import resource
import shutil
import signal
import socket
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import obstore
import pytest
from moto.server import ThreadedMotoServer
from obstore.store import S3Store

from serving.prediction_log.folder_store import FolderStore
from serving.prediction_log.memory_store import MemoryStore
from serving.prediction_log.object_store import ObjectStore
from serving.prediction_log.stores import Store, StoreFailed, TargetInvalid, open_store

SECRET = "wJalrXUtnFEMI/K7MDENG"  # noqa: S105 - made up


@dataclass(frozen=True)
class Place:
    """A kind of store with what a test needs around it."""

    store: Callable[[], Store]
    files: Callable[[], list[bytes]]
    break_it: Callable[[], None]
    mend_it: Callable[[], None]


def member(*lines: str) -> bytes:
    return gzip.compress("".join(f"{line}\n" for line in lines).encode())


def lines_of(files: list[bytes]) -> list[str]:
    return sorted(line for file in files for line in gzip.decompress(file).decode().splitlines())


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


def environment(endpoint: str) -> dict[str, str]:
    return {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_REGION": "us-east-1",
        "AWS_PROFILE": "a setting of Amazon's tools that obstore does not know",
        "HOME": "/",
    }


def bucket(endpoint: str, name: str) -> S3Store:
    return S3Store(
        name,
        endpoint=endpoint,
        access_key_id="key",
        secret_access_key=SECRET,
        region="us-east-1",
        client_options={"allow_http": True},
    )


def create(endpoint: str, name: str) -> None:
    assert httpx.put(f"{endpoint}/{name}").status_code == 200


def in_folder(path: Path) -> Place:
    def away() -> None:
        path.rename(path.with_name("elsewhere"))
        path.write_text("a file stands where the folder was")

    def back() -> None:
        path.unlink()
        path.with_name("elsewhere").rename(path)

    return Place(lambda: FolderStore(path), lambda: [file.read_bytes() for file in path.glob("*")], away, back)


def in_bucket(endpoint: str, name: str) -> Place:
    """Objects; broken means that the bucket is gone."""
    create(endpoint, name)
    stores: list[ObjectStore] = []

    def opened() -> ObjectStore:
        stores.append(ObjectStore(f"s3://{name}/some/prefix", environment(endpoint)))
        return stores[-1]

    def files() -> list[bytes]:
        client = bucket(endpoint, name)
        return [
            bytes(obstore.get(client, entry["path"]).bytes()) for page in client.list("some/prefix/") for entry in page
        ]

    def empty_and_delete() -> None:
        assert files() == []
        assert httpx.delete(f"{endpoint}/{name}").status_code == 204

    return Place(opened, files, empty_and_delete, lambda: create(endpoint, name))


def in_memory() -> Place:
    stores: list[MemoryStore] = []

    def opened() -> MemoryStore:
        stores.append(MemoryStore())
        return stores[-1]

    def set_broken(broken: bool) -> None:
        for store in stores:
            store.broken = broken

    def files() -> list[bytes]:
        return [file for store in stores for file in (*store.files.values(), b"".join(store.under_way)) if file]

    return Place(opened, files, lambda: set_broken(True), lambda: set_broken(False))


@pytest.fixture(params=["folder", "object store", "memory"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    if request.param == "folder":
        return in_folder(tmp_path / "log")
    if request.param == "object store":
        return in_bucket(request.getfixturevalue("s3"), f"bucket-{os.getpid()}-{time.monotonic_ns()}")
    return in_memory()


def test_what_was_appended_can_be_read_once_it_is_finished(place: Place) -> None:
    store = place.store()
    store.append(member("one", "two"), 2)
    store.append(member("three"), 1)
    store.finish()
    assert len(place.files()) == 1
    assert lines_of(place.files()) == ["one", "three", "two"]


def test_each_line_is_told_to_be_safe_exactly_once(place: Place) -> None:
    store = place.store()
    told = store.append(member("one", "two"), 2) + store.append(member("three"), 1) + store.finish() + store.finish()
    assert told == 3


def test_what_is_told_to_be_safe_is_there(place: Place) -> None:
    store = place.store()
    for _ in range(3):
        if store.append(member("line"), 1) or store.finish():
            break
    assert lines_of(place.files()) == ["line"]


def test_nothing_to_finish_makes_no_file(place: Place) -> None:
    store = place.store()
    assert store.finish() == 0
    assert place.files() == []


def test_a_finished_file_is_left_alone(place: Place) -> None:
    store = place.store()
    for line in ("one", "two"):
        store.append(member(line), 1)
        store.finish()
    assert sorted(gzip.decompress(file) for file in place.files()) == [b"one\n", b"two\n"]


def test_stores_of_several_workers_do_not_meet(place: Place) -> None:
    stores = [place.store() for _ in range(4)]
    for turn in range(3):
        for number, store in enumerate(stores):
            store.append(member(f"{number} {turn}"), 1)
            store.finish()
    assert lines_of(place.files()) == sorted(f"{number} {turn}" for number in range(4) for turn in range(3))


def test_after_an_outage_nothing_is_missing_and_nothing_doubled(place: Place) -> None:
    store = place.store()
    store.append(member("before"), 1)
    place.break_it()
    failures = 0
    for action in (lambda: store.append(member("during"), 1), store.finish):
        try:
            action()
        except StoreFailed:
            failures += 1
            place.mend_it()
            action()
    store.append(member("after"), 1)
    store.finish()
    assert failures == 1
    assert lines_of(place.files()) == ["after", "before", "during"]


# The folder


def test_a_file_under_way_is_told_by_its_name(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    store.append(member("one"), 1)
    (under_way,) = tmp_path.iterdir()
    assert under_way.name.endswith(".jsonl.gz.part")
    store.finish()
    assert [file.name for file in tmp_path.iterdir()] == [under_way.name.removesuffix(".part")]
    assert f"-{os.getpid()}-0.jsonl.gz" in under_way.name


def test_only_owner_and_group_may_read_a_file(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    store.append(member("one"), 1)
    (file,) = tmp_path.iterdir()
    assert file.stat().st_mode & 0o137 == 0


def test_a_deleted_folder_is_made_again(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "log")
    store.append(member("lost with the folder"), 1)
    shutil.rmtree(tmp_path / "log")
    store.append(member("kept"), 1)
    store.finish()
    assert lines_of([file.read_bytes() for file in (tmp_path / "log").iterdir()]) == ["kept"]


def test_a_file_that_is_too_large_for_the_system_ends_with_a_whole_member(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    store.append(member("first"), 1)
    (file,) = tmp_path.iterdir()
    with longest_file(file.stat().st_size + 10), pytest.raises(StoreFailed, match="File too large"):
        store.append(member("second, which is torn in the middle"), 1)
    store.append(member("third"), 1)
    store.finish()
    assert lines_of([file.read_bytes() for file in tmp_path.iterdir()]) == ["first", "third"]


@contextmanager
def longest_file(size: int) -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", disk], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("mounting a small file system needs root")
    yield disk
    subprocess.run(["umount", "--lazy", disk], check=True)


def test_a_full_disk_tears_nothing_and_is_used_again_when_there_is_room(small_disk: Path) -> None:
    store = FolderStore(small_disk)
    store.append(member("before"), 1)
    ballast = small_disk / "ballast"
    with pytest.raises(OSError, match="No space left"):
        ballast.write_bytes(bytes(100_000))
    with pytest.raises(StoreFailed, match="No space left"):
        store.append(gzip.compress(os.urandom(20_000)), 1)
    ballast.unlink()
    store.append(member("after"), 1)
    store.finish()
    assert lines_of([file.read_bytes() for file in small_disk.iterdir()]) == ["after", "before"]


def test_after_a_kill_all_that_was_appended_is_readable(tmp_path: Path) -> None:
    program = """
        import gzip, sys, time
        from pathlib import Path
        from serving.prediction_log.folder_store import FolderStore
        store = FolderStore(Path(sys.argv[1]))
        for number in range(5):
            store.append(gzip.compress(b"%d\\n" % number), 1)
        print("appended", flush=True)
        time.sleep(60)
    """
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(program), tmp_path], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "appended\n"
        process.send_signal(signal.SIGKILL)
    assert lines_of([file.read_bytes() for file in tmp_path.iterdir()]) == ["0", "1", "2", "3", "4"]


# The object store


def test_objects_lie_under_the_prefix_and_are_named_like_files(s3: str) -> None:
    create(s3, "named")
    store = ObjectStore("s3://named/some/prefix/", environment(s3))
    store.append(member("one"), 1)
    store.finish()
    (page,) = bucket(s3, "named").list()
    assert page[0]["path"].startswith("some/prefix/predictions-")
    assert page[0]["path"].endswith(".jsonl.gz")


def test_a_store_that_refuses_connections_is_told_without_its_secret() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        store = ObjectStore("s3://bucket/prefix", environment(f"http://127.0.0.1:{unused.getsockname()[1]}"))
        store.append(member("one"), 1)
        with pytest.raises(StoreFailed, match="s3://bucket/prefix cannot be written") as failure:
            store.finish()
    assert SECRET not in str(failure.value)
    assert "\n" not in str(failure.value)


def test_a_store_that_hangs_counts_as_failed_in_time_and_others_run_meanwhile() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        store = ObjectStore("s3://bucket", environment(f"http://127.0.0.1:{silent.getsockname()[1]}"), seconds=0.5)
        store.append(member("one"), 1)
        ticks: list[float] = []
        ended = threading.Event()
        threading.Thread(target=lambda: [ticks.append(1) for _ in iter(lambda: ended.wait(0.01), True)]).start()
        begun = time.monotonic()
        with pytest.raises(StoreFailed):
            store.finish()
        assert time.monotonic() - begun < 5
        ended.set()
    assert len(ticks) > 5


class _Moody(http.server.BaseHTTPRequestHandler):
    """Answers 500 with the caller's key in the text, as S3 does with 403, then 200."""

    def do_PUT(self) -> None:
        received = self.rfile.read(int(self.headers["Content-Length"]))
        server = self.server
        assert isinstance(server, _MoodyServer)
        server.received.append(received)
        status = server.answers.pop(0)
        text = f"<Error><AWSAccessKeyId>{SECRET}</AWSAccessKeyId></Error>".encode() if status != 200 else b""
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.send_header("ETag", '"0"')
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, format: str, *arguments: object) -> None:
        pass


class _MoodyServer(http.server.ThreadingHTTPServer):
    answers: list[int]
    received: list[bytes]


@contextmanager
def moody(*answers: int) -> Iterator[_MoodyServer]:
    server = _MoodyServer(("127.0.0.1", 0), _Moody)
    server.answers, server.received = list(answers), []
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("status", [500, 503, 403])
def test_a_refusal_keeps_the_file_for_the_next_try(status: int) -> None:
    with moody(status, 200) as server:
        store = ObjectStore("s3://bucket", environment(f"http://127.0.0.1:{server.server_port}"))
        store.append(member("one"), 1)
        with pytest.raises(StoreFailed) as failure:
            store.finish()
        assert store.finish() == 1
        assert server.received == [server.received[0]] * 2
    assert SECRET not in str(failure.value)


# Which store an address means


def test_a_path_means_a_folder(tmp_path: Path) -> None:
    store = open_store(str(tmp_path / "log"), {})
    store.append(member("one"), 1)
    assert len(list((tmp_path / "log").iterdir())) == 1


def test_an_s3_address_means_an_object_store(s3: str) -> None:
    create(s3, "addressed")
    store = open_store("s3://addressed/prefix", environment(s3))
    store.append(member("one"), 1)
    assert store.finish() == 1


@pytest.mark.parametrize("address", ["gs://bucket", "s3://", "s3:///prefix", "s3://key:secret@bucket", "s3://b?x=1"])
def test_an_address_that_means_nothing_is_refused_in_words(address: str) -> None:
    with pytest.raises(TargetInvalid, match="s3://bucket/prefix") as refusal:
        open_store(address, {})
    assert "secret" not in str(refusal.value)


def test_obstore_is_imported_only_when_an_upload_needs_it() -> None:
    program = """
        import sys
        from serving.prediction_log.stores import open_store
        open_store("s3://bucket", {}).append(b"", 1)
        print("obstore" in sys.modules)
    """
    answer = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)], capture_output=True, text=True, check=True
    )
    assert answer.stdout == "False\n"


def test_a_file_can_be_read_line_by_line_with_what_python_brings(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    store.append(member('{"kind": "prediction"}'), 1)
    store.append(member('{"kind": "feedback"}'), 1)
    store.finish()
    (path,) = tmp_path.iterdir()
    with gzip.open(path, "rt") as file:
        assert [json.loads(line)["kind"] for line in file] == ["prediction", "feedback"]
