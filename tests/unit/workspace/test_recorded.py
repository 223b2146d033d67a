"""Rows of a prediction log, as an endpoint wrote them."""

import gzip
import json
from pathlib import Path

import pytest

from slipway.core.errors import DataMissing
from slipway.workspace.recorded import recorded_rows


def write(folder: Path, start: str, *entries: object, torn: bool = False) -> None:
    text = gzip.compress("".join(f"{json.dumps(entry)}\n" for entry in entries).encode())
    (folder / f"predictions-{start}-host-7-0.jsonl.gz{'.part' * torn}").write_bytes(text[:-12] if torn else text)


def prediction(*tenures: float) -> dict[str, object]:
    return {"kind": "prediction", "inputs": [{"tenure": tenure} for tenure in tenures]}


def test_the_last_answered_rows_come_first(tmp_path: Path) -> None:
    write(tmp_path, "20261120T000000Z", prediction(1.0), prediction(2.0, 3.0))
    write(tmp_path, "20261121T000000Z", prediction(4.0), {"kind": "refused"}, {"kind": "feedback", "row": 0}, [])
    assert [row["tenure"] for row in recorded_rows(tmp_path, 10)] == [4.0, 2.0, 3.0, 1.0]
    assert len(recorded_rows(tmp_path, 2)) == 2


def test_a_torn_file_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    write(tmp_path, "20261120T000000Z", *[prediction(float(turn)) for turn in range(3000)], torn=True)
    assert recorded_rows(tmp_path, 10_000)


def test_a_folder_without_a_log_is_refused_with_words(tmp_path: Path) -> None:
    with pytest.raises(DataMissing, match="no prediction log"):
        recorded_rows(tmp_path / "nowhere", 10)
