"""What the dashboards show: one value a panel, in the order it is read."""

from dataclasses import dataclass

from scripts.boards.objectives import ANSWERS, ERROR_BUDGET, PREDICTIONS, REFUSED_SHARE, SLOW_BUDGET, SLOW_SECONDS

HERE = 'use_case=~"$use_case", environment=~"$environment"'
WATCHED = 'use_case=~"$use_case"'
_IN_PLACE = "{{use_case}} {{environment}}"


@dataclass(frozen=True)
class Line:
    """A PromQL expression and how its series are called in the legend."""

    expression: str
    legend: str


@dataclass(frozen=True)
class Panel:
    """One panel.

    Attributes:
        kind: a curve over time, a figure, or a table of the present.
        unit: as Grafana calls it: ``percentunit``, ``s``, ``reqps``, ``short``, ``dateTimeFromNow``.
        bound: a line that is not to be crossed; None for none.
        width: of 24.
    """

    title: str
    told: str
    lines: tuple[Line, ...]
    unit: str = "short"
    kind: str = "curve"
    bound: float | None = None
    width: int = 12


@dataclass(frozen=True)
class Board:
    """One dashboard.

    Attributes:
        choices: variables, and what their values are read of.
        rows: headings with their panels.
    """

    uid: str
    title: str
    told: str
    choices: tuple[tuple[str, str], ...]
    rows: tuple[tuple[str, tuple[Panel, ...]], ...]


def _quantile(share: float) -> Line:
    rate = f"rate(slipway_request_seconds_bucket{{{HERE}, {PREDICTIONS}}}[$__rate_interval])"
    expression = f"histogram_quantile({share:g}, sum by (use_case, environment, le) ({rate}))"
    return Line(expression, f"{_IN_PLACE} {share:.0%}")


def _by(label: str, series: str, selector: str = "") -> str:
    within = f"{HERE}, {selector}" if selector else HERE
    return f"sum by ({label}) (rate({series}{{{within}}}[$__rate_interval]))"


ENDPOINTS = Board(
    uid="slipway-endpoints",
    title="Slipway endpoints",
    told="What is asked, what is answered, how quickly, and what is refused.",
    choices=(
        ("use_case", "label_values(slipway_model_info, use_case)"),
        ("environment", 'label_values(slipway_model_info{use_case=~"$use_case"}, environment)'),
    ),
    rows=(
        (
            "Kept promises",
            (
                Panel(
                    "Errors over 1 h",
                    f"Share of answers that are 5xx. The month's budget is {ERROR_BUDGET:.1%}.",
                    (Line(f"slipway:errors:share1h{{{HERE}}}", _IN_PLACE),),
                    "percentunit", "figure", ERROR_BUDGET, 6,
                ),
                Panel(
                    "Slow over 1 h",
                    f"Share of predictions over {SLOW_SECONDS * 1000:g} ms. The month's budget is {SLOW_BUDGET:.0%}.",
                    (Line(f"slipway:slow:share1h{{{HERE}}}", _IN_PLACE),),
                    "percentunit", "figure", SLOW_BUDGET, 6,
                ),
                Panel(
                    "Refused over 1 h",
                    "Share of requests that did not fit the model's inputs.",
                    (Line(f"slipway:refused:share1h{{{HERE}}}", _IN_PLACE),),
                    "percentunit", "figure", REFUSED_SHARE, 6,
                ),
                Panel(
                    "Endpoints up",
                    "Pods whose metrics are scraped.",
                    (Line(f"slipway:endpoints:up{{{HERE}}}", _IN_PLACE),),
                    "short", "figure", None, 6,
                ),
                Panel(
                    "Budget burnt: errors",
                    "Times the budget, by window; 1 uses it up in just a month.",
                    tuple(
                        Line(f"slipway:errors:share{w}{{{HERE}}} / {ERROR_BUDGET:g}", f"{_IN_PLACE} {w}")
                        for w in ("1h", "6h", "3d")
                    ),
                    "short", "curve", 1.0,
                ),
                Panel(
                    "Budget burnt: latency",
                    "Times the budget, by window; 1 uses it up in just a month.",
                    tuple(
                        Line(f"slipway:slow:share{w}{{{HERE}}} / {SLOW_BUDGET:g}", f"{_IN_PLACE} {w}")
                        for w in ("1h", "6h", "3d")
                    ),
                    "short", "curve", 1.0,
                ),
            ),
        ),
        (
            "Traffic",
            (
                Panel("Requests by route", "", (Line(_by("route", "slipway_requests_total"), "{{route}}"),), "reqps"),
                Panel(
                    "Requests by status", "",
                    (Line(_by("status", "slipway_requests_total", ANSWERS), "{{status}}"),), "reqps",
                ),
                Panel(
                    "Latency of predictions", "Quantiles, read off a histogram: they are between its bounds.",
                    (_quantile(0.5), _quantile(0.95), _quantile(0.99)), "s", "curve", SLOW_SECONDS,
                ),
                Panel(
                    "In flight, and connections", "",
                    (
                        Line(f"sum by (use_case, environment) (slipway_in_flight{{{HERE}}})", f"{_IN_PLACE} in flight"),
                        Line(f"sum by (use_case, environment) (slipway_connections{{{HERE}}})", f"{_IN_PLACE} open"),
                    ),
                ),
            ),
        ),
        (
            "Inputs and answers",
            (
                Panel(
                    "Refused, by field", "Problems found in requests; one request may have many.",
                    (Line(f"topk(10, {_by('field', 'slipway_refused_inputs_total')})", "{{field}}"),),
                ),
                Panel(
                    "Outside the training range, by field", "Numbers that were answered nevertheless.",
                    (Line(f"topk(10, {_by('field', 'slipway_out_of_range_total')})", "{{field}}"),),
                ),
                Panel(
                    "Probabilities", "Median and 90 % of what classifiers predicted.",
                    tuple(
                        Line(
                            f"histogram_quantile({q:g}, {_by('use_case, le', 'slipway_scores_bucket')})",
                            f"{{{{use_case}}}} {q:.0%}",
                        )
                        for q in (0.5, 0.9)
                    ),
                    "percentunit",
                ),
                Panel(
                    "Rows predicted", "",
                    (Line(_by("use_case, environment", "slipway_predictions_total"), _IN_PLACE),),
                ),
                Panel(
                    "Prediction log", "Entries written, dropped, and attempts that failed.",
                    tuple(
                        Line(_by("use_case", f"slipway_log_{what}_total"), f"{{{{use_case}}}} {what}")
                        for what in ("written", "dropped", "failed")
                    ),
                ),
                Panel(
                    "Models that answer", "",
                    (Line(f"count by (use_case, environment, version) (slipway_model_info{{{HERE}}})", ""),),
                    "short", "table",
                ),
            ),
        ),
    ),
)  # fmt: skip

