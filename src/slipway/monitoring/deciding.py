"""Whether to retrain: what speaks for it, and what stands against it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from slipway.core.evaluation import Decision
from slipway.core.moment import moment
from slipway.core.params import MonitorParams, RetrainParams
from slipway.core.version import Version
from slipway.core.watch import Answer, Bias, Cause, Estimate, Performance, Retrain
from slipway.monitoring.episode import Episode, episode_of
from slipway.monitoring.labels import labels_until
from slipway.monitoring.progress import Progress
from slipway.monitoring.situation import Situation, days_between

_BY_OUTCOMES = (Cause.PERFORMANCE, Cause.BIAS)
"""Causes that outcomes prove."""


@dataclass(frozen=True)
class Seen:
    """What the decision goes by.

    Attributes:
        metric: by which performance is told.
        performance: of that metric; None without outcomes.
        lasting: names of drifts that matter and stood long enough.
        skewed: names of what requests and table disagree about.
    """

    metric: str
    performance: Performance | None
    estimate: Estimate | None
    lasting: tuple[str, ...]
    skewed: tuple[str, ...] = ()
    bias: Bias | None = None

    @property
    def labels(self) -> int:
        return self.performance.rows if self.performance else 0


def decide(seen: Seen, situation: Situation, params: MonitorParams, retrain: RetrainParams) -> Retrain:
    """Yes where there is a cause and nothing stands against it, wait where something does, no without a cause.

    Of several causes it is the strongest that nothing stands against, or the strongest of all.
    """
    answers = []
    for kind, why in _causes(seen, situation, params, retrain):
        episode = episode_of(kind, situation, params.windows)
        against = tuple(_against(episode, seen, situation, retrain))
        answer = Answer.WAIT if against else Answer.YES
        answers.append(Retrain(answer=answer, cause=kind, since=episode.since, reasons=(why, *against)))
    if not answers:
        return Retrain(answer=Answer.NO, cause=None, since="", reasons=tuple(_nothing(seen, situation, retrain)))
    return next((found for found in answers if found.answer is Answer.YES), answers[0])


def _causes(
    seen: Seen, situation: Situation, params: MonitorParams, retrain: RetrainParams
) -> Iterator[tuple[Cause, str]]:
    """The strongest first."""
    if seen.performance is not None and seen.performance.proved:
        yield Cause.PERFORMANCE, _loss_in_words(seen.performance, retrain)
    elif seen.performance is not None and _is_unmended(seen.performance, situation, params, retrain):
        told = _loss_in_words(seen.performance, retrain)
        yield Cause.PERFORMANCE, f"a loss was proved and acted on, and does not seem to be over: {told}"
    if situation.progress is not None and not tuple(_unfinished(situation.progress, seen, situation, retrain)):
        yield Cause.PROGRESS, f"{situation.progress.told}; another may again"
    if seen.bias is not None and _is_off(seen.bias, situation, retrain):
        yield Cause.BIAS, _bias_in_words(seen.bias, retrain)
    if seen.lasting and seen.estimate is not None and seen.estimate.lost and not _is_refuted(seen, retrain):
        yield Cause.DRIFT, f"{', '.join(seen.lasting)}, and {_estimate_in_words(seen.estimate)}"
    age = days_between(situation.registered_at, situation.now)
    if retrain.oldest_days is not None and age >= retrain.oldest_days:
        yield Cause.AGE, f"the champion is {age:.0f} days old; {retrain.oldest_days:g} are the most"


def _is_unmended(performance: Performance, situation: Situation, params: MonitorParams, retrain: RetrainParams) -> bool:
    """Whether a loss that was proved and acted on, look after look, still seems to be above what is tolerated.

    A cause ends at another point than it begins at, as a Schmitt trigger does: who has proved a loss of this very
    champion need not prove it again to try again, as long as outcomes do not speak for its being over.
    """
    looks, loss = situation.own_looks, performance.loss.value
    if loss is None or loss <= retrain.tolerated_loss or not looks or looks[0].retrain.cause is not Cause.PERFORMANCE:
        return False
    return episode_of(Cause.PERFORMANCE, situation, params.windows).asked_at is not None


def _is_off(bias: Bias, situation: Situation, retrain: RetrainParams) -> bool:
    """Whether outcomes are sure of a bias, or its own table's newest rows confirm it."""
    return bias.confirmed or (bias.sure and not _outlived_a_retraining(situation, retrain))


