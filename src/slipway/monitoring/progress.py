"""Would retraining help? The last one did: the champion was proved better than the one before it, on the same rows.

As long as each retraining is proved to help, what is collected is still changing faster than the model, and the next
may help again. The first one that is not proved better ends it: a world that stands still asks for nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from slipway.core.evaluation import Evaluation, Finding
from slipway.core.version import Version


@dataclass(frozen=True)
class Progress:
    """A retraining that helped; ``rows`` that proved it, and by how much in words."""

    rows: int
    told: str


def progress_of(judged: Evaluation, champion: Version, versions: Iterable[Version], *, metric: str) -> Progress | None:
    """What proves that the last retraining helped; None where nothing does, or a later version was registered.

    Args:
        judged: the champion's own evaluation, against the champion of its day.
        metric: by which performance is told; one alone, since of many some are better by chance.
    """
    if any(version.number > champion.number for version in versions):
        return None
    for found in judged.comparisons:
        if found.against != "champion" or found.metric != metric:
            continue
        if found.finding is Finding.BETTER:
            gain = f"{100 * found.difference:.1f} %" if found.relative else f"{found.difference:.4f}"
            return Progress(judged.rows, f"{found.metric} better by {gain} on {judged.rows:,} rows")
    return None
