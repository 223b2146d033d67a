"""How long a pull request waits for its report, from what a rehearsal measured.

make rehearse SCENARIO=time_to_report
python scripts/bench_rehearsal.py [--from build/rehearsal.json] [--into docs/performance.md]
"""

import argparse
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from scripts.benches.machine import describe
from scripts.benches.report import Part, bar, markdown, part, show

SCENARIO = "time_to_report"
BARS = {"documentation alone": 20.0, "the model of churn": 90.0}
HEADING = "## From event to posted report\n"
INTRODUCTION = """A pull request's event to the comment that is there, by the workflow files as the rehearsal runs them
([rehearsal.md](rehearsal.md)): real commands, environment from the cache, all jobs on one machine, two at a time. What
GitHub adds (a runner for each job, downloads) is not in it, nor is the job `checks`, which `report` does not wait for.
The aim for the model is 60 s. Put here by

```sh
make rehearse SCENARIO=time_to_report
.venv/bin/python scripts/bench_rehearsal.py --into docs/performance.md
```

"""


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the figures, and write them where asked to."""
    options = _options(arguments)
    found = [outcome for outcome in json.loads(options.source.read_text()) if outcome["name"] == SCENARIO]
    if not found or found[0]["words"]:
        raise SystemExit(f"{options.source} holds no {SCENARIO} that passed: run `make rehearse SCENARIO={SCENARIO}`")
    load = found[0]["load_average"]
    machine = describe() | {"load_average_at_start": load["before"]}
    parts = [measured(found[0])]
    if options.into:
        options.into.write_text(replaced(options.into.read_text(), INTRODUCTION + markdown(machine, parts)))
    show(machine, parts, Console())


def measured(outcome: dict[str, Any]) -> Part:
    """Seconds of each job by kind of change, and from the event to the comment."""
    takes = [{_plain(job["name"]): job["takes_s"] for job in run["jobs"]} for run in outcome["runs"]]
    names = list(dict.fromkeys(name for run in takes for name in run))
    rows: list[list[object]] = [[name, *(run.get(name, "-") for run in takes)] for name in names]
    whole = {words: outcome["figures"][f"{words}, from event to posted report"] for words in BARS}
    rows.append(["from event to comment", *whole.values()])
    bars = [bar(f"{words}: event to posted report", whole[words], most, "s") for words, most in BARS.items()]
    return part("Jobs, seconds", ["job", *BARS], rows, bars=bars, load_average=outcome["load_average"])


def replaced(document: str, text: str) -> str:
    """A document with ``text`` for what stood below the heading, down to the next; added before Figures if missing."""
    if HEADING not in document:
        document = document.replace("## Figures\n", f"{HEADING}\n## Figures\n", 1)
    above, heading, below = document.partition(HEADING)
    rest = re.search(r"^## ", below, re.MULTILINE)
    return f"{above}{heading}\n{text}\n{below[rest.start() :] if rest else ''}"


def _plain(name: str) -> str:
    return name.replace(" (churn)", "").replace(" / stages of churn", "")


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--from", dest="source", type=Path, default=Path("build/rehearsal.json"))
    parser.add_argument("--into", type=Path, help="a document whose part of this name is written anew")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