def _outlived_a_retraining(situation: Situation, retrain: RetrainParams) -> bool:
    """Whether an earlier champion was retrained for a bias, and no look since was without one.

    Then outcomes that are sent back may be of others than those in the table, and every champion is off on them.
    """
    for look in situation.earlier_looks:
        if look.bias is not None and abs(look.bias.observed.value or 0.0) < retrain.tolerated_bias:
            return False
        if look.retrain.answer is Answer.YES and look.retrain.cause is Cause.BIAS:
            return not situation.is_own(look)
    return False


def _is_refuted(seen: Seen, retrain: RetrainParams) -> bool:
    """Whether outcomes show that no more than what is tolerated was lost: they know better than an estimate."""
    loss = seen.performance.loss if seen.performance else None
    return loss is not None and loss.high is not None and loss.high <= retrain.tolerated_loss


def _against(episode: Episode, seen: Seen, situation: Situation, retrain: RetrainParams) -> Iterator[str]:
    if seen.skewed:
        yield f"{', '.join(seen.skewed)}: mend that first, no model can learn it from a table that does not have it"
    if episode.answered_by is not None:
        yield from _answered(episode.answered_by, episode.cause, seen, situation, retrain)
    if episode.is_under_way and not _is_forgotten(episode.asked_at, situation, retrain):
        yield f"a retraining was asked for at {episode.asked_at}, and nothing has been registered since"
    yield from _too_soon(situation.registered_times, situation, retrain)
    yield from _nothing_to_learn(episode.cause, seen, situation, retrain)


def _answered(
    version: Version, cause: Cause, seen: Seen, situation: Situation, retrain: RetrainParams
) -> Iterator[str]:
    """A version that was held proves nothing, and one that was refused says nothing of what came true after it."""
    made = f"version {version.number} was made since this cause was acted on, and is not the champion"
    if version.decision is not Decision.HOLD and not _is_new(version, cause, situation, retrain):
        yield f"{made} ({version.reason}); another would be no better until something changes"
        return
    labels = _labels_since(version.registered_at, seen, situation)
    if labels < retrain.least_labels:
        yield f"{made} ({version.reason}); {labels:,} outcomes came since, and {retrain.least_labels:,} are needed"


def _is_new(version: Version, cause: Cause, situation: Situation, retrain: RetrainParams) -> bool:
    """Whether all that speaks for retraining came after the gates refused a version: then it is not the same cause.

    Where it was refused for a level alone, and proved better, that it is not the champion does not speak against it.
    """
    if version.decision is not Decision.REJECT:
        return False
    if cause is Cause.PROGRESS:
        return situation.progress is not None and situation.progress.version == version.number
    if cause is Cause.AGE and retrain.oldest_days is not None:
        return days_between(version.registered_at, situation.now) >= retrain.oldest_days
    since = situation.outcomes_since or situation.span.since
    return cause in _BY_OUTCOMES and moment(since) >= moment(version.registered_at)


def _unfinished(progress: Progress, seen: Seen, situation: Situation, retrain: RetrainParams) -> Iterator[str]:
    """What is missing until the next retraining can be judged by other rows than the last."""
    needed, labels = max(progress.rows, retrain.least_labels), _labels_since(progress.since, seen, situation)
    if labels < needed:
        yield f"{progress.told}; {labels:,} new outcomes, and {needed:,} are needed"
    yield from _too_soon(situation.registered_times, situation, retrain)


def _labels(seen: Seen, situation: Situation) -> int:
    return seen.labels if situation.new_labels is None else situation.new_labels


