"""What is promised of whoever takes gauges: Prometheus' Pushgateway by a server that speaks like one, and the twin."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from slipway.adapters.pushgateway import Pushgateway, RecordingGauges
from slipway.core.gauge import Gauge
from slipway.monitoring.gauges import gauges
from slipway.ports import Gauges
from tests.support.looks_by_day import alarmed, watch
from tests.support.pushgateway import pushgateway

SECRET = "never-to-be-told"  # noqa: S105
Held = dict[tuple[str, str], dict[str, float]]
Rig = tuple[Gauges, Callable[[], Held]]


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.delenv(name, raising=False)


@contextmanager
def over_http() -> Iterator[Rig]:
    with pushgateway() as gateway:

        def held() -> Held:
            found: Held = {}
            for (name, labels), value in gateway.series.items():
                own = dict(labels)
                key = (own.pop("use_case"), name)
                assert own.pop("job") == "slipway_monitor"
                found.setdefault(key, {})[str(sorted(own.items()))] = value
            return found

        yield Pushgateway(f"http://{gateway.address}"), held


@contextmanager
def in_memory() -> Iterator[Rig]:
    twin = RecordingGauges()

    def held() -> Held:
        found: Held = {}
        for use_case, pushed in twin.pushed.items():
            for gauge in pushed:
                found.setdefault((use_case, gauge.name), {})[str(sorted(gauge.labels.items()))] = gauge.value
        return found

    yield twin, held


@pytest.fixture(params=[over_http, in_memory])
def rig(request: pytest.FixtureRequest) -> Iterator[Rig]:
    with request.param() as made:
        yield made


def test_what_is_pushed_is_held_by_use_case_with_its_labels(rig: Rig) -> None:
    pushed, held = rig
    pushed.push("churn", gauges(alarmed()))
    pushed.push("homes", [Gauge(name="slipway_monitor_alarms", told="Alarms.", value=0)])
    assert held()["churn", "slipway_monitor_alarms"] == {"[]": 1.0}
    assert held()["homes", "slipway_monitor_alarms"] == {"[]": 0.0}
    effects = held()["churn", "slipway_monitor_drift_effect"]
    assert effects["[('column', 'contract'), ('test', 'distribution')]"] == 0.22


def test_pushed_twice_is_pushed_once(rig: Rig) -> None:
    pushed, held = rig
    pushed.push("churn", gauges(watch()))
    once = held()
    pushed.push("churn", gauges(watch()))
    assert held() == once


def test_a_column_that_is_no_longer_looked_at_is_gone_with_the_next_push(rig: Rig) -> None:
    pushed, held = rig
    pushed.push("churn", gauges(watch()))
    pushed.push("churn", gauges(watch(columns=())))
    assert list(held()["churn", "slipway_monitor_drift_effect"]) == [
        "[('column', '(prediction)'), ('test', 'distribution')]"
    ]


def test_a_name_with_signs_of_the_format_in_it_comes_through(rig: Rig) -> None:
    pushed, held = rig
    odd = 'a "quoted"\\ name, with { and ä'
    pushed.push("churn", [Gauge(name="slipway_monitor_drifted", told="Drifted.", value=1, labels={"column": odd})])
    assert held()["churn", "slipway_monitor_drifted"] == {str([("column", odd)]): 1.0}


@pytest.mark.parametrize(("status", "why"), [(500, "answered HTTP 500"), (400, "answered HTTP 400")])
def test_a_gateway_that_refuses_is_told_in_the_log_and_stops_nobody(
    caplog: pytest.LogCaptureFixture, status: int, why: str
) -> None:
    with pushgateway(status=status) as gateway, caplog.at_level(logging.WARNING):
        Pushgateway(f"http://{gateway.address}").push("churn", gauges(watch()))
    assert f"the gauges of churn were not pushed: the Pushgateway {why}" in caplog.text


def test_a_gateway_that_is_not_there_is_told_without_its_address(caplog: pytest.LogCaptureFixture) -> None:
    with pushgateway() as gateway:
        address = gateway.address
    with caplog.at_level(logging.WARNING):
        Pushgateway(f"http://me:{SECRET}@{address}").push("churn", gauges(watch()))
    assert "could not be reached" in caplog.text
    assert SECRET not in caplog.text
    assert SECRET not in repr(Pushgateway(f"http://me:{SECRET}@{address}"))


def test_a_name_and_a_password_in_the_address_log_in() -> None:
    with pushgateway(password="p@ss/word") as gateway:  # noqa: S106
        Pushgateway(f"http://me:p%40ss%2Fword@{gateway.address}").push("churn", gauges(watch()))
        assert gateway.series
        gateway.groups.clear()
        Pushgateway(f"http://me:wrong@{gateway.address}").push("churn", gauges(watch()))
        assert not gateway.series
