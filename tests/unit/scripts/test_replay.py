"""The replay: nothing is known before its time, what is planted begins when it should, and gains are counted right."""

import gzip
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from scripts.benches.replaying.customers import MONTH_DAYS, PLANTED, PLANTED_MONTH, customers
from scripts.benches.replaying.live import Asked, Clock, Live, Told
from scripts.benches.replaying.monitored import Ours
from scripts.benches.replaying.policies import Monthly, Never
from scripts.benches.replaying.quality import gains, interval, monthly
from scripts.benches.replaying.replaying import Course, course
from scripts.benches.replaying.runs import told_of
from scripts.benches.replaying.stream import DAY, Stream
from scripts.benches.replaying.telling import pictures, told
from scripts.benches.replaying.workshop import Trainings
from scripts.replay import replaced
from slipway.core.params import UseCaseParams
from slipway.core.task import Task
from slipway.core.use_case import Categorical, Numeric, UseCase
from slipway.discovery import load_use_case
from slipway.workspace.params import read_params
from tests.support.bundles import CHURN, write_bundle
from tests.support.documents import PROJECT

BEGINS = pd.Timestamp("2025-01-01", tz="UTC").timestamp()
ROWS_A_DAY, HISTORY, MONTHS = 40, 10, 3


def section(**more: Any) -> UseCaseParams:
    gate = {"metric": "roc_auc", "margin": 0.2}
    document = {
        "split": {"by": "time", "holdout_share": 0.2},
        "train": {"estimator": "linear"},
        "evaluate": {},
        "gates": {
            "absolute": [{"metric": "roc_auc", "min": 0.5}],
            "baseline": {"metric": "average_precision"},
            "champion": gate,
            "anchor": gate,
            "slices": {"metric": "roc_auc"},
        },
        "serve": {"out_of_range": "warn"},
        "monitor": {"window_days": 7, "least_rows": 100},
        "retrain": {"metric": "brier", "least_labels": 100},
    }
    return UseCaseParams.model_validate_json(json.dumps(document | more))


def small_stream(**more: Any) -> Stream:
    """Who leaves depends on one number, and from the second month on in the other direction."""
    rng = np.random.default_rng(1)
    days = np.repeat(np.arange(-HISTORY, MONTHS * 14), ROWS_A_DAY)
    x, turned = rng.normal(size=len(days)), days >= 14
    left = rng.random(len(days)) < 1 / (1 + np.exp(np.where(turned, 2, -2) * x))
    table = pd.DataFrame(
        {"x": x, "kind": rng.choice(["a", "b"], len(days)), "at": days, "churn": np.where(left, "Yes", "No")}
    )
    table["at"] = pd.to_datetime("2025-01-01") + pd.to_timedelta(table["at"], unit="D")
    table["customer"] = np.arange(len(table))
    case = UseCase(
        name="small", title="Who leaves", task=Task.CLASSIFICATION, target="churn", positive="Yes", key=("customer",),
        features=(Numeric("x"), Categorical("kind")), collect=lambda _: table, expectations=(), time="at",
    )  # fmt: skip
    given: dict[str, Any] = {
        "name": "small", "title": "Small", "planted": "a turn", "use_case": case, "params": section(), "table": table,
        "moments": BEGINS + days * DAY + rng.integers(0, int(DAY), len(days)), "begins": BEGINS, "month_days": 14.0,
        "steps": 2, "months": MONTHS, "label_days": 2.0, "remembered_days": 7.0, "planted_month": 2,
    }  # fmt: skip
    return Stream(**given | more)


@pytest.fixture(scope="module")
def stream() -> Stream:
    return small_stream()


@pytest.fixture(scope="module")
def courses(stream: Stream, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Course]:
    folder = tmp_path_factory.mktemp("replay")
    trainings = Trainings(stream, folder / "trained")
    policies = (Never(), Monthly(), Ours(stream))
    return {p.name: course(stream, p, trainings, folder / p.name, lambda _: None) for p in policies}


def test_every_row_of_the_traffic_is_asked_once_and_no_earlier_one(stream: Stream) -> None:
    asked = np.concatenate([stream.asked(step) for step in stream.walk()])
    assert sorted(asked) == list(np.flatnonzero(stream.moments >= stream.begins))


