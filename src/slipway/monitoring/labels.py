"""How many outcomes came for a champion, each counted once however much looks overlap."""

from collections.abc import Sequence

from slipway.core.moment import moment
from slipway.core.watch import Watch


def labels_before(looks: Sequence[Watch], since: str) -> int:
    """Outcomes of earlier looks, in times that overlap neither each other nor what comes ``since`` then."""
    labels, begin = 0, moment(since)
    for watch in sorted(looks, key=lambda each: moment(each.span.until), reverse=True):
        if moment(watch.span.until) <= begin:
            labels, begin = labels + watch.counts.feedback, moment(watch.counts_since)
    return labels


def labels_until(looks: Sequence[Watch], until: str) -> int:
    """Outcomes that had come at a moment, as looks up to then tell."""
    earlier = [look for look in looks if moment(look.made_at) <= moment(until)]
    return labels_before(earlier, until)
