"""How fast Slipway is and how much memory it needs. Run it on a machine that does nothing else.

    python scripts/bench.py [--only full noop cli plan evaluate scale] [--json PATH]
    python scripts/bench.py --from PATH --into docs/performance.md

Every project is a fresh copy in a temporary folder. Nothing here is a test: bars are told, not enforced.
"""

import argparse
import json
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from scripts.benches import again, commands, full_run, judging, planning, scale
from scripts.benches.machine import describe, load_average
from scripts.benches.project import make_project, run
from scripts.benches.report import Part, markdown, show

PARTS = ("full", "noop", "cli", "plan", "evaluate", "scale")
HEADING = "## Figures\n"
SCALE_ROWS = (20_000, 200_000, 2_000_000)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, or read what was measured; print it, and write it where asked to."""
    options = _options(arguments)
    figures = json.loads(options.source.read_text()) if options.source else _measure(options)
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps(figures, indent=2) + "\n")
    if options.into:
        above, heading, _ = options.into.read_text().partition(HEADING)
        options.into.write_text(f"{above}{heading}\n{markdown(**figures)}")
    show(**figures, console=Console())


def _measure(options: argparse.Namespace) -> dict[str, Any]:
    progress, machine = Console(stderr=True), describe()
    parts: list[Part] = []
    with tempfile.TemporaryDirectory(prefix="slipway-bench-") as folder:
        for name, measure in _measurements(Path(folder), options):
            progress.print(f"measuring: {name}")
            busy = load_average()
            parts.append(measure() | {"load_average": {"before": busy, "after": load_average()}})
    return {"machine": machine, "parts": parts}


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS), help="measure these parts only")
    parser.add_argument("--repeats", type=int, default=3, help="runs to take the median of (default: %(default)s)")
    parser.add_argument("--rows", type=int, nargs="+", default=list(SCALE_ROWS), help="sizes for scale")
    parser.add_argument("--json", type=Path, help="write the figures here")
    parser.add_argument("--from", type=Path, dest="source", metavar="JSON", help="measure nothing, take these figures")
    parser.add_argument("--into", type=Path, help="a document whose part below its heading Figures is written anew")
    return parser.parse_args(arguments)


def _measurements(folder: Path, options: argparse.Namespace) -> list[tuple[str, Callable[[], Part]]]:
    """What was asked for, in the order it is measured: the full run leaves the project that the next parts use."""
    project, repeats = folder / "project", options.repeats
    found: dict[str, list[tuple[str, Callable[[], Part]]]] = {
        "full": [("full run and libraries", lambda: full_run.measure(folder, repeats))],
        "noop": [
            ("nothing to do", lambda: again.nothing_to_do(_settled(project), repeats)),
            ("a changed gate", lambda: again.gate_changed(project)),
        ],
        "cli": [("commands", lambda: commands.measure(_settled(project), 3 * repeats))],
        "plan": [("a plan for many use cases", lambda: planning.measure(folder, 3 * repeats))],
        "evaluate": [("judging", judging.measure)],
        "scale": [("rows", lambda: scale.measure(folder, options.rows))],
    }
    return [entry for name in PARTS if name in options.only for entry in found[name]]


def _settled(project: Path) -> Path:
    """The project of the full run; made where that part was left out."""
    if not project.exists():
        run(make_project(project.parent))
    return project


if __name__ == "__main__":
    main()
