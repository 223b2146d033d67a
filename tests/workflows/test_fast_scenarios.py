"""The scenarios that need no model, as far as the report: the real workflow files and the real commands."""

from pathlib import Path

import pytest

from tests.workflows.rehearsal.expectations import SKIPPED
from tests.workflows.rehearsal.scene import Unexpected, scene
from tests.workflows.scenarios import docs_only, injection, two_pushes
from tests.workflows.scenarios._jobs import ci

# `report` and what it needs; the checks are those around this test
UP_TO = "report"


@pytest.mark.parametrize(
    "module", [docs_only, two_pushes, injection], ids=lambda module: module.__name__.rpartition(".")[2]
)
def test_a_scenario_without_a_model_goes_as_it_should(module, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    with scene("fast", tmp_path, module) as stage:
        module.play(stage, job=UP_TO)
        assert stage.leaks() == []


def test_a_job_that_does_not_run_fails_its_scenario(tmp_path: Path) -> None:
    with scene("fast", tmp_path, docs_only) as stage:
        stage.repository.commit("wording", lambda _: None, message="Nothing")
        run = stage.pull_request(7, "wording", job="plan")
        with pytest.raises(Unexpected, match="report ended with skipped, expected success"):
            stage.expect_jobs(run, ci(checks=SKIPPED, all_green=SKIPPED))
