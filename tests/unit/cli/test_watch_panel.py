"""What a person reads in the terminal after a look."""

import io

from rich.console import Console

from slipway.cli.watch_panel import show_watch
from tests.support.looks import DRIFT, YES, loss_of_auc, too_low, watch


def shown(look, undrawn: str = "") -> str:  # type: ignore[no-untyped-def]
    console = Console(file=io.StringIO(), width=160)
    show_watch(console, look, ".slipway/churn/monitor", undrawn)
    return console.file.getvalue()  # type: ignore[attr-defined]


def test_performance_and_bias_are_told_beside_the_reference() -> None:
    told = shown(watch(performance=(loss_of_auc(),), bias=too_low(proved=True)))
    assert "0.769 on 1,204 outcomes, 0.846 when it was made" in told
    assert "0.13 on 1,204 outcomes, 0.12 when it was made, in standard deviations" in told


def test_findings_the_decision_and_where_to_read_on_are_told() -> None:
    told = shown(watch(DRIFT, retrain=YES))
    for words in (DRIFT.told, "yes", YES.reasons[0], "watch.json and report.html"):
        assert words in told


def test_why_there_is_no_drawing_is_told() -> None:
    told = shown(watch(), undrawn="Evidently is not installed here")
    assert "Evidently is not installed here" in told
    assert "report.html" not in told
