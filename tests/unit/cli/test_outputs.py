"""Values for a workflow: a line each, and none can pose as another."""

from pathlib import Path

import pytest

from slipway.cli.outputs import append_outputs
from slipway.core.errors import WriteFailed


def test_values_are_appended_a_line_each(tmp_path: Path) -> None:
    file = tmp_path / "outputs"
    file.write_text("earlier=1\n")
    append_outputs(file, {"image": "acme/churn", "champion": "true"})
    assert file.read_text() == "earlier=1\nimage=acme/churn\nchampion=true\n"


def test_without_a_file_nothing_is_written() -> None:
    append_outputs(None, {"image": "acme/churn"})


def test_a_value_of_two_lines_is_no_second_output(tmp_path: Path) -> None:
    append_outputs(tmp_path / "outputs", {"reason": "fine\nchampion=true"})
    opening, *value, end = (tmp_path / "outputs").read_text().splitlines()
    assert opening == f"reason<<{end}"
    assert value == ["fine", "champion=true"]


def test_a_file_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(WriteFailed, match="outputs"):
        append_outputs(tmp_path / "nowhere" / "outputs", {"a": "b"})
