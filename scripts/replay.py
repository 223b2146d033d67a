"""Months of traffic in minutes: real requests, log, outcomes, monitor, decision, retraining, gates and release.

    python scripts/replay.py [STREAM ...] [--quick] [--seeds N ...] [--json PATH]
    python scripts/replay.py --from PATH --into docs/replay.md

Each stream goes through the endpoint's own application three times: never retraining, retraining every month, and as
slipway's monitor decides. With names, what PATH holds of other streams is kept. Bars are told, not enforced.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from rich.console import Console

from scripts.benches.machine import describe
from scripts.benches.project import ROOT
from scripts.benches.replaying.runs import is_drawn, run, streams
from scripts.benches.replaying.telling import pictures, told
from scripts.benches.report import markdown, show
from slipway.wiring import open_project

HEADING, NEXT = "### Figures of the replay\n", "\n## "
JSON = ROOT / "build" / "replay.json"
QUICK_MONTHS = 6


def main(arguments: Sequence[str] | None = None) -> int:
    """Replay, or read what was replayed; print and draw it, and write it where asked to."""
    options = _options(arguments)
    known = streams(open_project())
    unknown = [name for name in options.streams if name not in known]
    if unknown:
        print(f"no stream {', '.join(unknown)}; there are {', '.join(known)}", file=sys.stderr)
        return 2
    figures = json.loads(options.source.read_text()) if options.source else _replay(options, list(known))
    parts = told(figures["found"])
    for document in options.into:
        document.write_text(replaced(document.read_text(), markdown(figures["machine"], parts)))
    show(figures["machine"], parts, Console(width=200))
    for path in pictures(figures["found"], options.images):
        print(path)
    return 0


def replaced(document: str, tables: str) -> str:
    """A document whose figures are new: what stands between Figures of the replay and the next part."""
    above, heading, below = document.partition(HEADING)
    _, following, rest = below.partition(NEXT)
    return f"{above}{heading}\n{tables}{following}{rest}"


def _replay(options: argparse.Namespace, every: Sequence[str]) -> dict[str, Any]:
    """All streams that are wished for; each is written down once it is there."""
    console, known = Console(stderr=True), streams(open_project())
    before = json.loads(options.json.read_text())["found"] if options.streams and options.json.exists() else {}
    figures: dict[str, Any] = {"machine": describe(), "found": before}
    with tempfile.TemporaryDirectory(prefix="slipway-replay-") as scratch:
        folder = options.trained or Path(scratch)
        for name in options.streams or every:
            seeds = options.seeds if is_drawn(name) and not options.quick else options.seeds[:1]
            made = []
            for seed in seeds:
                stream = known[name](seed, QUICK_MONTHS if options.quick else None)
                made.append(run(stream, seed, folder, lambda line: console.print(line, highlight=False)))
            figures["found"] = {**figures["found"], name: made}
            options.json.parent.mkdir(parents=True, exist_ok=True)
            options.json.write_text(json.dumps(figures, indent=1) + "\n")
    return figures


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("streams", nargs="*", metavar="STREAM", help="these only")
    parser.add_argument("--quick", action="store_true", help="one seed and six months, to see that everything works")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3], help="of streams that are drawn (1 2 3)")
    parser.add_argument("--json", type=Path, default=JSON, help="write the figures here (build/replay.json)")
    parser.add_argument("--images", type=Path, default=ROOT / "build", help="draw here (build)")
    parser.add_argument("--trained", type=Path, metavar="FOLDER", help="keep trained models here, for another run")
    parser.add_argument("--from", type=Path, dest="source", metavar="JSON", help="replay nothing, take these figures")
    parser.add_argument("--into", type=Path, nargs="+", default=[], help="documents with a part Figures of the replay")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
