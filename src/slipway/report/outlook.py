"""The section that says what forecasts of levels are worth."""

from slipway.core.evaluation import Backtest, MethodResult, Metric, OutlookCheck
from slipway.report.figures import NOT_DEFINED
from slipway.report.text import escape, paragraphs, table


def outlook(check: OutlookCheck | None) -> str:
    """Every method's error on the rows trained on and on those held out, paired with the one that serves."""
    if check is None:
        return ""
    return paragraphs(
        "### Outlook",
        f"Levels of the next months are forecast by **{escape(check.rehearsed.served)}**. {_unbeaten(check.rehearsed)}",
        _backtest("Training rows", check.rehearsed),
        _backtest("Held out", check.held_out) if check.held_out else "",
        "Errors are shares of the level, on average and without their sign; 95 % intervals in brackets. A gain above "
        "zero means that the method that serves was closer, paired on the same forecasts.",
    )


def _unbeaten(found: Backtest) -> str:
    """Which methods it is not proved to be better than."""
    names = [escape(m.method) for m in found.methods if m.gain is not None and (m.gain.low is None or m.gain.low <= 0)]
    if not names:
        return "It is proved to be better than every other that was tried."
    return f"It is not proved to be better than {' and '.join(names)}."


def _backtest(title: str, found: Backtest) -> str:
    horizons = [metric.name for metric in found.methods[0].errors]
    rows = [_method(result) for result in found.methods]
    head = ("Method", *(f"Error, {name}" for name in horizons), "Gain of what serves")
    told = (
        f"{title}: {found.forecasts:,} forecasts by each method, from {found.first} to {found.last}. "
        f"Were all levels known, the few rows of a month alone would make an error of {100 * found.noise:.1f} %. "
        f"Bands hold {_percent(found.coverage[0])} of what came; they are {_percent(found.width[0])} of the level wide."
    )
    return paragraphs(told, table(head, rows))


def _method(result: MethodResult) -> tuple[str, ...]:
    gain = "serves" if result.gain is None else _percent(result.gain)
    return (escape(result.method), *(_percent(error) for error in result.errors), gain)


def _percent(metric: Metric) -> str:
    if metric.value is None or metric.low is None or metric.high is None:
        return NOT_DEFINED
    value, low, high = (f"{100 * v:.1f}".replace("-", "−") for v in (metric.value, metric.low, metric.high))
    return f"{value} % [{low},\u00a0{high}]"
