"""What moves is told, what does not is not, and what cannot be tested says why."""

import numpy as np
import pandas as pd
import pytest

from slipway.core.params import MonitorParams
from slipway.core.watch import ColumnDrift, Watch, Weight
from tests.unit.monitoring.windows import FIELDS, reference, rows, watch, week


def drift(seen: Watch, column: str, test: str = "distribution") -> ColumnDrift:
    return next(found for found in seen.columns if (found.column, found.test) == (column, test))


def weight(seen: Watch, name: str) -> Weight | None:
    return next((found.weight for found in seen.findings if found.name == name), None)


def test_a_window_like_the_reference_is_quiet() -> None:
    seen = watch(rows(2_000, seed=1))
    assert seen.standing == ()
    assert [found for found in seen.findings if found.weight is not Weight.NOTE] == []


def test_a_shift_is_a_warning_first_and_an_alarm_when_the_next_window_has_it_too() -> None:
    first = watch(rows(1_000, seed=1, tenure=0.5))
    second = watch(rows(1_000, seed=2, tenure=0.5), previous=[first], **week(1))
    assert weight(first, "drift of tenure") is Weight.WARNING
    assert weight(second, "drift of tenure") is Weight.ALARM


def test_with_one_window_asked_for_a_shift_is_an_alarm_at_once() -> None:
    seen = watch(rows(1_000, seed=1, tenure=0.5), params=MonitorParams(windows=1))
    assert weight(seen, "drift of tenure") is Weight.ALARM


def test_a_look_at_the_same_days_is_no_second_window() -> None:
    first = watch(rows(1_000, seed=1, tenure=0.5))
    again = watch(rows(1_000, seed=1, tenure=0.5), previous=[first], now="2026-01-08T06:00:00+00:00")
    assert weight(again, "drift of tenure") is Weight.WARNING


def test_what_another_champion_saw_is_no_window_of_this_one() -> None:
    first = watch(rows(1_000, seed=1, tenure=0.5), record_digest="r2", version=2)
    second = watch(rows(1_000, seed=2, tenure=0.5), previous=[first], **week(1))
    assert weight(second, "drift of tenure") is Weight.WARNING


def test_a_quiet_window_between_begins_the_count_anew() -> None:
    first = watch(rows(1_000, seed=1, tenure=0.5))
    quiet = watch(rows(1_000, seed=2), previous=[first], **week(1))
    third = watch(rows(1_000, seed=3, tenure=0.5), previous=[quiet, first], **week(2))
    assert weight(third, "drift of tenure") is Weight.WARNING


def test_a_window_too_small_to_test_does_not() -> None:
    first = watch(rows(1_000, seed=1, tenure=0.5))
    small = watch(rows(100, seed=2), previous=[first], **week(1))
    third = watch(rows(1_000, seed=3, tenure=0.5), previous=[small, first], **week(2))
    assert weight(third, "drift of tenure") is Weight.ALARM


def test_drift_of_what_the_model_ignores_is_a_note_however_long() -> None:
    table = rows(1_000, seed=1).assign(ignored=lambda t: t["ignored"] + 1)
    first = watch(table)
    second = watch(table, previous=[first], **week(1))
    assert drift(second, "ignored").drifted
    assert not drift(second, "ignored").matters
    assert weight(second, "drift of ignored") is Weight.NOTE


def test_without_importances_every_drift_matters() -> None:
    table = rows(1_000, seed=1).assign(ignored=lambda t: t["ignored"] + 1)
    assert drift(watch(table, against=reference(importances={"tenure": 0.0})), "ignored").matters


def test_a_sure_but_tiny_change_is_no_drift() -> None:
    seen = watch(rows(40_000, seed=1, tenure=0.06))
    found = drift(seen, "tenure")
    assert found.p_value is not None
    assert found.p_value < 1e-3
    assert not found.drifted


def test_a_share_that_moves_is_told_with_its_name() -> None:
    table = rows(2_000, seed=1)
    table.loc[: 2_000 * 0.15, "contract"] = "year"
    found = drift(watch(table), "contract")
    assert found.drifted
    assert "'month'" in found.detail or "'year'" in found.detail


def test_values_never_seen_before_are_drift_and_a_finding() -> None:
    table = rows(1_000, seed=1)
    table.loc[:200, "contract"] = "decade"
    seen = watch(table)
    assert drift(seen, "contract").drifted
    assert weight(seen, "new values contract") is Weight.WARNING


def test_missing_values_are_a_drift_of_their_own() -> None:
    table = rows(500, seed=1)
    table.loc[:50, "tenure"] = np.nan
    seen = watch(table)
    assert drift(seen, "tenure", "missing").drifted
    assert not drift(seen, "tenure").drifted
    assert "missing tenure" in seen.standing


def test_dates_are_told_and_not_tested() -> None:
    seen = watch(rows(1_000, seed=1).assign(signed=20_000.0))
    found = drift(seen, "signed")
    assert found.effect is not None
    assert found.effect > 1
    assert found.p_value is None
    assert "by nature" in found.untested
    assert weight(seen, "out of range signed") is None


