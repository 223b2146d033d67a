"""What is seen of a canary, held to what is seen of those that serve.

Signals that are counted are judged by intervals: a canary is stopped when it is proved to be worse by more than the
tolerance. What it says of a known row is no matter of chance, so there a single wrong answer stops it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf, isclose

from slipway.core.params import CanaryTolerance
from slipway.deploying.counted import Counted
from slipway.deploying.percentiles import Bins, Limits, bins_of, excess, limits, point
from slipway.deploying.proportions import Count, difference

FALSE_ALARMS = 0.01
TOLERANCE = 1e-6

_INTERVALS = 5


@dataclass(frozen=True)
class Finding:
    """One signal: its figures in words, and whether they stop a canary."""

    signal: str
    told: str
    breached: bool


@dataclass(frozen=True)
class Asked:
    """A known row, sent to a pod.

    Attributes:
        row: its position among the replayed ones.
        status: of the answer; 0 where there was none.
        answer: the probability or value; None where the answer holds none.
        milliseconds: how long it took.
    """

    row: int
    status: int
    answer: float | None
    milliseconds: float


@dataclass(frozen=True)
class Replay:
    """The same rows sent to both, with what each side's own model says of them.

    Attributes:
        canary, stable: what was answered.
        candidate, champion: the models' own predictions, by row; the champion's are empty where nobody knows them.
        versions: numbers of the two, for words.
    """

    canary: Sequence[Asked]
    stable: Sequence[Asked]
    candidate: Mapping[int, float]
    champion: Mapping[int, float]
    versions: tuple[int, int]


def level(steps: int, look: int) -> float:
    """The chance of a false alarm that one interval may have.

    All intervals of all steps and looks together raise one in :data:`FALSE_ALARMS` healthy canaries at most (union
    bound); the looks of a step share theirs as 1/2, 1/6, 1/12, ..., which sums to one however many there are.

    Args:
        steps: of the whole plan.
        look: number of this look at a step, from 1.
    """
    return FALSE_ALARMS / (steps * _INTERVALS * look * (look + 1))


def judge_live(canary: Counted, stable: Counted, tolerance: CanaryTolerance, at: float) -> tuple[Finding, ...]:
    """Errors, refusals and latency of live requests; ``at`` is the level of each interval."""
    route = stable.busiest()
    return (
        _shares("live errors", canary.errors, stable.errors, tolerance.error_rate, at),
        _shares("live refusals", canary.refused, stable.refused, tolerance.refused_rate, at),
        _latency(
            f"live latency of {route}", canary.milliseconds(route), stable.milliseconds(route), tolerance.latency_ms, at
        ),
    )


def judge_replay(replay: Replay, tolerance: CanaryTolerance, at: float) -> tuple[Finding, ...]:
    """What is known of every row before it is sent: it fits, and what the model says of it; then errors and latency."""
    return (
        _accepted(replay),
        _parity(replay),
        _stable_parity(replay),
        _gap(replay),
        _shares("replayed errors", _failed(replay.canary), _failed(replay.stable), tolerance.error_rate, at),
        _latency("replayed latency", _times(replay.canary), _times(replay.stable), tolerance.latency_ms, at),
    )


def breaches(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Those that stop a canary."""
    return tuple(finding for finding in findings if finding.breached)


def _shares(signal: str, canary: Count, stable: Count, tolerance: float, at: float) -> Finding:
    if not (canary.total and stable.total):
        return Finding(signal, f"{_of(canary)} of the canary, {_of(stable)} of stable: nothing to compare", False)
    low, high = difference(canary, stable, at)
    told = (
        f"{_of(canary)} of the canary, {_of(stable)} of stable; the difference lies in "
        f"[{low:+.2%}, {high:+.2%}], {tolerance:.2%} is tolerated"
    )
    return Finding(signal, told, low > tolerance)


def _latency(signal: str, canary: Bins, stable: Bins, tolerance: float, at: float) -> Finding:
    if not (canary.total and stable.total):
        return Finding(signal, "nothing to compare", False)
    new, old = limits(canary, at / 2), limits(stable, at / 2)
    told = (
        f"p95 of the canary {_span(new)} ({canary.total:,} answers), of stable {_span(old)} ({stable.total:,}); "
        f"about {_ms(point(canary))} and {_ms(point(stable))} ms, {tolerance:g} more are tolerated"
    )
    return Finding(signal, told, excess(new, old) > tolerance)


