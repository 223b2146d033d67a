"""Whatever a log holds, a look says something of it that can be written down."""

import json
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from slipway.core.params import MonitorParams, RetrainParams
from slipway.core.watch import Counts, Watch, Weight
from slipway.monitoring.batch import Batch, Outcomes
from slipway.monitoring.looking import look
from slipway.monitoring.reference import Reference
from slipway.monitoring.tally import Tally
from tests.unit.monitoring.windows import FIELDS, IMPORTANCES, reference, rows, situation, tally, watch

KINDS: dict[str, Callable[[int], np.ndarray]] = {
    "nothing": lambda count: np.full(count, np.nan),
    "no words": lambda count: np.full(count, None, object),
    "infinite": lambda count: np.full(count, np.inf),
    "huge": lambda count: np.full(count, 1e300),
    "mixed": lambda count: np.resize(np.array([1.0, "a", None, np.nan, "", "1e5"], object), count),
    "true": lambda count: np.ones(count, bool),
    "counting": np.arange,
    "words": lambda count: np.array([f"word {n}" for n in range(count)], object),
}
AGAINST = {
    "usual": reference(rows(600)),
    "nothing labelled": reference(rows(300).assign(__score__=np.nan)),
    "one row": reference(rows(1)),
    "no row": reference(rows(0)),
    "constant": reference(rows(400).assign(tenure=1.0, contract="month", __score__=0.5)),
    "without importances": reference(rows(300), importances={}),
}


def seen_of(against: Reference, batches: list[Batch], labels: np.ndarray | None) -> Watch:
    counted = Tally(against)
    for batch in batches:
        counted.add(batch)
    outcomes = None if labels is None else Outcomes(labels, np.resize([0.2, 0.9], labels.size), np.zeros(labels.size))
    params = MonitorParams(least_rows=1)
    known = situation(metric="roc_auc")
    return look(against, counted, outcomes, Counts(), params=params, retrain=RetrainParams(), situation=known)


def strange(count: int, kinds: list[str | None]) -> Batch:
    columns = {field.name: KINDS[k](count) for field, k in zip(FIELDS, kinds, strict=True) if k is not None}
    scores = np.resize([0.1, np.nan, 0.7, np.inf], count)
    times = np.resize([0.0, 1e12, np.nan], count)
    return Batch(columns, scores, np.arange(count, dtype=np.uint64), times, np.resize([np.nan, -1.0, 1e30], count))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from(sorted(AGAINST)),
    st.lists(
        st.tuples(
            st.integers(0, 40),
            st.lists(st.sampled_from([None, *KINDS]), min_size=len(FIELDS), max_size=len(FIELDS)),
        ),
        max_size=3,
    ),
    st.one_of(st.none(), st.lists(st.sampled_from([0.0, 1.0, np.nan]), max_size=50).map(np.array)),
)
def test_no_log_is_too_strange_to_be_told_of(
    against: str, batches: list[tuple[int, list[str | None]]], labels: np.ndarray | None
) -> None:
    seen = seen_of(AGAINST[against], [strange(count, kinds) for count, kinds in batches], labels)
    assert Watch.model_validate_json(json.dumps(seen.model_dump(mode="json"))) == seen


def test_looking_twice_at_the_same_says_the_same() -> None:
    assert watch(rows(600, seed=1), labelled=True) == watch(rows(600, seed=1), labelled=True)


def test_the_weightiest_findings_come_first() -> None:
    weights = [found.weight for found in watch(rows(600, seed=1, tenure=1).drop(columns="contract")).findings]
    order = list(Weight)
    assert weights == sorted(weights, key=order.index, reverse=True)
    assert len(set(weights)) > 1


def test_importances_are_told_as_shares_of_the_whole() -> None:
    found = {drift.column: drift.importance for drift in watch(rows(600, seed=1)).columns}
    assert found["tenure"] == pytest.approx(6 / sum(IMPORTANCES.values()))
    assert sum(share or 0 for share in found.values()) == pytest.approx(1)


def test_a_tally_counts_batches_without_keeping_them() -> None:
    counted = tally(rows(500))
    sizes = {name: getattr(counts, "cells", np.zeros(0)).size for name, counts in counted.columns.items()}
    for seed in range(3):
        counted.merge(tally(rows(500, seed), counted.reference))
    assert counted.rows == 2_000
    assert sizes == {name: getattr(c, "cells", np.zeros(0)).size for name, c in counted.columns.items()}