def test_an_outcome_is_told_in_the_step_in_which_it_arrives(stream: Stream) -> None:
    for step in stream.walk():
        arrived = stream.moments[stream.due(step)] + 2 * DAY
        assert ((arrived >= step.since) & (arrived < step.until)).all()


def test_collecting_knows_no_outcome_before_it_arrived_and_forgets_old_rows(stream: Stream) -> None:
    at = BEGINS + 10 * DAY
    known = stream.moments[stream.known(at)]
    assert known.max() < at - 2 * DAY <= known.max() + DAY
    assert known.min() >= at - 9 * DAY


def test_a_fault_changes_what_is_sent_from_its_month_on_and_not_the_table() -> None:
    faulty = small_stream(fault=lambda rows: rows.assign(x=0.0))
    rows = np.arange(5)
    assert faulty.sent(rows, 1).equals(faulty.table.iloc[rows])
    assert (faulty.sent(rows, 2)["x"] == 0).all()
    assert (faulty.table["x"].iloc[rows] != 0).all()


def test_the_log_has_the_time_of_the_clock(tmp_path: Path) -> None:
    bundle, log, clock = write_bundle(tmp_path / "bundle", CHURN), tmp_path / "log", Clock()
    body = json.dumps(CHURN.examples[0]).encode()
    said = Live(clock, log).serve(
        bundle, 3, [Asked(1e9, "a", body), Asked(1e9 + 1, "b", b"{}"), Told(1e9 + 2, "a", 1.0)]
    )
    (path,) = log.iterdir()
    entries = [json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines()]
    assert [(entry["kind"], entry["time"][:19]) for entry in entries] == [
        ("prediction", "2001-09-09T01:46:40"), ("refused", "2001-09-09T01:46:41"), ("feedback", "2001-09-09T01:46:42"),
    ]  # fmt: skip
    assert set(said) == {"a"}
    assert path.name.startswith("predictions-20010909T")
    assert path.stat().st_mtime == 1e9 + 2


def test_every_policy_answers_the_same_requests(courses: dict[str, Course], stream: Stream) -> None:
    asked = stream.moments >= stream.begins
    assert all(np.isfinite(made.scores[asked]).all() for made in courses.values())
    assert (courses["never"].retrainings, courses["monthly"].retrainings) == (0, MONTHS)


def test_ours_retrains_only_after_what_was_planted_and_the_new_model_is_better(
    courses: dict[str, Course], stream: Stream
) -> None:
    ours, never = courses["ours"], courses["never"]
    assert {attempt["month"] for attempt in ours.attempts} <= {2, 3}
    assert ours.attempts[0]["promoted"]
    quality = {made.policy: monthly(stream, made.scores, "brier") for made in (ours, never)}
    assert quality["ours"][0] == quality["never"][0]
    assert quality["ours"][2] < quality["never"][2]


def ours(stream: Stream, folder: Path) -> Course:
    return course(stream, Ours(stream), Trainings(stream, folder / "trained"), folder / "ours", lambda _: None)


def test_ours_waits_while_requests_drift_and_the_table_does_not(tmp_path: Path) -> None:
    made = ours(small_stream(fault=lambda rows: rows.assign(x=rows["x"] / 12), remembered_days=14.0), tmp_path)
    told = [look for look in made.looks if "skew of x" in look["alarms"]]
    assert {look["month"] for look in told} == {2, 3}
    waiting = [" ".join(look["reasons"]) for look in told if look["answer"] == "wait"]
    assert waiting
    assert all("skew of x: mend that first" in reasons for reasons in waiting)
    assert "yes" not in {look["answer"] for look in told}


def test_ours_tries_again_what_was_better_and_refused_for_a_level_alone(tmp_path: Path) -> None:
    gates = section().gates.model_dump(mode="json") | {"absolute": [{"metric": "roc_auc", "min": 0.999}]}
    made = ours(small_stream(params=section(gates=gates)), tmp_path)
    first, second = made.attempts[:2]
    assert not first["promoted"]
    assert second["reason"].startswith("version 2 was proved better than the champion")


def test_a_look_sees_the_rows_of_its_window_and_all_outcomes_that_came_so_far(courses: dict[str, Course]) -> None:
    first, second = courses["ours"].looks[:2]
    assert (first["rows"], second["outcomes"]) == (7 * ROWS_A_DAY, 12 * ROWS_A_DAY)
    assert 4 * ROWS_A_DAY < first["outcomes"] < 6 * ROWS_A_DAY


