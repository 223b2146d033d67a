"""The whole pipeline on enlarged tables: time and memory against rows."""

import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from scripts.benches.enlarge import enlarge
from scripts.benches.project import Run, commit, make_project, run
from scripts.benches.report import Part, bar, part


def measure(folder: Path, sizes: Sequence[int]) -> Part:
    """One full run with nothing cached for each number of rows."""
    runs = {rows: _one(folder / f"scale-{rows}", rows) for rows in sizes}
    largest, seconds = runs[sizes[-1]], [r.watched.seconds for r in runs.values()]
    together = max(r.watched.together_gb for r in runs.values())
    return part(
        "The whole pipeline against rows: seconds, then peak memory in GB of the largest table",
        ["step", *[f"{rows:,} rows" for rows in sizes], "peak memory, GB"],
        [*_stages(list(runs.values())), ["all", *seconds, together]],
        seconds=seconds,
        exponents=[exponent(sizes[n : n + 2], seconds[n : n + 2]) for n in range(len(sizes) - 1)],
        bars=[
            bar(f"memory at {sizes[-1]:,} rows, all processes together", together, 6, "GB"),
            bar("exponent of time against rows", exponent(sizes, seconds), 1.15, ""),
            bar("the same, of the two largest", exponent(sizes[-2:], seconds[-2:]), 1.15, ""),
        ],
        largest_process_gb=largest.watched.largest_gb,
    )


def exponent(rows: Sequence[int], seconds: Sequence[float]) -> float:
    """Slope of the least-squares line through log seconds over log rows: 1 is linear."""
    return float(np.polyfit(np.log(rows), np.log(seconds), 1)[0]) if len(rows) > 1 else 0.0


def _one(folder: Path, rows: int) -> Run:
    project = make_project(folder)
    enlarge(project, rows)
    commit(project)
    taken = run(project)
    shutil.rmtree(folder)
    return taken


def _stages(runs: Sequence[Run]) -> list[list[object]]:
    largest = runs[-1].watched.by_process
    return [
        [stage, *[r.seconds_by_stage[stage] for r in runs], largest.get(stage, largest["run"])]
        for stage in runs[-1].seconds_by_stage
    ]
