"""What the benchmark tells must be so."""

import os
import sys

import pytest

from scripts.benches.enlarge import enlarged
from scripts.benches.project import STAGE_LINE
from scripts.benches.report import bar, markdown, part
from scripts.benches.scale import exponent
from scripts.benches.watch import Failed, name_of, watch
from slipway.adapters.great_expectations.twin import InMemoryValidator
from use_cases.churn import USE_CASE
from use_cases.churn.source import collect


def test_the_exponent_of_linear_time_is_one_and_of_quadratic_time_two():
    assert exponent([10, 100, 1000], [1.0, 10.0, 100.0]) == pytest.approx(1)
    assert exponent([10, 100, 1000], [1.0, 100.0, 10_000.0]) == pytest.approx(2)


def test_memory_of_a_child_is_counted_apart_and_together(tmp_path):
    hold = "import time; kept = bytearray(100_000_000); time.sleep(0.5)"
    script = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {hold!r}, 'slipway', 'train'])"
    watched = watch([sys.executable, "-c", script], tmp_path, os.environ)
    assert 0.1 < watched.by_process["train"] < watched.together_gb
    assert watched.largest_gb == watched.by_process["train"]


def test_a_command_that_fails_is_told_with_what_it_said(tmp_path):
    with pytest.raises(Failed, match="no such luck"):
        watch([sys.executable, "-c", "import sys; sys.exit('no such luck')"], tmp_path, os.environ)


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("python .venv/bin/slipway validate churn", "validate"),
        ("python -m serving bundle", "endpoint"),
        ("git rev-parse HEAD", ""),
        ("python .venv/bin/slipway", ""),
    ],
)
def test_processes_are_known_by_their_command(line, name):
    assert name_of(line.split()) == name


def test_the_display_of_a_run_is_read_stage_by_stage():
    shown = "churn\n✓ train       12.3 s  lightgbm\n· evaluate     as is  promote\n"
    assert STAGE_LINE.findall(shown) == [("✓", "train", "12.3"), ("·", "evaluate", "")]


def test_a_figure_above_its_bar_is_told_as_missed():
    shown = markdown(
        {"cores": 2}, [part("Title", ["a"], [[1]], bars=[bar("time", 2.0, 1, "s"), bar("rows", 1, 1, "")])]
    )
    assert "| time | 2.00 s | 1 s | missed |" in shown
    assert "| rows | 1 | 1 | kept |" in shown


def test_an_enlarged_table_breaks_no_expectation(tmp_path):
    table = enlarged(collect(tmp_path), 20_000)
    validation = InMemoryValidator().validate(
        table, USE_CASE.expectations, use_case="churn", data_digest="", docs=tmp_path / "docs"
    )
    assert validation.rows == 20_000
    assert not validation.errors
