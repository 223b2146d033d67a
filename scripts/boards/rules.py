"""Rules as the YAML that Prometheus reads."""

from collections.abc import Iterable
from typing import Any

import yaml

from scripts.boards.alerts import Alert, endpoint_alerts, monitor_alerts
from scripts.boards.recordings import recordings

MADE = "# Made by `make boards` from scripts/boards; changes here are lost.\n"
RUNBOOKS = "{{ $externalLabels.runbooks }}"


def rules() -> str:
    """Text of ``rules.yaml``: recordings, then alerts. Where runbooks lie is told by Prometheus' external labels."""
    recorded = [{"record": each.name, "expr": each.expression} for each in recordings()]
    groups = [
        {"name": "slipway-recordings", "interval": "30s", "rules": recorded},
        {"name": "slipway-endpoints", "rules": _alerting(endpoint_alerts())},
        {"name": "slipway-monitor", "rules": _alerting(monitor_alerts())},
    ]
    return MADE + yaml.safe_dump({"groups": groups}, sort_keys=False, width=1000)


def _alerting(alerts: Iterable[Alert]) -> list[dict[str, Any]]:
    return [
        {
            "alert": alert.name,
            "expr": alert.expression,
            "for": alert.wait,
            "labels": alert.labels,
            "annotations": {
                "summary": alert.summary,
                "description": alert.description,
                "runbook_url": f"{RUNBOOKS}#{alert.anchor}",
            },
        }
        for alert in alerts
    ]
