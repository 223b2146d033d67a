"""Use cases as the dashboard sees them, made by hand."""

from datetime import UTC, datetime
from typing import Any

from slipway.core.evaluation import Decision
from slipway.core.record import Record
from slipway.core.version import Standing, Version
from slipway.dashboard.portrait import Portrait
from tests.support.looks_by_day import alarmed, watch
from tests.support.records import record

NOW = datetime(2026, 3, 9, 12, 0, tzinfo=UTC)


def version(number: int = 3, made: Record | None = None, **changes: Any) -> Version:
    """A version registered on the day of its number in March 2026."""
    made = made or record()
    registered = Version(
        use_case="churn", number=number, aliases=(), decision=Decision.PROMOTE, reason="the gates say promote",
        record_digest=made.digest, model_digest=made.evaluation.model_digest,
        holdout_digest=made.evaluation.holdout_digest, commit="c" * 40, primary="roc_auc 0.8400", signature_digest="",
        registered_at=f"2026-03-{number:02}T08:00:00+00:00",
    )  # fmt: skip
    return registered.model_copy(update=changes)


def champion(number: int = 3, **changes: Any) -> Version:
    return version(number, aliases=("champion",), standing=Standing.CHAMPION, **changes)


def portrait(name: str = "churn", **changes: Any) -> Portrait:
    """Three versions, the last of them champion, and two looks, the later of which found an alarm."""
    known: dict[str, Any] = {
        "name": name,
        "title": "Who leaves next month",
        "versions": (version(1), version(2, decision=Decision.REJECT), champion()),
        "records": {number: record() for number in (1, 2, 3)},
        "watches": (alarmed(9), watch(8)),
    }
    return Portrait(**(known | changes))
