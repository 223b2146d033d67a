"""What the log says of requests, what it does not, and that it never stands in their way."""

import gzip
import json
import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from serving.bundle.signature import Signature
from serving.inputs.rows import Row, row_type
from serving.prediction_log.folder_store import FolderStore
from serving.prediction_log.log import LogCounters, LogSettings, NoLog, PredictionLog
from serving.prediction_log.memory_store import MemoryStore
from serving.prediction_log.object_store import ObjectStore
from serving.prediction_log.privacy import hashed
from serving.prediction_log.stores import Store
from serving.telemetry.counters import Counters
from tests.support.documents import codes

AT = 1_700_000_000.1239
MODEL = {"name": "churn", "version": "3", "record": "sha256:ab"}
QUICK = LogSettings(flush_seconds=0.01, retry_seconds=0.01, longest_retry_seconds=0.02)
SALT = b"salt"
NAMES = ("written", "dropped", "failed")


def signature(**logged: str) -> Signature:
    fields = [
        {"name": "monthly charges", "type": "number", "nullable": True},
        {"name": "contract", "type": "category", "nullable": False},
        {"name": "postcode", "type": "category", "nullable": True},
    ]
    document = {
        "use_case": "churn",
        "title": "Who leaves",
        "task": "classification",
        "inputs": [field | {"log": logged.get(field["name"], "plain")} for field in fields],
        "output": "churn",
        "threshold": 0.5,
        "examples": [{"monthly charges": 1.0, "contract": "a", "postcode": None}],
    }
    return Signature.model_validate_json(json.dumps(document))


class Desk:
    """A log with a store one can look into and counters one can read."""

    def __init__(
        self, store: Store | None = None, settings: LogSettings = QUICK, salt: bytes | None = SALT, **logged: str
    ) -> None:
        self.memory = MemoryStore()
        self.signature = signature(**logged)
        self.counters = Counters(NAMES)
        self.log = PredictionLog(
            self.signature,
            store or self.memory,
            counters=LogCounters(*map(self.counters.counter, NAMES)),
            model=MODEL,
            salt=salt,
            settings=settings,
        )

    def row(self, charges: float | None = 20.5, contract: str = "a", postcode: str | None = "1234 AB") -> Row:
        cells = {"monthly charges": charges, "contract": contract, "postcode": postcode}
        return msgspec.convert(cells, row_type(self.signature))

    def predict(self, *rows: Row, request_id: str = "id") -> None:
        outputs = [{"probability": 0.25, "label": 0} for _ in rows]
        self.log.prediction(request_id, AT, rows, outputs, seconds=0.0012345, route="/predict", trace="00-ab-cd-01")

    def count(self, name: str) -> int:
        return int(self.counters.sum(name))

    def entries(self) -> list[dict[str, Any]]:
        """Everything the twin holds, after all was written."""
        self.log.start()
        self.log.stop(10)
        return entries_of(self.memory.files.values())


def entries_of(files: Any) -> list[dict[str, Any]]:
    return [json.loads(line) for file in files for line in gzip.decompress(file).splitlines()]


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline, "waited for 10 seconds"
        time.sleep(0.005)


# What an entry says


def test_a_prediction_says_what_was_asked_and_answered_by_whom_and_how_fast():
    desk = Desk()
    desk.predict(desk.row(), desk.row(None, "b", None))
    assert desk.entries() == [
        {
            "kind": "prediction",
            "id": "id",
            "time": "2023-11-14T22:13:20.123Z",
            "model": MODEL,
            "route": "/predict",
            "inputs": [
                {"monthly charges": 20.5, "contract": "a", "postcode": "1234 AB"},
                {"monthly charges": None, "contract": "b", "postcode": None},
            ],
            "outputs": [{"probability": 0.25, "label": 0}] * 2,
            "latency_ms": 1.234,
            "trace": "00-ab-cd-01",
        }
    ]


