"""Would retraining help? The last one did: what it made was proved better than the champion, on the same rows.

As long as each retraining is proved to help, what is collected is still changing faster than the model, and the next
may help again. The first one that is not proved better ends it: a world that stands still asks for nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from slipway.core.evaluation import Comparison, Evaluation, Finding, Outcome
from slipway.core.version import Version

LEVEL = "absolute "
"""How gates begin that ask for a level, whatever the champion reaches."""


@dataclass(frozen=True)
class Progress:
    """A retraining that helped, or would have.

    Attributes:
        rows: that proved it.
        told: a clause that says so.
        version, since: the version it made, and when that was registered.
    """

    rows: int
    told: str
    version: int
    since: str


def newest(champion: Version, versions: Iterable[Version]) -> Version:
    """The last version that was registered, be it the champion or not."""
    return max((champion, *versions), key=lambda version: version.number)


def progress_of(judged: Evaluation, made: Version, champion: Version, *, metric: str) -> Progress | None:
    """What proves that the last retraining helped; None where nothing does.

    A version that did not become champion counts where it was refused for a level alone: that says how hard the world
    is to foretell, and nothing of which of the two models is better.

    Args:
        judged: the evaluation of ``made``, the last version.
        metric: by which performance is told; one alone, since of many some are better by chance.
    """
    refused = "" if made.number == champion.number else _missed_level(judged, champion)
    better = _better(judged, metric)
    if refused is None or better is None:
        return None
    gain = f"{100 * better.difference:.1f} %" if better.relative else f"{better.difference:.4f}"
    proof = f"{better.metric} better by {gain} on {judged.rows:,} rows"
    told = f"the last retraining helped ({proof})"
    if refused:
        told = (
            f"version {made.number} was proved better than the champion ({proof}), and refused for a level ({refused})"
        )
    return Progress(judged.rows, told, made.number, made.registered_at)


def _missed_level(judged: Evaluation, champion: Version) -> str | None:
    """The levels that a version was refused for; None where it was not, or for something else, or beside another."""
    failed = [gate for gate in judged.gates if gate.outcome is Outcome.FAILED]
    opponent = judged.incumbents.champion
    beside_it = opponent is not None and opponent.record_digest == champion.record_digest
    if not failed or not beside_it or not all(gate.gate.startswith(LEVEL) for gate in failed):
        return None
    return "; ".join(gate.reason for gate in failed)


def _better(judged: Evaluation, metric: str) -> Comparison | None:
    """The comparison with the champion of the day, where it proves the candidate better."""
    for found in judged.comparisons:
        if (found.against, found.metric, found.finding) == ("champion", metric, Finding.BETTER):
            return found
    return None