def test_hashed_values_are_tested_for_gaps_only() -> None:
    table = rows(1_000, seed=1)
    table.loc[:150, "postcode"] = None
    seen = watch(table)
    assert drift(seen, "postcode").untested == "the log keeps its values as hashes"
    assert drift(seen, "postcode", "missing").drifted


def test_what_the_log_leaves_out_is_not_tested_and_no_fault() -> None:
    seen = watch(rows(1_000, seed=1))
    assert {drift(seen, "name", test).untested for test in ("distribution", "missing")} == {"the log leaves it out"}
    assert weight(seen, "absent name") is None


def test_few_predictions_are_not_tested_and_that_is_told() -> None:
    seen = watch(rows(100, seed=1, tenure=3))
    assert all(found.p_value is None and found.untested for found in seen.columns)
    assert weight(seen, "few predictions") is Weight.NOTE


def test_predictions_are_tested_like_a_column() -> None:
    seen = watch(rows(1_000, seed=1).assign(__score__=lambda t: t["__score__"] ** 3))
    assert seen.prediction is not None
    assert seen.prediction.drifted
    assert "drift of predictions" in seen.standing


@pytest.mark.parametrize(
    ("column", "values", "name"),
    [
        ("tenure", np.nan, "empty tenure"),
        ("tenure", 0.25, "constant tenure"),
        ("contract", "year", "constant contract"),
        ("contract", None, "empty contract"),
        ("tenure", 1e6, "unit of tenure"),
    ],
)
def test_a_fault_is_an_alarm_at_once(column: str, values: float | str | None, name: str) -> None:
    table = rows(600, seed=1).assign(tenure=lambda t: t["tenure"] + 5)
    against = reference(rows(4_000).assign(tenure=lambda t: t["tenure"] + 5))
    table[column] = values
    assert weight(watch(table, against=against), name) is Weight.ALARM


@pytest.mark.parametrize("times", [1_000, 0.01])
def test_another_unit_is_named_with_its_factor(times: float) -> None:
    against = reference(rows(4_000).assign(tenure=lambda t: t["tenure"] + 5))
    seen = watch(rows(600, seed=1).assign(tenure=lambda t: times * (t["tenure"] + 5)), against=against)
    told = next(found.told for found in seen.findings if found.name == "unit of tenure")
    assert float(told.split(" are ")[1].split(" times")[0]) == pytest.approx(times, rel=0.05)


def test_a_feature_that_disappeared_from_the_log_is_an_alarm() -> None:
    seen = watch(rows(600, seed=1).drop(columns="tenure"))
    assert weight(seen, "absent tenure") is Weight.ALARM
    assert drift(seen, "tenure", "missing").drifted
    assert drift(seen, "tenure").untested == "no value in the window"


def test_a_column_that_the_model_does_not_know_is_told() -> None:
    assert weight(watch(rows(600, seed=1).assign(colour="red")), "unknown colour") is Weight.WARNING


def test_predictions_that_are_no_numbers_are_an_alarm() -> None:
    seen = watch(rows(600, seed=1).assign(__score__=np.nan))
    assert weight(seen, "predictions without a number") is Weight.ALARM


def test_a_window_entirely_of_nan_is_told_and_no_crash() -> None:
    words = {"contract": None, "postcode": None}
    table = pd.DataFrame(np.nan, index=range(600), columns=rows(1).columns).astype(dict.fromkeys(words, object))
    table[list(words)] = None
    seen = watch(table, labelled=True)
    assert {"empty tenure", "empty contract", "predictions without a number"} <= set(seen.alarms)
    assert seen.performance == ()


def test_an_empty_log_is_told() -> None:
    seen = watch(rows(0))
    assert weight(seen, "no predictions") is Weight.WARNING
    assert weight(seen, "silence") is Weight.ALARM
    assert seen.retrain.cause is None


def test_a_reference_of_another_schema_is_told_and_the_rest_is_tested() -> None:
    seen = watch(rows(1_000, seed=1, tenure=1), against=reference(rows(4_000).drop(columns="contract")))
    assert weight(seen, "reference") is Weight.WARNING
    assert drift(seen, "tenure").drifted
    assert drift(seen, "contract").untested == "the reference does not have it"


def test_a_reference_of_another_model_is_an_alarm() -> None:
    strange = rows(1_000).rename(columns={field.name: f"other {field.name}" for field in FIELDS})
    assert weight(watch(rows(600, seed=1), against=reference(strange)), "reference") is Weight.ALARM


def test_a_reference_of_other_types_is_told() -> None:
    seen = watch(rows(600, seed=1), against=reference(rows(1_000).assign(tenure="a", contract=1.0)))
    assert weight(seen, "reference") is Weight.WARNING
    assert drift(seen, "tenure").untested == "the reference has another type of it"


def test_an_empty_reference_is_an_alarm() -> None:
    assert weight(watch(rows(600, seed=1), against=reference(rows(0))), "reference") is Weight.ALARM


def test_gaps_nobody_has_are_no_drift_and_count_as_no_test() -> None:
    found = drift(watch(rows(1_000, seed=1)), "contract", "missing")
    assert found.p_value == 1
    assert not found.drifted


def test_health_tells_latency_and_silence() -> None:
    health = watch(rows(600, seed=1)).health
    assert health.latency_p95 == pytest.approx(4, rel=0.02)
    assert health.silent_hours == pytest.approx(8)
