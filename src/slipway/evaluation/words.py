"""Figures in words, as reports and reasons show them."""

from slipway.core.evaluation import Metric
from slipway.evaluation.measure import Measure
from slipway.evaluation.spread import Spread


def figure(value: float) -> str:
    """Four digits after the point, or thousands separated when the figure is large."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4f}"


def metric_in_words(metric: Metric) -> str:
    """A metric with its 95 % interval."""
    if metric.value is None or metric.low is None or metric.high is None:
        return "not defined"
    return f"{figure(metric.value)} [{figure(metric.low)}, {figure(metric.high)}]"


def amount(value: float, measure: Measure, *, signed: bool = False) -> str:
    """A difference, in percent for metrics that are compared relatively."""
    sign = "+" if signed else ""
    if measure.relative:
        return f"{value * 100:{sign}.2f} %"
    return f"{value:{sign},.0f}" if abs(value) >= 1000 else f"{value:{sign}.4f}"


def gain_in_words(gain: Spread, measure: Measure) -> str:
    """A paired gain with its one-sided 95 % bounds."""
    value, lower, upper = (amount(v, measure, signed=True) for v in (gain.value, gain.lower, gain.upper))
    return f"{value} [{lower}, {upper}]"


def what_would_settle(gain: Spread, measure: Measure, rows: int, margin: float) -> str:
    """What these rows can tell, and how many could tell more."""
    needed = gain.rows_to_settle(margin, rows)
    more = f"; about {needed:,} rows would settle a margin of {amount(margin, measure)}" if needed else ""
    return (
        f"the difference has a standard deviation of {amount(gain.deviation(rows), measure)} a row, "
        f"so these {rows:,} rows resolve {amount(gain.resolvable(), measure)}{more}"
    )
