import errno
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from slipway.core.errors import DataMissing, WriteFailed
from slipway.core.evaluation import Parity
from slipway.workspace.files import (
    read_document,
    read_frame,
    replacing,
    replacing_folder,
    write_document,
    write_frame,
    write_text,
)


def disk_full(path: Path) -> None:
    with replacing(path) as temporary:
        temporary.write_text("half")
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_full_disk_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    write_text(path, "old")
    with pytest.raises(WriteFailed, match="No space left"):
        disk_full(path)
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]
    assert path.read_text() == "old"


def test_a_folder_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    with replacing_folder(folder) as new:
        (new / "a").write_text("1")
    with pytest.raises(WriteFailed), replacing_folder(folder) as new:  # noqa: PT012
        (new / "b").write_text("2")
        raise OSError(errno.ENOSPC, "No space left on device")
    assert [p.name for p in tmp_path.rglob("*")] == ["model", "a"]


@pytest.mark.parametrize("write", ["replacing", "replacing_folder"])
def test_what_a_killed_writer_left_is_removed_by_the_next(tmp_path: Path, write: str) -> None:
    code = f"""
import os, signal
from pathlib import Path
from slipway.workspace.files import {write}
with {write}(Path({str(tmp_path / "made")!r})):
    os.kill(os.getpid(), signal.SIGKILL)
"""
    subprocess.run([sys.executable, "-c", code], check=False)
    assert len(list(tmp_path.iterdir())) == 1
    with {"replacing": replacing, "replacing_folder": replacing_folder}[write](tmp_path / "made"):
        pass
    assert [p.name for p in tmp_path.iterdir()] == ["made"]


def test_a_writer_at_work_keeps_its_temporary(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    with replacing(path) as mine:
        mine.write_text("mine")
        write_text(path, "theirs")
        assert mine.read_text() == "mine"
    assert path.read_text() == "mine"


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(WriteFailed, match="could not be written"):
        write_text(tmp_path / "file" / "below", "x")


def test_documents_come_back_as_they_went(tmp_path: Path) -> None:
    parity = Parity(rows=3, largest_relative_difference=1e-7, tolerance=1e-5)
    write_document(tmp_path / "p.json", parity)
    assert read_document(tmp_path / "p.json", Parity, made_by="x") == parity


@pytest.mark.parametrize("content", [b"", b"{", b"{}", b'{"rows": "3"}', b'{"rows": "\xff\xfe"}'])
def test_a_damaged_document_is_told_with_the_command_that_makes_it(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "p.json").write_bytes(content)
    with pytest.raises(DataMissing) as told:
        read_document(tmp_path / "p.json", Parity, made_by="slipway train churn")
    assert "slipway train churn" in told.value.next_step


def test_a_truncated_table_is_told(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    write_frame(path, pd.DataFrame({"a": range(1000)}))
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(DataMissing, match="not a readable Parquet file"):
        read_frame(path, made_by="slipway collect churn")


@pytest.mark.parametrize("part", ["first page", "footer"])
def test_a_damaged_table_is_told(tmp_path: Path, part: str) -> None:
    path = tmp_path / "t.parquet"
    write_frame(path, pd.DataFrame({"a": range(1000), "b": ["text"] * 1000}))
    content = bytearray(path.read_bytes())
    footer = len(content) - 8 - int.from_bytes(content[-8:-4], "little")
    place = {"first page": 4, "footer": footer}[part]
    content[place : place + 4] = b"\xff" * 4
    path.write_bytes(content)
    with pytest.raises(DataMissing, match="not a readable Parquet file"):
        read_frame(path, made_by="slipway collect churn")


def test_a_missing_table_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataMissing, match="does not exist"):
        read_frame(tmp_path / "t.parquet", made_by="slipway collect churn")