MONITOR = Board(
    uid="slipway-monitor",
    title="Slipway monitor",
    told="What the last looks at live models said: drift, performance, and whether to retrain.",
    choices=(("use_case", "label_values(slipway_monitor_last_look_timestamp_seconds, use_case)"),),
    rows=(
        (
            "Now",
            (
                Panel(
                    "Alarms", "Findings of the last look that people are called for.",
                    (Line(f"slipway_monitor_alarms{{{WATCHED}}}", "{{use_case}}"),), "short", "figure", 1.0, 6,
                ),
                Panel(
                    "Last look", "When it was made.",
                    (Line(f"slipway_monitor_last_look_timestamp_seconds{{{WATCHED}}} * 1000", "{{use_case}}"),),
                    "dateTimeFromNow", "figure", None, 6,
                ),
                Panel(
                    "Version watched", "",
                    (Line(f"slipway_monitor_version{{{WATCHED}}}", "{{use_case}}"),), "short", "figure", None, 6,
                ),
                Panel(
                    "Retrain", "The answer of the last decision.",
                    (Line(f"slipway_monitor_retrain{{{WATCHED}}} == 1", "{{use_case}} {{answer}}"),),
                    "short", "figure", None, 6,
                ),
            ),
        ),
        (
            "Drift",
            (
                Panel(
                    "Effect over its floor", "Above 1 it is as large as what is acted on.",
                    (
                        Line(
                            f"slipway_monitor_drift_effect{{{WATCHED}}} / slipway_monitor_drift_floor{{{WATCHED}}}",
                            "{{use_case}} {{column}} {{test}}",
                        ),
                    ),
                    "short", "curve", 1.0, 16,
                ),
                Panel(
                    "Drifted", "1 where the drift matters, 0 where it is only proved.",
                    (
                        Line(
                            f"slipway_monitor_drift_matters{{{WATCHED}}} "
                            f"and on (use_case, column, test) slipway_monitor_drifted{{{WATCHED}}} == 1",
                            "",
                        ),
                    ),
                    "short", "table", None, 8,
                ),
            ),
        ),
        (
            "Performance",
            (
                Panel(
                    "Metric on labelled rows", "",
                    (Line(f"slipway_monitor_performance{{{WATCHED}}}", "{{use_case}} {{metric}}"),),
                ),
                Panel(
                    "Loss since the reference",
                    "By labels, with the ends of its 95 % interval, and as estimated without.",
                    (
                        Line(f"slipway_monitor_performance_loss{{{WATCHED}}}", "{{use_case}} {{metric}}"),
                        Line(f"slipway_monitor_performance_loss_low{{{WATCHED}}}", "{{use_case}} {{metric}} low"),
                        Line(f"slipway_monitor_performance_loss_high{{{WATCHED}}}", "{{use_case}} {{metric}} high"),
                        Line(f"slipway_monitor_estimated_loss{{{WATCHED}}}", "{{use_case}} {{metric}} estimated"),
                    ),
                    "percentunit",
                ),
                Panel(
                    "Rows looked at", "",
                    (
                        Line(f"slipway_monitor_predictions{{{WATCHED}}}", "{{use_case}} predicted"),
                        Line(f"slipway_monitor_feedback{{{WATCHED}}}", "{{use_case}} with an outcome"),
                    ),
                ),
                Panel(
                    "Findings by weight", "",
                    (Line(f"slipway_monitor_findings{{{WATCHED}}}", "{{use_case}} {{weight}}"),),
                ),
            ),
        ),
    ),
)  # fmt: skip

BOARDS = (ENDPOINTS, MONITOR)
