"""Rules and dashboards by Prometheus' own programs: checked, played through, and at work on a real endpoint."""

import re
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from scripts.boards.panels import BOARDS
from scripts.make_boards import FOLDER
from slipway.adapters.pushgateway import Pushgateway
from slipway.monitoring.gauges import gauges
from tests.support.bundles import CHURN, write_bundle
from tests.support.documents import PROJECT
from tests.support.endpoints import serving
from tests.support.looks_by_day import alarmed
from tests.support.pushgateway import pushgateway

pytestmark = pytest.mark.prometheus

SECONDS = 30.0
ROW = {"tenure": 12.0, "total charges": 500.5, "contract": "Month-to-month"}
LINES = [line.expression for board in BOARDS for _, row in board.rows for panel in row for line in panel.lines]
Ask = Callable[[str], list[dict[str, Any]]]


def promtool(*arguments: str | Path) -> str:
    done = subprocess.run(["promtool", *map(str, arguments)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_rules_are_rules() -> None:
    assert "SUCCESS" in promtool("check", "rules", "--lint-fatal", FOLDER / "rules.yaml")


@pytest.mark.parametrize("played", ["hours", "days"])
def test_alerts_fire_when_they_should_and_only_then(played: str) -> None:
    assert "SUCCESS" in promtool("test", "rules", PROJECT / f"tests/boards/{played}.yaml")


def test_the_configuration_is_one_but_for_finding_pods(tmp_path: Path) -> None:
    """Debian's Prometheus is built without Kubernetes; everything beside the search for pods is held to it."""
    (tmp_path / "prometheus.yaml").write_text(yaml.safe_dump(without_pods()))
    (tmp_path / "rules.yaml").write_text((FOLDER / "rules.yaml").read_text())
    assert "SUCCESS" in promtool("check", "config", "--lint-fatal", tmp_path / "prometheus.yaml")


def test_every_panel_s_expression_is_promql(tmp_path: Path) -> None:
    rules = [{"record": f"panel:{n}", "expr": concrete(line)} for n, line in enumerate(LINES)]
    path = tmp_path / "panels.yaml"
    path.write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": rules}]}))
    assert f"{len(LINES)} rules found" in promtool("check", "rules", path)


def test_prometheus_sees_an_endpoint_that_refuses_and_a_look_that_alarms(tmp_path: Path) -> None:
    bundle = write_bundle(tmp_path / "bundle", CHURN)
    with serving(bundle) as endpoint, pushgateway() as gateway, prometheus(tmp_path, endpoint, gateway.address) as ask:
        Pushgateway(f"http://{gateway.address}").push("churn", gauges(alarmed()))
        until(lambda: ask("slipway:endpoints:up"))
        for _ in range(5):
            assert post(endpoint, ROW) == 200
            assert post(endpoint, ROW | {"tenure": 9_999.0}) == 422
        [refused] = until(lambda: ask("slipway:refused:share1h > 0.49 < 0.51"))
        [drifted] = until(lambda: ask('ALERTS{alertname="SlipwayDrift", alertstate="firing"}'))
        [late] = until(lambda: ask('ALERTS{alertname="SlipwayMonitorSilent", alertstate="firing"}'))
        [errors] = until(lambda: ask("slipway:errors:share5m"))
        for line in LINES:  # every panel has something to show
            until(lambda line=line: ask(concrete(line)))
    assert (refused["metric"]["use_case"], refused["metric"]["environment"]) == ("churn", "production")
    assert (drifted["metric"]["column"], drifted["metric"]["severity"]) == ("contract", "ticket")
    assert late["metric"]["use_case"] == "churn", "the look was made in March"
    assert float(errors["value"][1]) == 0.0


@contextmanager
def prometheus(folder: Path, endpoint: str, gateway: str) -> Iterator[Ask]:
    """A Prometheus of the committed rules and labels, in a hurry, that scrapes both; asks it PromQL."""
    quick = re.sub(r"interval: \w+", "interval: 1s", (FOLDER / "rules.yaml").read_text())
    (folder / "rules.yaml").write_text(quick)
    (folder / "prometheus.yaml").write_text(yaml.safe_dump(scraping(endpoint, gateway)))
    address = f"127.0.0.1:{free_port()}"
    command = ["prometheus", f"--config.file={folder / 'prometheus.yaml'}", f"--storage.tsdb.path={folder / 'data'}"]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen([*command, f"--web.listen-address={address}"], stdout=log, stderr=log)
    try:
        until(lambda: answers(f"http://{address}/-/ready"))
        yield lambda expression: query(address, expression)
    finally:
        process.terminate()
        process.wait(20)


def scraping(endpoint: str, gateway: str) -> dict[str, Any]:
    """The committed configuration; what Kubernetes would tell of a pod is told by hand."""
    document = without_pods()
    document["global"] |= {"scrape_interval": "1s", "evaluation_interval": "1s"}
    pods, pushed = document["scrape_configs"]
    told = {"app_kubernetes_io_name": "endpoint", "app_kubernetes_io_instance": "churn"}
    labels = {f"__meta_kubernetes_pod_label_{name}": value for name, value in told.items()}
    labels |= {"__meta_kubernetes_pod_label_slipway_io_environment": "production"}
    labels |= {"__meta_kubernetes_pod_container_port_name": "management", "__meta_kubernetes_pod_name": "churn-1"}
    pods["static_configs"] = [{"targets": [endpoint], "labels": labels}]
    pushed["static_configs"] = [{"targets": [gateway]}]
    return document


def without_pods() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load((FOLDER / "prometheus.yaml").read_text())
    del document["scrape_configs"][0]["kubernetes_sd_configs"]
    return document


def concrete(expression: str) -> str:
    """As Grafana asks it where everything is chosen."""
    return expression.replace("$use_case", ".*").replace("$environment", ".*").replace("$__rate_interval", "1m")


def query(address: str, expression: str) -> list[dict[str, Any]]:
    said = httpx.get(f"http://{address}/api/v1/query", params={"query": expression}).json()
    found: list[dict[str, Any]] = said["data"]["result"]
    return found


def post(endpoint: str, row: dict[str, Any]) -> int:
    return httpx.post(f"http://{endpoint}/predict", json=row).status_code


def answers(url: str) -> bool:
    try:
        return httpx.get(url).status_code == 200
    except httpx.TransportError:
        return False


def until(ask: Callable[[], Any]) -> Any:
    """The first answer that is not empty."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        if found := ask():
            return found
        time.sleep(0.2)
    raise AssertionError("nothing came")


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])
