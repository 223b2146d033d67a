"""How often monitoring tells of drift where there is none, what it sees, how good its estimates are, how fast it is.

    python scripts/bench_monitoring.py [--only quiet changes estimates speed] [--json PATH]
    python scripts/bench_monitoring.py --from PATH --into docs/monitoring.md

`slipway prepare churn` and `slipway prepare homes` must have run. Windows and references are drawn from the same rows,
which no model that scored them has seen. Nothing here is a test: bars are told, not enforced.
"""

import argparse
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from scripts.benches.machine import describe
from scripts.benches.monitoring import estimates, speed, windows
from scripts.benches.monitoring.bells import bells
from scripts.benches.monitoring.sample import Sample, sample_of
from scripts.benches.report import Part, markdown, show
from slipway.wiring import open_project

PARTS = ("quiet", "changes", "estimates", "speed")
NAMES = ("churn", "homes")
HEADING = "## Figures\n"


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, or read what was measured; print it, and write it where asked to."""
    options = _options(arguments)
    figures = json.loads(options.source.read_text()) if options.source else _measure(options)
    if options.into:
        above, heading, _ = options.into.read_text().partition(HEADING)
        options.into.write_text(f"{above}{heading}\n{markdown(**figures)}")
    show(**figures, console=Console(width=160))


def _measure(options: argparse.Namespace) -> dict[str, Any]:
    progress, machine, samples = Console(stderr=True), describe(), _samples(options.only)
    drawn = [*samples, bells(samples[0].section)] if samples else []
    measured: dict[str, Callable[[], Part]] = {
        "quiet": lambda: windows.without_drift(drawn, options.quiet_windows),
        "changes": lambda: windows.with_changes(drawn, options.changed_windows),
        "estimates": lambda: estimates.of_windows(samples, options.estimated_windows),
        "speed": speed.measure,
    }
    parts = []
    for name in options.only:
        progress.print(f"measuring: {name}")
        parts.append(measured[name]())
        _write(options.json, {"machine": machine, "parts": parts})
    return {"machine": machine, "parts": parts}


def _write(path: Path | None, figures: dict[str, Any]) -> None:
    """After each part, so that one who stops keeps what is done."""
    if path:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(figures, indent=2) + "\n")


def _samples(parts: Sequence[str]) -> list[Sample]:
    project = open_project()
    return [sample_of(project, name) for name in NAMES] if set(parts) - {"speed"} else []


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS), help="measure these parts only")
    parser.add_argument("--quiet-windows", type=int, default=1_000, help="windows without drift, of each size")
    parser.add_argument("--changed-windows", type=int, default=200, help="windows with each change, of each size")
    parser.add_argument("--estimated-windows", type=int, default=60, help="windows with each tilt")
    parser.add_argument("--json", type=Path, help="write the figures here")
    parser.add_argument("--from", type=Path, dest="source", metavar="JSON", help="measure nothing, take these figures")
    parser.add_argument("--into", type=Path, help="a document whose part below its heading Figures is written anew")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
