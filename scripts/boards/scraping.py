"""A Prometheus configuration that gives series the labels which rules and dashboards go by."""

from typing import Any

import yaml

from scripts.boards.rules import MADE

MOST_UNDERSCORES = 6
_POD = "__meta_kubernetes_pod_"


def scraping() -> str:
    """Text of ``prometheus.yaml``: pods of endpoints in their namespaces, and the Pushgateway."""
    return MADE + yaml.safe_dump(
        {
            "global": {
                "scrape_interval": "15s",
                "external_labels": {"runbooks": "https://github.com/ACME/models/blob/main/docs/runbooks.md"},
            },
            "rule_files": ["rules.yaml"],
            "scrape_configs": [_endpoints(), _pushgateway()],
        },
        sort_keys=False,
    )


def _endpoints() -> dict[str, Any]:
    return {
        "job_name": "slipway-endpoints",
        "kubernetes_sd_configs": [{"role": "pod"}],
        "relabel_configs": [
            _kept(f"{_POD}label_app_kubernetes_io_name", "endpoint"),
            _kept(f"{_POD}container_port_name", "management"),
            _copied(f"{_POD}label_app_kubernetes_io_instance", "use_case"),
            *[_underscore() for _ in range(MOST_UNDERSCORES)],
            _copied(f"{_POD}label_slipway_io_environment", "environment"),
            _copied(f"{_POD}label_slipway_io_track", "track"),
            _copied(f"{_POD}name", "pod"),
        ],
    }


def _pushgateway() -> dict[str, Any]:
    """``honor_labels`` leaves the use case that the gauges were pushed with."""
    return {
        "job_name": "pushgateway",
        "honor_labels": True,
        "static_configs": [{"targets": ["pushgateway:9091"]}],
    }


def _kept(label: str, value: str) -> dict[str, Any]:
    return {"source_labels": [label], "regex": value, "action": "keep"}


def _copied(label: str, target: str) -> dict[str, Any]:
    return {"source_labels": [label], "target_label": target}


def _underscore() -> dict[str, Any]:
    """Kubernetes has no underscores in names; each step turns one hyphen back."""
    return _copied("use_case", "use_case") | {"regex": "([^-]*)-(.*)", "replacement": "${1}_${2}"}
