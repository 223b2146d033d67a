"""Numbers as people read them: rounded to what they mean, wide ones with separators."""

import math

from slipway.core.evaluation import Comparison, Metric

NOT_DEFINED = "n/a"
_LONGEST = 3.6e9
_LABELS = {
    "roc_auc": "ROC AUC",
    "average_precision": "Average precision",
    "log_loss": "Log loss",
    "calibration_error": "Calibration error",
    "f1": "F1",
    "r2": "R²",
    "rmse": "RMSE",
    "mae": "MAE",
    "mape": "MAPE",
    "rmse_log": "RMSE of logs",
}
_LOWER_IS_BETTER = {"log_loss", "brier", "calibration_error", "rmse", "mae", "mape", "rmse_log"}


def label(metric: str) -> str:
    """A metric's name for people, unescaped; an arrow marks those of which less is better."""
    name = _LABELS.get(metric, metric.replace("_", " ").capitalize())
    return f"{name} ↓" if metric in _LOWER_IS_BETTER else name


def number(value: float | None) -> str:
    """Three decimals below ten, fewer above, none and thousands separators from a thousand on."""
    return NOT_DEFINED if value is None else _fixed(value, _decimals(value))


def signed(value: float, *, like: float | None = None) -> str:
    """A difference with its sign, rounded as ``like`` is (itself when not given)."""
    text = _fixed(value, _decimals(value if like is None else like))
    return text if text.startswith("−") or not value else f"+{text}"


def gain(value: float, before: float) -> str:
    """What ``value`` adds to a committed figure, of which there are six decimals only."""
    return signed(round(value - before, 6), like=max(value, before, key=abs))


def interval(metric: Metric) -> str:
    """Such as ``0.846 [0.825, 0.867]``; the brackets do not break over two lines."""
    if metric.value is None or metric.low is None or metric.high is None:
        return number(metric.value)
    decimals = _decimals(max(metric.value, metric.low, metric.high, key=abs))
    value, low, high = (_fixed(v, decimals) for v in (metric.value, metric.low, metric.high))
    return f"{value} [{low},\u00a0{high}]"


def difference(comparison: Comparison) -> str:
    """A paired difference with its interval, in the metric's units or in percent of the other's value."""
    figures = (comparison.difference, comparison.low, comparison.high)
    value, low, high = (units(v, relative=comparison.relative, sign=True) for v in figures)
    return f"{value} [{low},\u00a0{high}]"


def units(value: float, *, relative: bool, sign: bool = False) -> str:
    """A difference, margin or bound: a share becomes percent where the comparison is relative."""
    if not relative:
        return signed(value) if sign else number(value)
    text = _fixed(100 * value, 1)
    return f"{'+' if sign and value > 0 else ''}{text}\u00a0%"


def tiny(value: float) -> str:
    """A figure of which the order of magnitude matters, such as ``3.0e-07``."""
    return f"{value:.1e}" if value else "0"


def duration(seconds: float) -> str:
    """Such as ``0.4 s``, ``12 s``, ``3 min 5 s`` and ``2 h 10 min``; units do not break off their figures."""
    seconds = min(max(seconds, 0.0), _LONGEST)
    if seconds < 9.95:
        return f"{seconds:.1f}\u00a0s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole}\u00a0s"
    minutes = whole // 60
    if minutes < 60:
        return f"{minutes}\u00a0min" + (f" {whole % 60}\u00a0s" if whole % 60 else "")
    return f"{minutes // 60:,}\u00a0h" + (f" {minutes % 60}\u00a0min" if minutes % 60 else "")


def megabytes(size: float) -> str:
    """Bytes as megabytes of 10^6 bytes, such as ``312 MB``."""
    return f"{size / 1e6:,.0f}\u00a0MB"


def dollars(amount: float) -> str:
    """US dollars to a tenth of a cent."""
    return f"${amount:,.3f}" if amount >= 0.0005 or not amount else "less than $0.001"


def share(value: float) -> str:
    """A share in percent."""
    return f"{_fixed(100 * value, 1)}\u00a0%"


def _decimals(value: float) -> int:
    size = abs(value)
    return 3 if size < 10 else 2 if size < 100 else 1 if size < 1000 else 0


def _fixed(value: float, decimals: int) -> str:
    if abs(value) >= 1e15 or (0 < abs(value) < 0.5 * 10**-decimals and decimals == 3):
        return _minus(f"{value:.1e}")
    text = f"{value:,.{decimals}f}"
    return _minus(text if float(text.replace(",", "")) else text.lstrip("-"))


def _minus(text: str) -> str:
    return text.replace("-", "−") if math.isfinite(float(text.replace(",", ""))) else text
