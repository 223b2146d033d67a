"""A look as a page for people: a sample of what was predicted, beside the reference."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from slipway.core.errors import ToolFailed
from slipway.core.watch import Watch
from slipway.monitoring.reference import SCORE, TARGET
from slipway.ports import DriftReport
from slipway.stages.log_reading import Say
from slipway.stages.watched_champion import Champion

SAMPLE_ROWS = 5_000


@dataclass(frozen=True)
class Drawn:
    """What a drawing is made of."""

    champion: Champion
    sample: pd.DataFrame
    report: DriftReport | None
    say: Say


def draw(path: Path, watch: Watch, drawn: Drawn) -> str:
    """Draw it; returns why there is no drawing, "" where there is one."""
    if drawn.report is None:
        return "report.html was not made: Evidently is not installed here (requirements/monitor.txt)"
    if drawn.sample.empty:
        return "report.html was not made: there is no prediction to draw"
    table = drawn.champion.table.drop(columns=TARGET, errors="ignore")
    compared = table.sample(n=min(len(table), SAMPLE_ROWS), random_state=0)
    shown = [field.name for field in drawn.champion.signature.inputs if field.log == "plain"]
    told = (
        f"{watch.use_case} version {watch.version}, {watch.span.since} to {watch.span.until}: a random sample of "
        f"{len(drawn.sample):,} of {watch.counts.predictions:,} predictions against {len(compared):,} of "
        f"{len(table):,} rows of the reference. What is decided is decided on all rows, in watch.json."
    )
    drawn.say("drawing report.html")
    try:
        drawn.report.draw(compared, drawn.sample, path, columns=(*shown, SCORE), told=told)
    except ToolFailed as error:
        return f"report.html was not made: {error.what}"
    return ""
