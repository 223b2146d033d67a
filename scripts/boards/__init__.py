"""Prometheus' rules and Grafana's dashboards, made from one source."""