def test_the_time_is_right_in_every_second():
    desk = Desk()
    for at in (0.0, 59.9999, 60.0, 59.0, 1_700_000_000.999):
        desk.log.feedback("id", at, 0, 1)
    assert [entry["time"] for entry in desk.entries()] == [
        "1970-01-01T00:00:00.000Z",
        "1970-01-01T00:00:59.999Z",
        "1970-01-01T00:01:00.000Z",
        "1970-01-01T00:00:59.000Z",
        "2023-11-14T22:13:20.999Z",
    ]


@pytest.mark.parametrize("outcome", [1, 0.5, True, "left"])
def test_an_outcome_is_kept_as_it_was_sent(outcome: Any):
    desk = Desk()
    assert desk.log.feedback("id", AT, 2, outcome)
    [entry] = desk.entries()
    assert entry == {"kind": "feedback", "id": "id", "time": "2023-11-14T22:13:20.123Z", "row": 2, "outcome": outcome}
    assert type(entry["outcome"]) is type(outcome)


def test_a_text_with_line_ends_stays_in_its_line():
    desk = Desk()
    desk.predict(desk.row(contract="one\ntwo\u2028three"), request_id='"\n')
    [entry] = desk.entries()
    assert entry["inputs"][0]["contract"] == "one\ntwo\u2028three"
    assert entry["id"] == '"\n'


def problem(field: str | None, sent: Any) -> dict[str, Any]:
    return {"field": field, "row": 0, "problem": "is not a number", "sent": sent, "allowed": "a number"}


def test_a_refusal_says_what_was_wrong():
    desk = Desk()
    desk.log.refused("id", AT, [problem("monthly charges", "many")], route="/predict", trace=None)
    [entry] = desk.entries()
    assert entry["kind"] == "refused"
    assert entry["model"] == MODEL
    assert entry["problems"] == [problem("monthly charges", "many")]


# What it does not say


@pytest.mark.parametrize("kept", ["hashed", "left_out"])
@pytest.mark.parametrize("field", ["postcode", "Postcode", "rows", None])
def test_a_refusal_does_not_show_what_may_be_a_sensitive_value(field: str | None, kept: str):
    desk = Desk(postcode=kept)
    desk.log.refused("id", AT, [problem(field, "1234 AB"), problem("contract", 5)], route="/predict")
    [entry] = desk.entries()
    assert "1234 AB" not in json.dumps(entry)
    assert entry["problems"][0]["problem"] == "is not a number"
    assert entry["problems"][1]["sent"] == 5


def test_an_endless_name_is_cut():
    desk = Desk()
    desk.log.refused("id", AT, [problem("x" * 10_000, 1)], route="/predict")
    [entry] = desk.entries()
    assert len(entry["problems"][0]["field"]) == 200


def test_a_hashed_field_shows_its_hash_and_the_others_their_values():
    desk = Desk(postcode="hashed")
    desk.predict(desk.row())
    [entry] = desk.entries()
    [row] = entry["inputs"]
    assert row == {"monthly charges": 20.5, "contract": "a", "postcode": hashed(SALT, "postcode", "1234 AB")}
    assert len(bytes.fromhex(row["postcode"])) == 16


def test_a_field_that_is_left_out_does_not_appear():
    desk = Desk(**{"monthly charges": "left_out"})
    desk.predict(desk.row())
    [entry] = desk.entries()
    assert entry["inputs"] == [{"contract": "a", "postcode": "1234 AB"}]


def test_a_missing_value_of_a_hashed_field_stays_missing():
    desk = Desk(postcode="hashed")
    desk.predict(desk.row(postcode=None))
    [entry] = desk.entries()
    assert entry["inputs"][0]["postcode"] is None


def test_hashes_compare_within_a_field_and_a_salt_only():
    same = hashed(b"one", "postcode", "a")
    assert same == hashed(b"one", "postcode", "a")
    others = [hashed(b"one", "postcode", "b"), hashed(b"one", "contract", "a"), hashed(b"two", "postcode", "a")]
    assert same not in others


