"""A look at a live model in one line, and what is new in it against the look before."""

from datetime import UTC

from slipway.core.moment import moment
from slipway.core.watch import Answer, Cause, Retrain, Sighting, Watch, Weight
from slipway.report.text import counted, escape, listing, plain, shorten

_DECIDED = {Answer.YES: "Retrain", Answer.NO: "Do not retrain", Answer.WAIT: "Wait with retraining"}
_CAUSES = {
    Cause.PERFORMANCE: "quality fell",
    Cause.PROGRESS: "the last retraining was proved better",
    Cause.BIAS: "answers are off on the whole",
    Cause.DRIFT: "inputs drifted",
    Cause.AGE: "the model is old",
}
_MOST_NAMES = 5
_LONGEST_REASON = 300


def day(text: str) -> str:
    """Such as ``14 Nov 2026``, in UTC; the text itself where it is no moment."""
    try:
        at = moment(text).astimezone(UTC)
    except ValueError:
        return escape(text, limit=40)
    return f"{at.day} {at:%b %Y}"


def decision(retrain: Retrain) -> str:
    """Such as ``Retrain: quality fell``."""
    cause = f": {_CAUSES[retrain.cause]}" if retrain.cause else ""
    return f"{_DECIDED[retrain.answer]}{cause}"


def verdict(watch: Watch) -> str:
    """A heading: the mark, the use case, and what is to be done."""
    name = escape(watch.use_case, limit=60)
    alarms, answer = len(watch.alarms), watch.retrain.answer
    warnings = sum(found.weight is Weight.WARNING for found in watch.findings)
    told = [counted(alarms, "alarm")] if alarms else []
    told += [] if answer is Answer.NO else [decision(watch.retrain).lower()]
    if told:
        return f"{'🚨' if alarms else '🔁' if answer is Answer.YES else '⏳'} {name}: {', '.join(told)}"
    return f"⚠️ {name}: {counted(warnings, 'warning')}" if warnings else f"✅ {name}: all is well"


def headline(watch: Watch, before: Watch | None) -> str:
    """Plain text: what is an alarm now, what is over, and the decision with its first reason."""
    alarms = watch.alarms
    over = [name for name in (before.alarms if before else ()) if name not in alarms]
    answered = watch.retrain
    was = before.retrain.answer if before else Answer.NO
    changed = f" (was {was})" if was is not answered.answer else ""
    why = f": {answered.reasons[0]}" if answered.reasons else ""
    told = [_sentences(watch)] if alarms else []
    told += [f"over: {listing([plain(name) for name in over], _MOST_NAMES)}"] if over else []
    told.append(f"retrain: {answered.answer}{changed}{shorten(plain(why), _LONGEST_REASON)}")
    return "; ".join(told)


def _sentences(watch: Watch) -> str:
    """Each alarm with its figures, as long as there are few."""
    found = [one for one in watch.findings if one.weight is Weight.ALARM]
    if len(found) > _MOST_NAMES:
        return listing([plain(one.name) for one in found], _MOST_NAMES)
    return "; ".join(shorten(plain(_sentence(one)), 200) for one in found)


def _sentence(found: Sighting) -> str:
    """The name is not said twice where the sentence begins with it."""
    return f"{found.name}: {found.told.removeprefix(f'{found.name}: ')}" if found.told else found.name
