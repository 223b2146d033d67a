"""Dashboards as the JSON that Grafana reads, built by its own library of types."""

import json

from grafana_foundation_sdk.builders import dashboard, prometheus, stat, table, timeseries
from grafana_foundation_sdk.builders.common import GraphThresholdsStyleConfig
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.common import GraphTresholdsStyleMode
from grafana_foundation_sdk.models.dashboard import (
    DataSourceRef,
    Threshold,
    ThresholdsMode,
    VariableRefresh,
    VariableSort,
)

from scripts.boards.panels import Board, Panel

Made = stat.Panel | timeseries.Panel | table.Panel
SOURCE = DataSourceRef(type_val="prometheus", uid="${source}")
HEIGHTS = {"figure": 4, "curve": 8, "table": 8}
_BUILDERS: dict[str, type[Made]] = {"figure": stat.Panel, "curve": timeseries.Panel, "table": table.Panel}


def grafana(board: Board) -> str:
    """Text of a dashboard's JSON; which Prometheus it asks is chosen on it."""
    made = dashboard.Dashboard(board.title).uid(board.uid).description(board.told).tags(["slipway"])
    made = made.readonly().refresh("1m").time("now-6h", "now").timezone("browser")
    made = made.with_variable(dashboard.DatasourceVariable("source").label("Prometheus").type("prometheus"))
    for name, query in board.choices:
        made = made.with_variable(_choice(name, query))
    for heading, panels in board.rows:
        made = made.with_row(dashboard.Row(heading))
        for panel in panels:
            made = made.with_panel(_panel(panel))
    return json.dumps(made.build(), cls=JSONEncoder, indent=2, sort_keys=True) + "\n"


def _choice(name: str, query: str) -> dashboard.QueryVariable:
    choice = dashboard.QueryVariable(name).label(name.replace("_", " ")).datasource(SOURCE).query(query)
    choice = choice.refresh(VariableRefresh.ON_TIME_RANGE_CHANGED).sort(VariableSort.ALPHABETICAL_ASC)
    return choice.multi(True).include_all(True).all_value(".*")


def _panel(panel: Panel) -> Made:
    made = _BUILDERS[panel.kind]().title(panel.title).unit(panel.unit).datasource(SOURCE)
    made = made.span(panel.width).height(HEIGHTS[panel.kind])
    made = made.description(panel.told) if panel.told else made
    for letter, line in zip("ABCDEFGH", panel.lines, strict=False):
        made = made.with_target(_target(line.expression, line.legend, letter, now=panel.kind != "curve"))
    return made if panel.bound is None else _bounded(made, panel)


def _target(expression: str, legend: str, letter: str, *, now: bool) -> prometheus.Dataquery:
    query = prometheus.Dataquery().expr(expression).legend_format(legend or "__auto").ref_id(letter)
    query = query.datasource(SOURCE)
    return query.instant() if now else query.range()


def _bounded(made: Made, panel: Panel) -> Made:
    steps = [Threshold(value=None, color="green"), Threshold(value=panel.bound, color="red")]
    made = made.thresholds(dashboard.ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE).steps(steps))
    if isinstance(made, timeseries.Panel):
        return made.thresholds_style(GraphThresholdsStyleConfig().mode(GraphTresholdsStyleMode.DASHED))
    return made