def test_the_hash_is_the_one_that_is_documented():
    # printf 'postcode\0"a"' | openssl dgst -sha256 -hmac one
    assert hashed(b"one", "postcode", "a") == "0eec7bc6900db82dbf105aee78a56207"


def test_without_a_salt_each_log_hashes_in_its_own_way():
    shown = []
    for _ in range(2):
        desk = Desk(salt=None, postcode="hashed")
        desk.predict(desk.row())
        desk.predict(desk.row())
        shown.append({entry["inputs"][0]["postcode"] for entry in desk.entries()})
    assert [len(hashes) for hashes in shown] == [1, 1]
    assert shown[0] != shown[1]


# It is never in the way


def test_a_hanging_store_costs_a_bounded_memory_and_the_rest_is_counted():
    offered, bound = 200_000, 100_000
    desk = Desk(settings=LogSettings(buffer_bytes=bound, flush_seconds=0.01))
    desk.memory.open.clear()
    desk.log.start()
    kept = sum(desk.log.feedback("id", AT, number, 1) for number in range(offered))
    assert desk.count("dropped") == offered - kept
    assert desk.count("written") == 0
    desk.memory.open.set()
    lines = desk.entries()
    assert [entry["row"] for entry in lines] == list(range(kept))
    assert sum(len(json.dumps(entry, separators=(",", ":"))) + 1 for entry in lines) <= bound
    assert desk.count("written") == kept
    assert desk.count("dropped") == offered - kept


def test_there_is_room_again_when_the_store_has_taken_something():
    desk = Desk(settings=LogSettings(buffer_bytes=200, flush_seconds=0.01))
    assert desk.log.feedback("id", AT, 0, 1)
    assert desk.log.feedback("id", AT, 1, 1)
    assert not desk.log.feedback("id", AT, 2, 1)
    desk.log.start()
    wait_until(lambda: desk.log.feedback("id", AT, 3, 1))
    assert [entry["row"] for entry in desk.entries()] == [0, 1, 3]


def test_a_half_full_buffer_is_written_before_its_time():
    desk = Desk(settings=LogSettings(buffer_bytes=2000, flush_seconds=3600))
    desk.log.start()
    for number in range(14):
        desk.log.feedback("id", AT, number, 1)
    wait_until(lambda: desk.count("written") >= 10)
    desk.log.stop(10)


def test_what_cannot_be_encoded_is_counted_and_told_once_and_raises_nothing(caplog: pytest.LogCaptureFixture):
    desk = Desk()
    for _ in range(3):
        desk.log.prediction("id", AT, [desk.row()], [object()], seconds=0.1, route="/predict")
    desk.predict(desk.row(), request_id="\ud800")
    desk.predict(desk.row(), request_id="fine")
    assert [entry["id"] for entry in desk.entries()] == ["fine"]
    assert desk.count("dropped") == 4
    assert len(caplog.records) == 1


def test_a_log_that_is_switched_off_takes_everything_and_keeps_no_outcome():
    log = NoLog()
    log.start()
    log.prediction("id", AT, [], [], seconds=0.1, route="/predict")
    log.refused("id", AT, [], route="/predict")
    assert not log.feedback("id", AT, 0, 1)
    log.stop(1)


# Outages


def test_an_outage_is_survived_counted_and_told_once(caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.INFO)
    desk = Desk()
    desk.memory.broken = True
    desk.log.start()
    for number in range(50):
        desk.log.feedback("id", AT, number, 1)
    wait_until(lambda: desk.count("failed") >= 5)
    desk.memory.broken = False
    wait_until(lambda: desk.count("written") == 50)
    assert [entry["row"] for entry in desk.entries()] == list(range(50))
    assert desk.count("dropped") == 0
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]
    assert {record.name for record in caplog.records} == {"serving.prediction_log"}
    assert "memory cannot be written (broken)" in caplog.text


