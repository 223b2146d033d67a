"""churn from nothing cached to an answering endpoint, beside what its libraries take."""

import sys
from pathlib import Path
from statistics import median

from scripts.benches.libraries import STEPS
from scripts.benches.project import ROOT, environment, make_project, run
from scripts.benches.report import Part, bar, part
from scripts.benches.watch import Watched, watch

SIDE_BY_SIDE = {  # a first run finds no registry, and needs no library to say so
    "validate": "validate",
    "prepare": "prepare",
    "train": "train",
    "incumbents": "",
    "evaluate": "evaluate",
    "register": "register",
    "endpoint": "serve",
}


def measure(folder: Path, repeats: int) -> Part:
    """Run and libraries in turn, ``repeats`` times; the last project stays in ``folder / "project"`` for others."""
    runs, plain = [], []
    for number in range(repeats):
        place = folder / f"full-{number}"
        runs.append(run(make_project(place)))
        plain.append(_libraries(place / "project", place / "scratch"))
    (folder / f"full-{repeats - 1}" / "project").rename(folder / "project")
    return _told([r.watched for r in runs], [r.seconds_by_stage for r in runs], plain)


def _libraries(project: Path, scratch: Path) -> dict[str, Watched]:
    return {step: _step(step, project, scratch / step) for step in STEPS}


def _step(step: str, project: Path, scratch: Path) -> Watched:
    scratch.mkdir(parents=True)
    command = [sys.executable, "-m", "scripts.benches.libraries", step, str(project), str(scratch)]
    return watch(command, ROOT, environment())


def _told(runs: list[Watched], stages: list[dict[str, float]], plain: list[dict[str, Watched]]) -> Part:
    ours, theirs = median(r.seconds for r in runs), median(_sum(p, "seconds") for p in plain)
    shown = {stage: median(s[stage] for s in stages) for stage in SIDE_BY_SIDE}
    steps = {step: median(p[step].seconds for p in plain) for step in STEPS}
    rows: list[list[object]] = [[stage, shown[stage], steps.get(step, 0.0)] for stage, step in SIDE_BY_SIDE.items()]
    rows.append(["collect, DVC, the command itself", ours - sum(shown.values()), steps["dvc"]])
    rows.append(["all, seconds", ours, theirs])
    cpu = [median(r.cpu_seconds for r in runs), median(_sum(p, "cpu_seconds") for p in plain)]
    return part(
        "Full run with nothing cached, beside the libraries alone",
        ["step", "slipway run", "libraries"],
        [*rows, ["all, CPU seconds", *cpu]],
        runs=[r.seconds for r in runs],
        libraries=[_sum(p, "seconds") for p in plain],
        bars=[bar("full run", ours, 60, "s"), bar("full run against libraries", ours / theirs, 1.5, "times")],
    )


def _sum(steps: dict[str, Watched], unit: str) -> float:
    return float(sum(getattr(watched, unit) for watched in steps.values()))
