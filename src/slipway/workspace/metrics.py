"""The metrics file that is committed: small, flat, and readable in a diff."""

import json
import math
from collections.abc import Iterable

from slipway.core.evaluation import Metric


def metrics_text(metrics: Iterable[Metric]) -> str:
    """JSON of metric name to value with six decimals; metrics that are not defined are left out."""
    values = {m.name: round(m.value, 6) for m in metrics if m.value is not None}
    return json.dumps(values, indent=2) + "\n"


def parse_metrics(text: str) -> dict[str, float]:
    """Read such a file back; what is no finite figure is left out."""
    try:
        document = json.loads(text)
    except ValueError:
        return {}
    entries = document.items() if isinstance(document, dict) else ()
    return {name: float(value) for name, value in entries if _is_figure(value)}


def _is_figure(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