def _labels_since(registered_at: str, seen: Seen, situation: Situation) -> int:
    """Outcomes that came after a version was registered, be it the champion or not."""
    return _labels(seen, situation) - labels_until(situation.own_looks, registered_at)


def _is_forgotten(asked_at: str | None, situation: Situation, retrain: RetrainParams) -> bool:
    """Whether the retraining asked for must have failed on its way: none was registered within the cooldown."""
    return asked_at is not None and days_between(asked_at, situation.now) > max(retrain.cooldown_days, 1.0)


def _too_soon(registered: Sequence[str], situation: Situation, retrain: RetrainParams) -> Iterator[str]:
    ages = [days_between(at, situation.now) for at in registered]
    if ages and min(ages) < retrain.cooldown_days:
        yield f"the last version was registered {min(ages):.1f} days ago; {retrain.cooldown_days:g} must pass"


def _nothing_to_learn(cause: Cause, seen: Seen, situation: Situation, retrain: RetrainParams) -> Iterator[str]:
    """Labels are asked for unless the model is merely old and the table is known to be another."""
    if situation.fresh_data is False:
        yield "the raw table is the one this model was trained on: retraining would give the same model"
        return
    labels = _labels(seen, situation)
    merely_old = cause is Cause.AGE and situation.fresh_data is True
    if labels < retrain.least_labels and not merely_old:
        yield f"{labels:,} new outcomes, and {retrain.least_labels:,} are needed"


def _nothing(seen: Seen, situation: Situation, retrain: RetrainParams) -> Iterator[str]:
    """Why there is no cause."""
    if seen.performance is not None and seen.performance.loss.value is not None:
        yield f"not proved: {_loss_in_words(seen.performance, retrain)}"
    elif seen.performance is None:
        yield "no outcomes to tell performance by"
    else:
        yield f"{seen.metric} is not defined for these outcomes, or for the reference"
    if seen.estimate is not None and seen.estimate.loss.value is not None:
        yield f"{_estimate_in_words(seen.estimate)} without outcomes; {_share(retrain.tolerated_loss)} are tolerated"
    if situation.progress is not None:
        yield from _unfinished(situation.progress, seen, situation, retrain)
    if not seen.lasting:
        yield "no drift of an important input lasts"
    elif seen.estimate is None:
        yield f"{', '.join(seen.lasting)}, but what that costs cannot be estimated"
    if retrain.oldest_days is not None:
        age = days_between(situation.registered_at, situation.now)
        yield f"the champion is {age:.0f} days old; {retrain.oldest_days:g} are the most"


def _loss_in_words(performance: Performance, retrain: RetrainParams) -> str:
    loss, observed, before = performance.loss, performance.observed.value, performance.reference.value
    interval = f"{_share(loss.low)} to {_share(loss.high)}"
    told = f"{performance.metric} {_figure(observed)} on {performance.rows:,} outcomes, {_figure(before)} before"
    return f"{told}: a loss of {_share(loss.value)} ({interval}), {_share(retrain.tolerated_loss)} tolerated"


def _estimate_in_words(estimate: Estimate) -> str:
    loss = estimate.loss.value or 0.0
    return f"{estimate.metric} is estimated {_share(abs(loss))} {'better' if loss < 0 else 'worse'}"


def _bias_in_words(bias: Bias, retrain: RetrainParams) -> str:
    side = "low" if (bias.observed.value or 0.0) > 0 else "high"
    observed, before = (f"{m.value:+.2f} ({m.low:+.2f} to {m.high:+.2f})" for m in (bias.observed, bias.reference))
    told = f"answers are too {side} on the whole, by {observed} standard deviations on {bias.rows:,} outcomes"
    return f"{told}, and by {before} on the newest rows of its table; {retrain.tolerated_bias:g} is tolerated"


def _share(value: float | None) -> str:
    return "?" if value is None else f"{100 * value:.1f} %"


def _figure(value: float | None) -> str:
    return "?" if value is None else f"{value:.4g}"
