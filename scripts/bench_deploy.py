"""Releases in a real cluster, while somebody keeps asking. Run it on a machine that does nothing else.

    python scripts/bench_deploy.py [--quick] [--only PART ...] [--rollouts N ...] [--json PATH]
    python scripts/bench_deploy.py --from PATH --into docs/reliability.md docs/performance.md

It needs KUBECONFIG, a Docker engine, and a registry that both use. Two versions of churn are trained and pushed from a
fresh copy, and go to and fro in a namespace of their own, which is deleted in the end. Every answer is held to what the
model of the version that it names says. With --only, parts that PATH holds already are kept. Bars are told, not
enforced.
"""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from rich.console import Console

from scripts.benches.deploying import measuring
from scripts.benches.deploying.site import NotReleased, Site, site
from scripts.benches.deploying.telling import TIMES, told
from scripts.benches.machine import describe, load_average
from scripts.benches.project import ROOT
from scripts.benches.report import markdown, show

PARTS = ("rollouts", "rollbacks", "bad", "healthy", "kills")
HEADING, NEXT = "### Figures of deploying\n", "\n## "
TIMES_GO_TO = "performance.md"
JSON = ROOT / "build" / "deploy.json"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, or read what was measured; print it, and write it where asked to."""
    options = _options(arguments)
    try:
        figures = json.loads(options.source.read_text()) if options.source else _measure(options)
    except NotReleased as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    parts = told(figures["found"])
    for document in options.into:
        kept = [each for each in parts if (each["title"] == TIMES) == (document.name == TIMES_GO_TO)]
        document.write_text(replaced(document.read_text(), markdown(figures["machine"], kept)))
    show(figures["machine"], parts, Console(width=200))
    return 0


def replaced(document: str, tables: str) -> str:
    """A document whose figures are new: what stands between Figures of deploying and the next part."""
    above, heading, below = document.partition(HEADING)
    _, following, rest = below.partition(NEXT)
    return f"{above}{heading}\n{tables}{following}{rest}"


def _measure(options: argparse.Namespace) -> dict[str, Any]:
    """All parts that are wished for; each is written down once it is there."""
    if not os.environ.get("KUBECONFIG"):
        raise NotReleased("KUBECONFIG is not set: there is no cluster to release to")
    console = Console(stderr=True)
    found = json.loads(options.json.read_text())["found"] if options.only and options.json.exists() else {}
    figures, busy = {"machine": describe(), "found": found}, load_average()
    measures = _measures(options)
    with (
        tempfile.TemporaryDirectory(prefix="slipway-bench-") as name,
        site(Path(name), lambda line: console.print(line, highlight=False)) as here,
    ):
        for part in options.only or PARTS:
            found[part] = measures[part](here)
            found["load_average"] = {"before": busy, "after": load_average()}
            options.json.parent.mkdir(parents=True, exist_ok=True)
            options.json.write_text(json.dumps(figures, indent=2) + "\n")
    return figures


def _measures(options: argparse.Namespace) -> dict[str, Callable[[Site], Any]]:
    quick = options.quick
    counts = {name: getattr(options, name) or (1 if quick else full) for name, full in FULL.items()}
    faults = options.faults or (["refuses"] if quick else list(measuring.FAULTS))
    rate = options.rate
    return {
        "rollouts": lambda here: measuring.rollouts(here, counts["rollouts"], rate),
        "rollbacks": lambda here: measuring.rollbacks(here, counts["rollbacks"], rate),
        "bad": lambda here: measuring.bad_canaries(here, faults, rate),
        "healthy": lambda here: measuring.healthy_canaries(here, counts["healthy"], rate),
        "kills": lambda here: measuring.kills(here, counts["kills"], rate, options.seed),
    }


FULL = {"rollouts": 20, "rollbacks": 5, "healthy": 20, "kills": 20}


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=PARTS, metavar="PART", help=f"of {', '.join(PARTS)}")
    parser.add_argument("--quick", action="store_true", help="one of each, to see that everything works")
    for name, count in FULL.items():
        parser.add_argument(f"--{name}", type=int, metavar="N", help=f"how many; {count} unless told")
    parser.add_argument("--faults", nargs="+", choices=list(measuring.FAULTS), help="these bad canaries only")
    parser.add_argument("--rate", type=float, default=100.0, help="requests a second (100)")
    parser.add_argument("--seed", type=int, default=7, help="of the moments at which releases are killed")
    parser.add_argument("--json", type=Path, default=JSON, help="write the figures here (build/deploy.json)")
    parser.add_argument("--from", type=Path, dest="source", metavar="JSON", help="measure nothing, take these figures")
    parser.add_argument("--into", type=Path, nargs="+", default=[], help="documents with a part Figures of deploying")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
