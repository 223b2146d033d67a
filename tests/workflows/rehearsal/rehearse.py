"""Plays scenarios one after the other, shows each, and writes down what was seen."""

import json
import os
import subprocess
import time
import traceback
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from tests.workflows.rehearsal.picture import draw
from tests.workflows.rehearsal.scene import CHECKOUT, NAME, REGISTRY, Scene, Unexpected, scene

SCRATCH = CHECKOUT / "build" / "rehearsal"
PROMPTS = {
    "engine": ["docker", "version"],
    "registry": ["curl", "--fail", "--silent", "--max-time", "5", f"http://{REGISTRY}/v2/"],
    "cluster": ["bash", "-c", '[ -n "$KUBECONFIG" ] && kubectl --request-timeout=5s get --raw /readyz'],
}


@dataclass(frozen=True)
class Outcome:
    """``words`` is empty where the scenario went as it should; ``load_average`` is the machine's, before and after."""

    name: str
    told: str
    words: str
    skipped: bool
    seconds: float
    runs: list[dict[str, Any]]
    figures: dict[str, float]
    load_average: dict[str, float]


def rehearse(name: str, module: ModuleType, *, head_only: bool = False) -> Outcome:
    """Play one scenario; whatever goes wrong becomes words."""
    told = (module.__doc__ or name).strip().splitlines()[0]
    missing = [need for need in getattr(module, "NEEDS", ()) if not _answers(need)]
    if missing:
        words = f"no {' and no '.join(missing)} answers here"
        return Outcome(name, told, words, os.environ.get("CI") != "true", 0.0, [], {}, {})
    began, busy = time.monotonic(), os.getloadavg()[0]
    with scene(name, SCRATCH, module, head_only=head_only) as stage:
        words = _play(module, stage)
        _keep(stage)
        runs = [_told(stage, index) for index in range(len(stage.runs))]
        load = {"before": round(busy, 2), "after": round(os.getloadavg()[0], 2)}
        return Outcome(name, told, words, False, time.monotonic() - began, runs, dict(stage.notes), load)


def show(outcome: Outcome) -> str:
    """The picture of a scenario: its runs, the time to the report, and what was wrong."""
    mark = "skipped" if outcome.skipped else "FAILED" if outcome.words else "passed"
    lines = [f"{outcome.name}: {mark} in {outcome.seconds:.0f} s", f"  {outcome.told}"]
    lines += [run["picture"] for run in outcome.runs]
    lines += [f"  {name}: {value:.1f} s" for name, value in outcome.figures.items()]
    return "\n".join([*lines, *([outcome.words] if outcome.words else []), ""])


def _play(module: ModuleType, stage: Scene) -> str:
    try:
        module.play(stage)
    except Unexpected as wrong:
        return str(wrong)
    except Exception:
        return traceback.format_exc()
    found = stage.leaks()
    return f"secrets can be read: {'; '.join(found)}" if found else ""


def _told(stage: Scene, index: int) -> dict[str, Any]:
    run = stage.runs[index]
    title = f"  {run.workflow} ({run.event}{', attempt ' + str(run.attempt) if run.attempt > 1 else ''})"
    jobs = [
        {
            "name": job.name,
            "result": job.result,
            "starts_s": round(job.began - run.began, 2),
            "takes_s": round(job.seconds, 2),
            "steps": [{"name": s.name, "result": s.result, "takes_s": round(s.seconds, 2)} for s in job.steps],
        }
        for job in run.jobs
    ]
    return {
        "workflow": run.workflow,
        "event": run.event,
        "attempt": run.attempt,
        "results": dict(run.results),
        "jobs": jobs,
        "picture": draw(title, run.jobs, dict(run.results), run.began),
    }


def _keep(stage: Scene) -> None:
    """What documentation shows of a scenario: comments and the thread."""
    state = stage.github.state
    told = {"repository": NAME, "comments": state.comments, "pulls": state.pulls, "issues": state.issues}
    (stage.folder / "github.json").write_text(json.dumps(told, indent=1, ensure_ascii=False), encoding="utf-8")
    for number in stage.github.state.comments:
        for index, body in enumerate(stage.github.bodies(int(number)), start=1):
            (stage.folder / f"comment-{number}-{index}.md").write_text(body, encoding="utf-8")
    for issue in state.issues:
        (stage.folder / f"issue-{issue['number']}.md").write_text(issue["body"], encoding="utf-8")
    (stage.folder / "slack.json").write_text(
        json.dumps(stage.slack.dump(), indent=1, ensure_ascii=False), encoding="utf-8"
    )


def _answers(need: str) -> bool:
    try:
        return subprocess.run(PROMPTS[need], capture_output=True, timeout=20, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def write(outcomes: list[Outcome], path: Path) -> None:
    """All of it as JSON, for tables in the documentation."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([vars(outcome) for outcome in outcomes], indent=1, ensure_ascii=False), encoding="utf-8")
