"""What became of live models, in sentences."""

from slipway.core.digest import Digest, Lived
from slipway.report.text import counted, listing, plain

_MOST_NAMES = 3


def heading(digest: Digest) -> str:
    """Such as ``7 days to 21 Nov 2026: 2 use cases, 1 with an alarm``."""
    alarmed = sum(one.standing > 0 for one in digest.lived)
    days = counted(int(digest.days), "day") if digest.days == int(digest.days) else f"{digest.days:g} days"
    told = f"{alarmed:,} with an alarm" if alarmed else "no alarm"
    return f"{days} to {digest.until[:10]}: {counted(len(digest.lived), 'use case')}, {told}"


def sentence(one: Lived) -> str:
    """One use case on a line."""
    return f"{one.use_case}: {details(one)}"


def details(one: Lived) -> str:
    """Champion, looks, alarms, decision, retrainings; plain text."""
    if one.version is None:
        return "no champion"
    age = "" if one.age_days is None else f", {counted(int(one.age_days), 'day')} old"
    told = [f"version {one.version}{age}", counted(one.looks, "look") if one.looks else "not looked at"]
    if one.alarms:
        names = listing([plain(name) for name in one.alarms], _MOST_NAMES)
        told.append(f"{counted(len(one.alarms), 'alarm')} ({names}), {one.standing} now")
    elif one.looks:
        told.append("no alarm")
    if one.answer:
        told.append(_decision(one))
    told.append(_retrainings(one))
    return "; ".join(told)


def _decision(one: Lived) -> str:
    counts = ", ".join(f"{answer} {count}" for answer, count in one.answers.items())
    why = f": {plain(one.reason)}" if one.reason and one.answer != "no" else ""
    return f"retrain {one.answer}{why} (looks: {counts})" if len(one.answers) > 1 else f"retrain {one.answer}{why}"


def _retrainings(one: Lived) -> str:
    if not one.registered:
        return "not retrained"
    return f"{counted(one.registered, 'version')} trained, {one.promoted} became champion"
