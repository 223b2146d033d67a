from slipway.core.watch import Answer, Health
from slipway.monitoring.gauges import NAMES, PREDICTION, gauges
from tests.support.looks_by_day import alarmed, drift, estimate, performance, watch


def told(look: object) -> dict[tuple[str, ...], float]:
    return {
        (gauge.name.removeprefix("slipway_monitor_"), *gauge.labels.values()): gauge.value
        for gauge in gauges(look)  # type: ignore[arg-type]
    }


def test_a_look_is_told_with_its_moment_in_seconds() -> None:
    found = told(watch())
    assert found["last_look_timestamp_seconds",] == 1_772_949_900.0
    assert found["window_end_timestamp_seconds",] == 1_772_949_600.0
    assert found["version",] == 3


def test_drift_is_told_by_column_and_test_with_its_floor() -> None:
    found = told(alarmed())
    assert found["drift_effect", "contract", "distribution"] == 0.22
    assert found["drift_floor", "contract", "distribution"] == 0.1
    assert found["drift_matters", "contract", "distribution"] == 1
    assert found["drift_matters", "tenure", "distribution"] == 0
    assert found["drift_effect", PREDICTION, "distribution"] == 0.03


def test_alarms_are_counted_apart_from_what_is_only_noted() -> None:
    found = told(alarmed())
    assert (found["alarms",], found["findings", "alarm"], found["findings", "note"]) == (1, 1, 0)
    assert told(watch())["alarms",] == 0


def test_a_loss_is_told_with_its_interval_and_whether_it_is_proved() -> None:
    found = told(alarmed())
    assert found["performance_loss", "roc_auc"] == 0.12
    assert (found["performance_loss_low", "roc_auc"], found["performance_loss_high", "roc_auc"]) == (0.07, 0.16)
    assert found["performance_loss_proved", "roc_auc"] == 1


def test_what_could_not_be_found_out_is_left_out_and_no_zero() -> None:
    unknown = performance().observed.model_copy(update={"value": None, "low": None, "high": None})
    nothing = Health(refused_share=None, latency_p50=None, latency_p95=None, latency_p99=None, silent_hours=None)
    found = told(
        watch(
            columns=(drift(effect=None),), prediction=None, health=nothing, estimate=estimate(loss=unknown),
            performance=(performance(observed=unknown, loss=unknown),),
        )
    )  # fmt: skip
    names = {name for name, *_ in found}
    assert not names & {"drift_effect", "performance", "performance_loss", "estimated_loss", "refused_share"}
    assert found["drift_matters", "tenure", "distribution"] == 0


def test_just_one_answer_is_given() -> None:
    found = told(alarmed())
    assert {answer: found["retrain", answer.value] for answer in Answer} == {
        Answer.YES: 1, Answer.NO: 0, Answer.WAIT: 0,
    }  # fmt: skip


def test_every_name_that_can_be_pushed_is_listed() -> None:
    assert {gauge.name for gauge in gauges(alarmed())} == set(NAMES)
