"""Recording rules: what alerts and dashboards read, a window a series, by use case and environment."""

from collections.abc import Iterator
from dataclasses import dataclass

from scripts.boards.objectives import ANSWERS, OF, PREDICTIONS, SLOW_SECONDS, WINDOWS


@dataclass(frozen=True)
class Recording:
    """A series computed again and again: ``name`` is its own, ``expression`` what it is made of."""

    name: str
    expression: str


def recordings() -> Iterator[Recording]:
    """All of them; a share is told only where there was a request, and is zero where none was bad."""
    for window in WINDOWS:
        yield Recording(f"slipway:requests:rate{window}", _rate("slipway_requests_total", ANSWERS, window))
        yield Recording(
            f"slipway:predictions:rate{window}", _rate("slipway_request_seconds_count", PREDICTIONS, window)
        )
        yield Recording(f"slipway:errors:share{window}", _errors(window))
        yield Recording(f"slipway:slow:share{window}", _slow(window))
    yield Recording("slipway:refused:share1h", _share(f'{ANSWERS}, status="422"', "1h"))
    yield Recording("slipway:endpoints:up", f"count by ({OF}) (slipway_model_info)")


def _rate(series: str, selector: str, window: str) -> str:
    return f"sum by ({OF}) (rate({series}{{{selector}}}[{window}]))"


def _errors(window: str) -> str:
    return _share(f'{ANSWERS}, status=~"5.."', window)


def _share(selector: str, window: str) -> str:
    total = f"slipway:requests:rate{window}"
    return f"({_rate('slipway_requests_total', selector, window)} or {total} * 0) / ({total} > 0)"


def _slow(window: str) -> str:
    total = f"slipway:predictions:rate{window}"
    quick = _rate("slipway_request_seconds_bucket", f'{PREDICTIONS}, le="{SLOW_SECONDS:g}"', window)
    return f"1 - {quick} / ({total} > 0)"
