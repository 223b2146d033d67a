"""The metrics file that is committed: small, flat, and readable in a diff."""

import json
from collections.abc import Iterable

from slipway.core.evaluation import Metric


def metrics_text(metrics: Iterable[Metric]) -> str:
    """JSON of metric name to value with six decimals; metrics that are not defined are left out."""
    values = {m.name: round(m.value, 6) for m in metrics if m.value is not None}
    return json.dumps(values, indent=2) + "\n"


def parse_metrics(text: str) -> dict[str, float] | None:
    """Read such a file back; None where it is something else."""
    try:
        document = json.loads(text)
        return {str(name): float(value) for name, value in document.items()}
    except (ValueError, TypeError, AttributeError):
        return None