def test_gains_are_told_in_tables_and_pictures(courses: dict[str, Course], stream: Stream, tmp_path: Path) -> None:
    run = {"seed": 1, **told_of(stream, courses)}
    again = json.loads(json.dumps(run))
    parts = told({"small": [again]})
    assert parts[0]["rows"][0][:2] == ["small", "brier"]
    assert [each["what"].split(":")[0] for each in parts[0]["bars"]] == ["small", "small"]
    (path,) = pictures({"small": [again]}, tmp_path)
    first = path.read_bytes()
    assert pictures({"small": [again]}, tmp_path)[0].read_bytes() == first


def test_a_gain_is_better_whichever_way_a_metric_points(stream: Stream) -> None:
    truth, asked = stream.targets, stream.moments >= stream.begins
    worse, better = np.full(len(truth), 0.5), np.where(truth == 1, 0.9, 0.1)
    scores = {"never": worse, "monthly": better, "ours": worse}
    for metric in ("brier", "roc_auc"):
        (gain,) = gains(stream, {name: np.where(asked, s, np.nan) for name, s in scores.items()}, metric)
        assert gain[0] > 0
        assert gain[1] == 0


def test_an_interval_holds_the_middle_of_the_values() -> None:
    assert interval(list(range(1001))) == (25.0, 975.0)


@pytest.fixture(scope="module")
def make() -> Callable[[str, int], Stream]:
    case, params = load_use_case(PROJECT, "churn"), read_params(PROJECT).use_cases["churn"]
    rng, rows = np.random.default_rng(3), 400
    cells: dict[str, Any] = {name: rng.choice(["Yes", "No"], rows) for name in case.categorical}
    cells["tenure"] = rng.integers(0, 72, rows)
    cells["monthly_charges"], cells["total_charges"] = rng.uniform(20, 100, rows), rng.uniform(20, 5000, rows)
    cells["churn"] = np.where(rng.random(rows) < np.where(cells["tenure"] < 24, 0.5, 0.1), "Yes", "No")
    raw = pd.DataFrame(cells)
    return lambda name, seed: customers(name, case, params, raw, seed=seed, months=PLANTED_MONTH)


def test_streams_of_one_seed_are_alike_until_something_is_planted(make: Callable[[str, int], Stream]) -> None:
    steady = make("steady", 1)
    until = steady.moments < steady.begins + (PLANTED_MONTH - 1) * MONTH_DAYS * DAY
    assert make("steady", 1).table.equals(steady.table)
    assert not make("steady", 2).table.equals(steady.table)
    for name in PLANTED:
        other = make(name, 1)
        assert other.table[until].equals(steady.table[until])
        assert other.table.equals(steady.table) == (name in ("steady", "constant", "cents", "years"))


def test_what_is_planted_moves_what_it_says(make: Callable[[str, int], Stream]) -> None:
    after = {name: make(name, 1) for name in PLANTED}
    rows = {name: s.table[s.month_of == PLANTED_MONTH] for name, s in after.items()}
    leaving = {name: (found["churn"] == "Yes").mean() for name, found in rows.items()}
    assert leaving["label"] > leaving["steady"] + 0.05
    assert rows["covariate"]["tenure"].mean() < rows["steady"]["tenure"].mean() - 3
    partner = rows["concept"].groupby("partner")["churn"].agg(lambda left: (left == "Yes").mean())
    assert partner["Yes"] > partner["No"] + 0.1
    for name in ("constant", "cents", "years"):
        sent = after[name].sent(np.arange(9), PLANTED_MONTH)
        assert not sent.equals(after[name].table.iloc[:9])


def test_figures_are_put_where_the_old_ones_were() -> None:
    document = "# Replay\n\n### Figures of the replay\n\nold\n\n## Next\n"
    assert replaced(document, "new\n") == "# Replay\n\n### Figures of the replay\n\nnew\n\n## Next\n"


def test_a_training_that_was_made_is_not_made_again(stream: Stream, tmp_path: Path) -> None:
    trainings, known = Trainings(stream, tmp_path), stream.known(stream.begins)
    first = trainings.of(known)
    assert trainings.of(known) == first
    assert trainings.made == 1
    assert Trainings(replace(stream, name="another"), tmp_path).of(known) == first