def _accepted(replay: Replay) -> Finding:
    refused = [asked for asked in replay.canary if 400 <= asked.status < 500]
    told = f"the canary refused {len(refused):,} of {len(replay.canary):,} rows of its own model"
    if refused:
        told += f", the first with {refused[0].status}"
    return Finding("refused inputs", told, bool(refused))


def _parity(replay: Replay) -> Finding:
    new, old = replay.versions
    wrong, most = _wrong(replay.canary, replay.candidate)
    answered = sum(asked.status == 200 for asked in replay.canary)
    told = (
        f"{len(wrong):,} of the canary's {answered:,} answers differ from version {new}'s own predictions, "
        f"by {most:.3g} at most ({TOLERANCE:g} is tolerated)"
    )
    if wrong and all(each.row in replay.champion and _is(each, replay.champion) for each in wrong):
        told += f"; they are those of version {old}"
    elif wrong:
        told += f"; by {_mean_off(wrong, replay.candidate):+.4g} on average"
    return Finding("predictions", told, bool(wrong))


def _stable_parity(replay: Replay) -> Finding:
    old = replay.versions[1]
    if not replay.champion:
        return Finding("stable's predictions", f"nobody knows what version {old} says: its bundle is not there", False)
    wrong, most = _wrong(replay.stable, replay.champion)
    told = f"{len(wrong):,} of stable's answers differ from version {old}'s own predictions, by {most:.3g} at most"
    return Finding("stable's predictions", told, bool(wrong))


def _gap(replay: Replay) -> Finding:
    """The difference that evaluate foretells, on rows that both sides answered."""
    answered = {asked.row: asked.answer for asked in replay.stable if asked.answer is not None}
    pairs = [(asked.row, asked.answer) for asked in replay.canary if asked.answer is not None and asked.row in answered]
    if not (pairs and replay.champion):
        return Finding("difference of predictions", "no row was answered by both", False)
    seen = [answer - answered[row] for row, answer in pairs]
    foretold = [replay.candidate[row] - replay.champion[row] for row, _ in pairs]
    scale = max(1.0, *(abs(replay.candidate[row]) + abs(replay.champion[row]) for row, _ in pairs))
    off = max(abs(one - other) for one, other in zip(seen, foretold, strict=True))
    told = (
        f"over {len(pairs):,} rows the two differ by {sum(seen) / len(seen):+.6g} on average, "
        f"{sum(foretold) / len(foretold):+.6g} was foretold; {off:.3g} off at most"
    )
    return Finding("difference of predictions", told, off > 2 * TOLERANCE * scale)


def _wrong(asked: Sequence[Asked], expected: Mapping[int, float]) -> tuple[list[Asked], float]:
    """Answers of status 200 that are not what was expected, and by how much the furthest of all is off."""
    answered = [each for each in asked if each.status == 200]
    off = [inf if each.answer is None else abs(each.answer - expected[each.row]) for each in answered]
    return [each for each in answered if not _is(each, expected)], max(off, default=0.0)


def _is(asked: Asked, expected: Mapping[int, float]) -> bool:
    wanted = expected[asked.row]
    return asked.answer is not None and isclose(asked.answer, wanted, rel_tol=TOLERANCE, abs_tol=TOLERANCE)


def _mean_off(asked: Sequence[Asked], expected: Mapping[int, float]) -> float:
    off = [each.answer - expected[each.row] for each in asked if each.answer is not None]
    return sum(off) / len(off) if off else inf


def _failed(asked: Sequence[Asked]) -> Count:
    return Count(sum(each.status == 0 or each.status >= 500 for each in asked), len(asked))


def _times(asked: Sequence[Asked]) -> Bins:
    return bins_of([each.milliseconds for each in asked if each.status == 200])


def _of(count: Count) -> str:
    return f"{count.events:,} of {count.total:,} ({count.share:.2%})"


def _span(found: Limits) -> str:
    low, high = found.lower.even, found.upper.even
    return f"in [{_ms(low)}, {_ms(high)}] ms" if high < inf else f"above {_ms(low)} ms"


def _ms(milliseconds: float) -> str:
    return f"{milliseconds:.3g}" if milliseconds < 1000 else f"{milliseconds:,.0f}"
