"""A run when everything is done, and one after a gate's threshold was changed."""

from pathlib import Path
from statistics import median

from scripts.benches.project import Run, run
from scripts.benches.report import Part, bar, part
from slipway.stages.sequence import CACHED


def nothing_to_do(project: Path, repeats: int) -> Part:
    """``slipway run churn`` again and again; the first, which sees MLflow's new version, is not counted."""
    _stages_done(run(project))
    runs = [run(project) for _ in range(repeats)]
    worked = [_stages_done(each) for each in runs]
    seconds, cpu = (median(getattr(r.watched, unit) for r in runs) for unit in ("seconds", "cpu_seconds"))
    stages = [[name, median(r.seconds_by_stage[name] for r in runs)] for name in ("register", "endpoint")]
    rest = seconds - sum(float(str(s)) for _, s in stages)
    return part(
        "A run with nothing to do",
        ["step", "seconds"],
        [["look at every stage, the command itself", rest], *stages, ["all", seconds], ["all, CPU seconds", cpu]],
        runs=[r.watched.seconds for r in runs],
        bars=[
            bar("a run with nothing to do", seconds, 4, "s"),
            bar("stages that a run with nothing to do repeats", max(map(len, worked)), 0, ""),
        ],
    )


def gate_changed(project: Path) -> Part:
    """Change one gate's threshold and count the stages that run."""
    params = project / "params.yaml"
    text = params.read_text()
    changed = text.replace("{metric: roc_auc, min: 0.80}", "{metric: roc_auc, min: 0.79}")
    if changed == text:
        raise ValueError(f"{params} has not the gate that is to be changed")
    params.write_text(changed)
    after = run(project)
    params.write_text(text)
    done = _stages_done(after)
    others = [stage for stage in done if stage != "evaluate"]
    return part(
        "After a change of one gate's threshold",
        ["stages that run", "seconds"],
        [[", ".join(done), after.watched.seconds]],
        ran=done,
        bars=[bar("stages besides evaluate that a changed gate runs", len(others), 0, "")],
    )


def _stages_done(result: Run) -> list[str]:
    return [stage for stage in result.ran if stage in CACHED]
