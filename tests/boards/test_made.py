"""The committed rules and dashboards are what their source makes, and name nothing that is not there."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from scripts.boards.alerts import alerts
from scripts.boards.objectives import BURNS, SLOW_SECONDS
from scripts.boards.panels import BOARDS
from scripts.boards.recordings import recordings
from scripts.make_boards import FOLDER, files, main
from serving.bundle.signature import Signature
from serving.telemetry.metrics import SECONDS, Metrics, table
from slipway.monitoring.gauges import NAMES
from tests.support.bundles import CHURN
from tests.support.documents import PROJECT, headings

MADE = files()
SERIES = re.compile(r"\bslipway[:_][\w:]+")
ALERTS = {alert.name: alert for alert in alerts()}
TRIED = (PROJECT / "tests/boards/hours.yaml").read_text() + (PROJECT / "tests/boards/days.yaml").read_text()


def exposition() -> str:
    """What an endpoint of a classifier tells, by its own code, before it was asked anything."""
    signature = Signature.model_validate_json(CHURN.model_dump_json(warnings=False))
    model = {"name": "churn", "version": "3", "record": "ab"}
    return Metrics(table(signature), signature, model).exposition().decode()


def exposed() -> set[str]:
    """The names in it."""
    text = exposition()
    return {re.match(r"\w+", line)[0] for line in text.splitlines() if not line.startswith("#")}  # type: ignore[index]


@pytest.mark.parametrize("name", MADE)
def test_what_is_committed_is_what_the_source_makes(name: str) -> None:
    assert (FOLDER / name).read_text(encoding="utf-8") == MADE[name], "run `make boards`"


def test_nothing_else_lies_beside_what_is_made() -> None:
    assert {str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*") if path.is_file()} == set(MADE)


def test_made_elsewhere_it_is_the_same(tmp_path: Path) -> None:
    main(tmp_path)
    assert {str(p.relative_to(tmp_path)): p.read_text() for p in tmp_path.rglob("*") if p.is_file()} == MADE


@pytest.mark.parametrize("name", [name for name in MADE if name != "prometheus.yaml"])
def test_every_series_that_is_named_is_told_by_somebody(name: str) -> None:
    known = exposed() | set(NAMES) | {recording.name for recording in recordings()}
    named = set(SERIES.findall(MADE[name].replace("slipway-", "")))
    assert named
    assert named - known == set()


def test_a_pod_tells_of_failures_before_it_had_any() -> None:
    """Else Prometheus would not see the first ones: a series that begins above zero has not increased."""
    text = exposition()
    for status in (422, 500, 503):
        assert f'slipway_requests_total{{route="predict",status="{status}"}} 0.0' in text


def test_the_threshold_of_slowness_is_a_bound_of_the_histogram() -> None:
    assert SLOW_SECONDS in SECONDS


def test_short_windows_are_a_twelfth_of_long_ones() -> None:
    hours = {"5m": 1 / 12, "30m": 0.5, "1h": 1, "2h": 2, "6h": 6, "1d": 24, "3d": 72}
    assert all(hours[burn.long] == pytest.approx(12 * hours[burn.short]) for burn in BURNS)


@pytest.mark.parametrize("name", ALERTS)
def test_every_alert_says_how_urgent_it_is_and_where_help_stands(name: str) -> None:
    rule = next(rule for rule in written() if rule.get("alert") == name)
    assert rule["labels"]["severity"] in {"page", "ticket"}
    assert rule["annotations"]["summary"]
    assert rule["annotations"]["description"].endswith(".")
    assert rule["annotations"]["runbook_url"] == "{{ $externalLabels.runbooks }}#" + name.lower()
    assert name.lower() in headings("docs/runbooks.md")


@pytest.mark.parametrize("name", ALERTS)
def test_every_alert_is_played_through_until_it_fires(name: str) -> None:
    told = rf"alertname: {name}\n\s+exp_alerts:\n"
    counted = rf'alertname="{name}", alertstate="firing".*\n.*\n.*exp_samples: \[{{'
    assert re.search(f"{told}|{counted}", TRIED)


@pytest.mark.parametrize("board", BOARDS, ids=lambda board: board.uid)
def test_a_dashboard_shows_every_panel_of_its_source_in_a_grid_without_overlaps(board: Any) -> None:
    document = json.loads(MADE[f"grafana/{board.uid.removeprefix('slipway-')}.json"])
    panels = [panel for panel in document["panels"] if panel["type"] != "row"]
    assert [panel["title"] for panel in panels] == [panel.title for _, row in board.rows for panel in row]
    cells = [cell for panel in document["panels"] for cell in covered(panel["gridPos"])]
    assert len(cells) == len(set(cells))
    assert all(x < 24 for x, _ in cells)


@pytest.mark.parametrize("board", BOARDS, ids=lambda board: board.uid)
def test_a_dashboard_asks_the_prometheus_that_is_chosen_on_it(board: Any) -> None:
    document = json.loads(MADE[f"grafana/{board.uid.removeprefix('slipway-')}.json"])
    targets = [target for panel in document["panels"] for target in panel.get("targets", [])]
    assert targets
    assert {target["datasource"]["uid"] for target in targets} == {"${source}"}
    choices = {variable["name"] for variable in document["templating"]["list"]}
    asked = {name for target in targets for name in re.findall(r"\$(\w+)", target["expr"])} - {"__rate_interval"}
    assert asked | {"source"} == choices


def written() -> list[dict[str, Any]]:
    return [rule for group in yaml.safe_load(MADE["rules.yaml"])["groups"] for rule in group["rules"]]


def covered(place: dict[str, int]) -> set[tuple[int, int]]:
    across = range(place["x"], place["x"] + place["w"])
    return {(x, y) for x in across for y in range(place["y"], place["y"] + place["h"])}
