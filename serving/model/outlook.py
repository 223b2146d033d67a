"""Where the level of a row's group may go, and the row's own value with it."""

from collections.abc import Callable
from typing import Any

from serving.bundle.beside import Ahead, Backtest, GroupOutlook, Outlook
from serving.bundle.signature import Signature
from serving.inputs.rows import Row, values, with_cell

Predict = Callable[[Row], float]


class Outlooks:
    """The outlook for single rows.

    A row is worth, some months ahead, what the model says it was worth on the last day that the outlook knows, times
    the forecast change of its group's level. The band is the level's own; how far the model may be off is told by the
    prediction's interval and is not in it.

    Args:
        predict: what the model says of a row.
    """

    def __init__(self, document: Outlook, signature: Signature, predict: Predict) -> None:
        self.document = document
        self._predict = predict
        position = {field.name: at for at, field in enumerate(signature.inputs)}
        self._by = position[document.by]
        self._time = None if document.time is None else position[document.time]

    def of(self, row: Row) -> dict[str, Any] | None:
        """The outlook for a row; None where nothing is known of its group.

        Raises:
            PredictionFailed: the model gives no finite number.
            RequestRefused: it does so because a number lies too far outside what it saw in training.
        """
        name = values(row)[self._by]
        group = self.document.groups.get(str(name))
        if name is None or group is None:
            return None
        document = self.document
        then = row if self._time is None else with_cell(row, self._time, document.last_day)
        value = self._predict(then)
        return {
            "group": {"field": document.by, "value": name},
            "unit": document.unit,
            "day": document.last_day,
            "value": value,
            "level": group.now,
            "history": _history(group, document.last_month),
            "ahead": [_ahead(n, one, group, document, value) for n, one in enumerate(group.ahead, 1)],
            "band": document.band,
            "method": document.method,
            "backtest": _backtest(document.backtest),
        }


def _history(group: GroupOutlook, last: str) -> list[dict[str, Any]]:
    months = range(1 - len(group.levels), 1)
    each = zip(months, group.levels, group.rows, strict=False)
    return [{"month": month(last, back), "level": level, "rows": rows} for back, level, rows in each]


def _ahead(n: int, one: Ahead, group: GroupOutlook, document: Outlook, value: float) -> dict[str, Any]:
    change = value / group.now
    return {
        "month": month(document.last_month, n),
        "level": one.level,
        "level_low": one.low,
        "level_high": one.high,
        "value": one.level * change,
        "low": one.low * change,
        "high": one.high * change,
    }


def _backtest(found: Backtest) -> dict[str, Any]:
    served = next(result for result in found.methods if result.method == found.served)
    others = [result for result in found.methods if result.method != found.served]
    return {
        "first": found.first,
        "last": found.last,
        "forecasts": found.forecasts,
        "errors": [figure.model_dump() for figure in served.errors],
        "noise": found.noise,
        "coverage": found.coverage[0].model_dump(),
        "beaten": [other.method for other in others if _is_beaten(other.gain)],
        "not_beaten": [other.method for other in others if not _is_beaten(other.gain)],
    }


def _is_beaten(gain: Any) -> bool:
    return gain is not None and gain.low is not None and gain.low > 0


def month(last: str, further: int) -> str:
    """The month so many after another, such as "2016-01" for one after "2015-12"."""
    year, number = divmod(int(last[:4]) * 12 + int(last[5:]) - 1 + further, 12)
    return f"{year:04d}-{number + 1:02d}"
