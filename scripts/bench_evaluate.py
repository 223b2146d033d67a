"""How long judging takes and what memory it needs, by rows of the holdout.

    python scripts/bench_evaluate.py [--rows 20000 200000 1000000] [--json PATH]

Candidate, champion, anchor and baseline score the same synthetic rows, with four slice columns of 2 to 12 values; all
metrics with intervals, all paired comparisons, slices, gates and the self-test are worked out, as in every run. Each
size has a process of its own, so that its peak memory is its own.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from slipway.core.params import GateParams
from slipway.core.task import Task
from slipway.evaluation.evidence import Evidence, Floats
from slipway.evaluation.judge import judge

ROOT = Path(__file__).resolve().parent.parent
ROWS = (20_000, 200_000, 1_000_000)
SLICE_VALUES = {"contract": 3, "senior": 2, "payment": 4, "region": 12}


def synthetic(rows: int) -> Evidence:
    """Scores of about the quality that churn has: AUC .84, a quarter positive."""
    random = np.random.default_rng(11)
    log_odds = random.normal(-1.6, 1.9, rows)

    def scored(noise: float) -> Floats:
        return np.asarray(1 / (1 + np.exp(0.1 - 0.9 * log_odds - random.normal(0, noise, rows))))

    y = (random.random(rows) < 1 / (1 + np.exp(-log_odds))).astype(float)
    champion = scored(0.5)
    retrained = [np.clip(champion + random.normal(0, 0.01, rows), 0, 1) for _ in range(2)]
    return Evidence(
        task=Task.CLASSIFICATION,
        y=y,
        candidate=retrained[0],
        baseline=np.full(rows, y.mean()),
        champion=champion,
        anchor=retrained[1],
        shuffled=random.uniform(0.2, 0.4, rows),
        slices={
            name: np.array([f"{name} {k}" for k in range(values)], dtype=object)[random.integers(0, values, rows)]
            for name, values in SLICE_VALUES.items()
        },
        threshold=0.3,
    )


def once(rows: int) -> dict[str, Any]:
    """Judge once in this process; peak memory is that of the whole process, its libraries and its input included."""
    gates = yaml.safe_load((ROOT / "params.yaml").read_text())["use_cases"]["churn"]["gates"]
    params, evidence = GateParams.model_validate_json(json.dumps(gates)), synthetic(rows)
    started = time.perf_counter()
    judgement = judge(evidence, params)
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    return {
        "rows": rows,
        "seconds": round(seconds, 2),
        "peak_gb": round(peak, 2),
        "verdict": judgement.verdict.decision.value,
    }


def measure(sizes: Sequence[int] = ROWS) -> list[dict[str, Any]]:
    """Judge once for each number of rows, each in a process of its own."""
    command = [sys.executable, str(Path(__file__).resolve()), "--once"]
    runs = (subprocess.run([*command, str(rows)], check=True, capture_output=True, text=True) for rows in sizes)
    return [json.loads(run.stdout) for run in runs]


def table(measured: Sequence[dict[str, Any]]) -> str:
    """The figures as Markdown."""
    lines = ["| rows | seconds | peak memory, GB |", "| ---: | ---: | ---: |"]
    return "\n".join([*lines, *(f"| {m['rows']:,} | {m['seconds']:.2f} | {m['peak_gb']:.2f} |" for m in measured)])


def main(arguments: Sequence[str]) -> None:
    """Measure, print, and write the JSON if asked to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="+", default=list(ROWS))
    parser.add_argument("--json", type=Path)
    parser.add_argument("--once", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.once:
        print(json.dumps(once(options.once)))
        return
    measured = measure(options.rows)
    print(table(measured), f"\n{os.cpu_count()} cores", sep="\n")
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps({"cores": os.cpu_count(), "evaluate": measured}, indent=2) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
