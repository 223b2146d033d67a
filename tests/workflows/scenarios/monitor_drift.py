"""Contracts change their meaning: alarm, issue, training on new data, gates, canary, release; then all is well."""

from pathlib import Path
from typing import Any

import pandas as pd

from tests.support.live_traffic import Cells
from tests.workflows.rehearsal.cluster import ENVIRONMENTS, Cluster, environments
from tests.workflows.rehearsal.scene import Scene
from tests.workflows.scenarios._changes import params, raw_table
from tests.workflows.scenarios._jobs import monitor, train
from tests.workflows.scenarios._released import hold_to_serving
from tests.workflows.scenarios._traffic import DAILY, all_use_cases, log_traffic

NEEDS = ("engine", "registry", "cluster")
CHAMPION = True
LABELLED = 1500
OPENED = "issue-opened.md"  # as it was before all was well again, for documentation
SWAPPED = {"Month-to-month": "Two year", "Two year": "Month-to-month"}
_TABLE = "customers.parquet"
_SOURCE = f"""

_as_packaged = collect


def collect(root: Path) -> pd.DataFrame:
    \"\"\"The table as packaged, until the source has another one.\"\"\"
    later = Path.home() / "{_TABLE}"
    return pd.read_parquet(later) if later.exists() else _as_packaged(root)
"""


def play(scene: Scene) -> None:
    scene.repository.commit("source", _impatient, message="The source is asked, and nobody need wait")
    scene.repository.merge("source")
    with environments(scene) as cluster:
        scene.expect_jobs(scene.dispatch("train.yml", use_case="churn", reason="The cluster is new"), train("churn"))
        _hold_to_champion(scene, cluster, version=1)
        _drift_and_retrain(scene, cluster)


def _drift_and_retrain(scene: Scene, cluster: Cluster) -> None:
    log_traffic(scene, 1, rows=LABELLED, change=_swapped)
    scene.expect_jobs(scene.scheduled("monitor.yml", DAILY), monitor(*all_use_cases()))
    number = _hold_to_an_alarm(scene)
    _swap_at_the_source(scene)
    inputs = scene.github.state.dispatched[0]["inputs"]
    run = scene.dispatch("train.yml", **inputs)
    scene.expect_jobs(run, train("churn"))
    _hold_to_champion(scene, cluster, version=2)
    _hold_to_a_thread_with_the_reason(scene, inputs["reason"])
    log_traffic(scene, 2, rows=LABELLED, seed=11)
    scene.expect_jobs(scene.scheduled("monitor.yml", DAILY), monitor(*all_use_cases()))
    _hold_to_the_end_of_it(scene, number)


def _hold_to_an_alarm(scene: Scene) -> int:
    """One issue, one message, one training asked for; returns the issue's number."""
    state = scene.github.state
    scene.check([issue["state"] for issue in state.issues] == ["open"], f"one open issue was expected: {state.issues}")
    issue = state.issues[0]
    for words in ("churn", "Retrain: quality fell", "### Drift", "contract", "### Performance"):
        scene.check(words in issue["body"], f"the issue says nothing of {words!r}: {issue['body']}")
    (scene.folder / OPENED).write_text(issue["body"], encoding="utf-8")
    roots = _alone(scene)
    scene.check(len(roots) == 1, f"one message was expected, and there are {len(roots)}")
    for words in ("churn monitor alarm", "retrain: yes"):
        scene.check(words in str(roots[0]), f"the message says nothing of {words!r}: {roots[0]}")
    asked = [(one["workflow"], one["inputs"].get("use_case"), one["inputs"].get("fresh")) for one in state.dispatched]
    scene.check(asked == [("train.yml", "churn", "true")], f"one training was expected: {state.dispatched}")
    return int(issue["number"])


def _hold_to_champion(scene: Scene, cluster: Cluster, *, version: int) -> None:
    """It is the champion, and every environment serves its one image."""
    versions, champion = sorted(scene.tracking.versions("churn")), scene.tracking.alias("churn", "champion")
    scene.check(versions == list(range(1, version + 1)), f"versions are {versions}")
    scene.check(champion == version, f"the champion is version {champion}")
    digests = {hold_to_serving(scene, cluster.deployed(name), version=version) for name in ENVIRONMENTS}
    scene.check(len(digests) == 1, f"there are several images: {digests}")


def _hold_to_a_thread_with_the_reason(scene: Scene, reason: str) -> None:
    threads = [root for root in scene.thread() if root["replies"]]
    scene.check(len(threads) == 2, f"two trainings were expected, and there are {len(threads)}")
    scene.check(reason[:60] in str(threads[1]), f"the thread does not tell the reason {reason!r}: {threads[1]}")
    told = str(threads[1]["replies"])
    for words in ("new data of churn", "its canary passed"):
        scene.check(words in told, f"the thread says nothing of {words!r}: {told}")


def _hold_to_the_end_of_it(scene: Scene, number: int) -> None:
    """The issue is closed with a comment, people are told once more, and no second training is asked for."""
    state = scene.github.state
    scene.check([issue["state"] for issue in state.issues] == ["closed"], f"the issue is not closed: {state.issues}")
    comments = scene.github.bodies(number)
    scene.check(len(comments) == 1 and "over" in comments[0], f"it was not said why: {comments}")
    alone = _alone(scene)
    scene.check(len(alone) == 2, f"an alarm and its end were expected: {alone}")
    scene.check("over: " in str(alone[-1]), f"nobody was told that it is over: {alone[-1]}")
    scene.check(len(state.dispatched) == 1, f"a second training was asked for: {state.dispatched}")


def _alone(scene: Scene) -> list[dict[str, Any]]:
    """Messages of the monitor: they have no thread."""
    return [root for root in scene.thread() if not root["replies"]]


def _swapped(row: Cells) -> Cells:
    return row | {"contract": SWAPPED.get(row["contract"], row["contract"])}


def _swap_at_the_source(scene: Scene) -> None:
    table: pd.DataFrame = raw_table(scene.repository.clone)
    column: Any = table["contract"].astype(object).replace(SWAPPED)
    table.assign(contract=column.astype(table["contract"].dtype)).to_parquet(scene.repository.home / _TABLE)


def _impatient(clone: Path) -> None:
    source = clone / "src" / "use_cases" / "churn" / "source" / "__init__.py"
    source.write_text(source.read_text() + _SOURCE)
    params(seconds="20", retrain="{metric: brier, cooldown_days: 0}")(clone)
