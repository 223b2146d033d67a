"""Whoever calls the champion's endpoint can go on calling, or the candidate waits for a word about it."""

from pathlib import Path

import pytest

from tests.e2e.conftest import change_params, refused, succeeded, versions
from tests.support.workspace import slipway

pytestmark = pytest.mark.pipeline


def drop_age(project: Path) -> None:
    path = project / "src/use_cases/tiny/__init__.py"
    text = path.read_text()
    assert 'Numeric("age", "years"), ' in text
    path.write_text(text.replace('Numeric("age", "years"), ', ""))
    change_params(project, "margin: 0.02", "margin: 0.4")
    change_params(project, "slices: {metric: roc_auc}", "slices: {metric: roc_auc, max_drop: 0.4}")


def test_a_removed_input_is_rejected_until_it_is_acknowledged_for_the_present_champion(project: Path) -> None:
    drop_age(project)
    refused(slipway(project, "run", "tiny"), 40, "age is unknown now, and refused", "breaks_api_of_version: 1")
    assert "age | input removed" in (project / ".slipway/tiny/report.md").read_text()

    change_params(project, "    gates:", "    serve: {breaks_api_of_version: 7}\n    gates:")
    refused(slipway(project, "run", "tiny"), 40, "callers of version 1 break")

    change_params(project, "breaks_api_of_version: 7", "breaks_api_of_version: 1")
    succeeded(slipway(project, "run", "tiny"))
    assert versions(project)[4] == {"candidate", "champion"}


def test_an_endpoint_that_warns_instead_of_refusing_is_a_new_champion_with_the_same_model(project: Path) -> None:
    change_params(project, "    gates:", "    serve: {out_of_range: warn}\n    gates:")
    told = succeeded(slipway(project, "run", "tiny"))
    assert "now champion instead of version 1" in told
    assert '"out_of_range": "warn"' in (project / ".slipway/tiny/bundle/signature.json").read_text()