def test_each_outage_is_told(caplog: pytest.LogCaptureFixture):
    desk = Desk()
    desk.log.start()
    for turn in (1, 2):
        desk.memory.broken = True
        desk.log.feedback("id", AT, turn, 1)
        wait_until(lambda turn=turn: len(caplog.records) == turn)
        desk.memory.broken = False
        wait_until(lambda turn=turn: desk.count("written") == turn)
    desk.log.stop(10)


def test_a_store_is_left_in_peace_for_longer_and_longer():
    desk = Desk(settings=LogSettings(flush_seconds=0.01, retry_seconds=0.02, longest_retry_seconds=0.08))
    desk.memory.broken = True
    desk.log.feedback("id", AT, 0, 1)
    desk.log.start()
    begun = time.monotonic()
    wait_until(lambda: desk.count("failed") >= 6)
    assert 0.02 + 0.04 + 3 * 0.08 <= time.monotonic() - begun < 2
    desk.log.stop(0)


def test_a_store_with_an_error_of_its_own_does_not_end_the_writer(caplog: pytest.LogCaptureFixture):
    class Odd(MemoryStore):
        moods = 3

        def append(self, member: bytes, lines: int) -> int:
            self.moods -= 1
            if self.moods >= 0:
                raise ZeroDivisionError("with a secret in it")
            return super().append(member, lines)

    desk = Desk(store=Odd())
    desk.log.start()
    desk.log.feedback("id", AT, 0, 1)
    wait_until(lambda: desk.count("written") == 1)
    desk.log.stop(10)
    assert desk.count("failed") == 3
    assert "ZeroDivisionError" in caplog.text
    assert "secret" not in caplog.text


def test_a_folder_that_vanishes_is_written_again_when_it_is_back(tmp_path: Path):
    folder = tmp_path / "log"
    desk = Desk(store=FolderStore(folder))
    desk.log.start()
    desk.log.feedback("id", AT, 0, 1)
    wait_until(lambda: desk.count("written") == 1)
    folder.rename(tmp_path / "elsewhere")
    folder.touch()
    desk.log.feedback("id", AT, 1, 1)
    wait_until(lambda: desk.count("failed") >= 2)
    folder.unlink()
    (tmp_path / "elsewhere").rename(folder)
    desk.log.stop(10)
    entries = entries_of(file.read_bytes() for file in folder.iterdir())
    assert sorted(entry["row"] for entry in entries) == [0, 1]
    assert desk.count("dropped") == 0


