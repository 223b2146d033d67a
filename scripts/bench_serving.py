"""Our endpoint beside other servers of the same model. Run it on a machine that does nothing else.

    python scripts/bench_serving.py [--quick] [--only NAME ...] [--json PATH]
    python scripts/bench_serving.py --from PATH --into docs/performance.md

The model is the champion of churn in .slipway; without one, `slipway run churn` makes it in a fresh copy. One worker
each, one-row requests by wrk on 1 and 8 connections. LitServe and BentoML are installed, by name and version, into
build/bench-serving/venv. Bars are told, not enforced.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from scripts.benches.machine import describe, load_average
from scripts.benches.project import ROOT, make_project, run
from scripts.benches.report import markdown, show
from scripts.benches.serving.load import NoWrk, need_wrk
from scripts.benches.serving.measuring import Plan, measure
from scripts.benches.serving.running import NotServed
from scripts.benches.serving.servers import peers
from scripts.benches.serving.telling import told

PINNED = ("litserve==0.2.19", "bentoml==1.4.39")
SAME_AS_OURS = ("onnxruntime", "numpy")
VENV = ROOT / "build" / "bench-serving" / "venv"
FIGURES, NEXT = "### Figures of serving\n", "\n## "
FULL = Plan(rounds=3, starts=5, seconds=4, many=30, growth_requests=200_000)
QUICK = Plan(rounds=1, starts=1, seconds=1, many=5, growth_requests=5_000)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, or read what was measured; print it, and write it where asked to."""
    options = _options(arguments)
    try:
        figures = json.loads(options.source.read_text()) if options.source else _measure(options)
    except (NoWrk, NotServed) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps(figures, indent=2) + "\n")
    if options.into:
        options.into.write_text(replaced(options.into.read_text(), markdown(**figures)))
    show(**figures, console=Console(width=200))
    return 0


def replaced(document: str, tables: str) -> str:
    """A document whose figures of serving are new: what stands between its heading Figures of serving and the next."""
    above, heading, below = document.partition(FIGURES)
    _, following, rest = below.partition(NEXT)
    return f"{above}{heading}\n{tables}{following}{rest}"


def _measure(options: argparse.Namespace) -> dict[str, Any]:
    progress, machine = Console(stderr=True), describe()
    need_wrk()
    _install()
    with tempfile.TemporaryDirectory(prefix="slipway-bench-") as name:
        folder = Path(name)
        bundle = _champion(folder, progress)
        asked = [peer for peer in peers(bundle, folder, VENV) if not options.only or peer.name in options.only]
        busy = load_average()
        plan = QUICK if options.quick else FULL
        table = told(measure(asked, bundle, plan, lambda what: progress.print(what, highlight=False)))
        table |= {"load_average": {"before": busy, "after": load_average()}}
    return {"machine": machine | {"peers": ", ".join(PINNED)}, "parts": [table]}


def _champion(folder: Path, progress: Console) -> Path:
    """The bundle of churn's champion."""
    made = ROOT / ".slipway" / "churn" / "bundle"
    if made.exists():
        return made
    progress.print("training: slipway run churn, in a fresh copy")
    project = make_project(folder)
    run(project)
    return project / ".slipway" / "churn" / "bundle"


def _install() -> None:
    """The peers, in an environment of their own."""
    from importlib.metadata import version

    wanted = [*PINNED, *(f"{name}=={version(name)}" for name in SAME_AS_OURS)]
    stamp = VENV / "installed"
    if stamp.exists() and stamp.read_text() == "\n".join(wanted):
        return
    uv = [str(Path(sys.executable).with_name("uv")), "--quiet"]
    subprocess.run([*uv, "venv", "--clear", "--python", sys.executable, str(VENV)], check=True)
    install = ["pip", "install", "--system-certs", "--compile-bytecode", "--python", str(VENV / "bin" / "python")]
    subprocess.run([*uv, *install, *wanted], check=True)
    stamp.write_text("\n".join(wanted))


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", metavar="NAME", help="measure these servers only, named as in the table")
    parser.add_argument("--quick", action="store_true", help="one short round, to see that everything works")
    parser.add_argument("--json", type=Path, help="write the figures here")
    parser.add_argument("--from", type=Path, dest="source", metavar="JSON", help="measure nothing, take these figures")
    parser.add_argument("--into", type=Path, help="a document whose part Figures of serving is written anew")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
