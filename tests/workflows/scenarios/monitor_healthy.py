"""A week of ordinary requests: the model is looked at, nothing happens, and nobody is told but by the weekly digest."""

from tests.workflows.rehearsal.scene import Scene
from tests.workflows.scenarios._jobs import digest, monitor
from tests.workflows.scenarios._traffic import DAILY, WEEKLY, all_use_cases, log_traffic

CHAMPION = True
LABELLED = 1500


def play(scene: Scene) -> None:
    log_traffic(scene, 1, rows=LABELLED)
    for _ in range(2):
        run = scene.scheduled("monitor.yml", DAILY)
        scene.expect_jobs(run, monitor(*all_use_cases()))
        said = run.job("look at churn").output
        scene.check("all is well; nobody is told" in said, f"the look found something: {said[-2500:]}")
        _hold_to_silence(scene)
    scene.expect_jobs(scene.scheduled("monitor.yml", WEEKLY), digest())
    roots = scene.thread()
    scene.check(len(roots) == 1, f"one digest was expected, and there are {len(roots)} messages")
    for words in ("churn", "version 1", "2 looks", "no alarm", "retrain no"):
        scene.check(words in str(roots[0]), f"the digest says nothing of {words!r}: {roots[0]}")


def _hold_to_silence(scene: Scene) -> None:
    state = scene.github.state
    scene.check(scene.thread() == [], f"somebody was told: {scene.thread()}")
    scene.check(state.issues == [], f"an issue was opened: {state.issues}")
    scene.check(state.dispatched == [], f"a workflow was started: {state.dispatched}")
    scene.check(sorted(scene.tracking.versions("churn")) == [1], "something was registered")