def test_an_object_store_that_cannot_be_reached_fails_no_request_and_holds_no_more_than_its_bounds():
    nowhere = {"AWS_ENDPOINT_URL": "http://127.0.0.1:1", "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}
    settings = LogSettings(100, None, 10_000, flush_seconds=0.01, retry_seconds=0.01, longest_retry_seconds=0.02)
    desk = Desk(store=ObjectStore("s3://bucket/prefix", nowhere), settings=settings)
    desk.log.start()
    for number in range(20_000):
        desk.log.feedback("id", AT, number, 1)
    wait_until(lambda: desk.count("failed") >= 2)
    begun = time.monotonic()
    desk.log.stop(0.2)
    assert time.monotonic() - begun < 5
    assert desk.count("written") == 0
    assert desk.count("dropped") == 20_000


# Files


def test_a_file_is_finished_when_it_is_large_enough():
    desk = Desk(settings=LogSettings(rotate_bytes=50, flush_seconds=0.01))
    desk.log.start()
    for number in range(3):
        desk.log.feedback("id", AT, number, 1)
        wait_until(lambda number=number: len(desk.memory.files) == number + 1)
    desk.log.stop(10)
    assert [entry["row"] for entry in entries_of(desk.memory.files.values())] == [0, 1, 2]


def test_a_file_is_finished_when_it_is_old_enough_even_if_nothing_comes():
    desk = Desk(settings=LogSettings(rotate_seconds=0.05, flush_seconds=0.01))
    desk.log.start()
    desk.log.feedback("id", AT, 0, 1)
    wait_until(lambda: len(desk.memory.files) == 1)
    desk.log.stop(10)
    assert len(desk.memory.files) == 1


def test_each_writing_is_readable_by_itself():
    desk = Desk()
    desk.log.start()
    for number in range(3):
        desk.log.feedback("id", AT, number, 1)
        wait_until(lambda number=number: desk.count("written") == number + 1)
    members = list(desk.memory.under_way)
    desk.log.stop(10)
    assert [entry["row"] for entry in entries_of(members)] == [0, 1, 2]
    assert len(members) == 3


# The end


def test_stopping_under_load_loses_nothing_that_was_accepted(tmp_path: Path):
    desk = Desk(store=FolderStore(tmp_path / "log"))
    desk.log.start()
    accepted = [0, 0, 0]
    refused = threading.Event()

    def load(worker: int) -> None:
        while desk.log.feedback("id", AT, worker, 1):
            accepted[worker] += 1
        refused.set()

    threads = [threading.Thread(target=load, args=(worker,)) for worker in range(3)]
    for thread in threads:
        thread.start()
    wait_until(lambda: desk.count("written") > 1000)
    desk.log.stop(10)
    for thread in threads:
        thread.join()
    entries = entries_of(file.read_bytes() for file in (tmp_path / "log").glob("*.jsonl.gz"))
    assert [sum(entry["row"] == worker for entry in entries) for worker in range(3)] == accepted
    assert desk.count("written") == sum(accepted)


def test_stopping_twice_is_stopping_once():
    desk = Desk()
    desk.log.start()
    desk.log.feedback("id", AT, 0, 1)
    desk.log.stop(10)
    desk.log.stop(10)
    assert len(desk.memory.files) == 1
    assert desk.count("written") == 1
    assert desk.count("dropped") == 0


def test_after_the_end_nothing_is_accepted_and_that_is_counted():
    desk = Desk()
    desk.log.start()
    desk.log.stop(10)
    assert not desk.log.feedback("id", AT, 0, 1)
    assert desk.count("dropped") == 1


@pytest.mark.parametrize("fault", ["broken", "hanging", "never started"])
def test_a_store_that_does_not_work_at_the_end_is_not_waited_for_longer_than_was_said(fault: str):
    desk = Desk()
    desk.memory.broken = fault == "broken"
    if fault == "hanging":
        desk.memory.open.clear()
    if fault != "never started":
        desk.log.start()
    for number in range(10):
        desk.log.feedback("id", AT, number, 1)
    begun = time.monotonic()
    desk.log.stop(0.2)
    assert time.monotonic() - begun < 5
    assert desk.count("dropped") == 10
    assert desk.count("written") == 0
    desk.memory.open.set()


# The document


def test_the_documented_recipe_reads_a_folder_with_a_torn_file(tmp_path: Path):
    [recipe] = [code.text for code in codes("docs/prediction-log.md") if "def entries(folder)" in code.text]
    desk = Desk(store=FolderStore(tmp_path))
    desk.predict(desk.row())
    desk.log.start()
    desk.log.stop(10)
    [whole] = tmp_path.iterdir()
    torn = gzip.compress(b'{"kind": "feedback", "row": 7}\n') + whole.read_bytes()[:-40]
    (tmp_path / "predictions-20261121T000000Z-host-7-0.jsonl.gz.part").write_bytes(torn)
    namespace: dict[str, Any] = {}
    exec(recipe, namespace)  # noqa: S102 - our own example
    assert sorted(entry["kind"] for entry in namespace["entries"](tmp_path)) == ["feedback", "prediction"]
