"""Commands that must answer at once."""

from collections.abc import Sequence
from pathlib import Path
from statistics import median

from scripts.benches.project import slipway
from scripts.benches.report import Part, bar, part

COMMANDS: Sequence[tuple[str, ...]] = (("--help",), ("plan",))
MOST_SECONDS = 0.4


def measure(project: Path, repeats: int) -> Part:
    """``slipway --help`` and ``slipway plan``."""
    taken = {c: sorted(slipway(project, *c).seconds for _ in range(repeats)) for c in COMMANDS}
    rows = [[f"slipway {' '.join(c)}", median(seconds), seconds[0], seconds[-1]] for c, seconds in taken.items()]
    return part(
        "Commands",
        ["command", "median, s", "fastest", "slowest"],
        rows,
        bars=[bar(f"slipway {' '.join(c)}", median(seconds), MOST_SECONDS, "s") for c, seconds in taken.items()],
    )
