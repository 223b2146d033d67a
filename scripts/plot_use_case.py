"""Pictures of how a model does, for docs/: slice by slice, month by month, and the going rate it was told.

    slipway run NAME && python scripts/plot_use_case.py NAME [--metric mape] [--into docs/images]

Writes NAME-slices.svg; NAME-months.svg where the use case has a time; NAME-level.svg where its model has a level. Equal
input gives equal files.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib import pyplot as plt

from slipway.core.evaluation import Evaluation, Metric, SliceResult
from slipway.core.params import AnyTrainParams
from slipway.core.signature import Interval, Signature
from slipway.core.use_case import UseCase
from slipway.data.preparation import TARGET, TIME
from slipway.evaluation.coverage import check_interval
from slipway.features.local_level import LocalLevels, fit_local_levels
from slipway.wiring import open_project
from slipway.workspace.paths import Paths

INK, ACCENT, FAINT = "#1f2328", "#0b6e99", "#9aa4ad"
_SHOWN = 3
_FEWEST = 50


@dataclass(frozen=True)
class Subject:
    """A use case with what its stages left."""

    use_case: UseCase
    params: AnyTrainParams
    paths: Paths
    evaluation: Evaluation
    signature: Signature

    @property
    def holdout(self) -> pd.DataFrame:
        """What was held out, with what the candidate says of it."""
        return pd.read_parquet(self.paths.holdout).assign(said=pd.read_parquet(self.paths.scores)["candidate"])


def main(arguments: Sequence[str] | None = None) -> None:
    """Draw what there is to draw, and say where it is."""
    asked = _arguments().parse_args(arguments)
    project = open_project()
    paths = project.paths(asked.name)
    subject = Subject(
        project.use_case(asked.name),
        project.section(asked.name).train,
        paths,
        Evaluation.model_validate_json(paths.evaluation.read_bytes()),
        Signature.model_validate_json((paths.model / "signature.json").read_bytes()),
    )
    mpl.rcParams.update({"svg.hashsalt": asked.name, "font.size": 9, "svg.fonttype": "none", "text.color": INK})
    drawn = {"slices": _slices(subject, asked.metric)}
    if subject.use_case.time is not None and subject.signature.interval is not None:
        drawn["months"] = _months(subject, subject.signature.interval)
    if subject.params.level is not None:
        drawn["level"] = _levels(subject)
    asked.into.mkdir(parents=True, exist_ok=True)
    for name, figure in drawn.items():
        path = asked.into / f"{asked.name}-{name}.svg"
        figure.savefig(path, metadata={"Date": None, "Creator": None}, bbox_inches="tight")
        print(path)


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("name", help="the use case")
    parser.add_argument("--metric", default="mape")
    parser.add_argument("--into", type=Path, default=Path("docs/images"))
    return parser


def _slices(subject: Subject, metric: str) -> Any:
    """One line a slice: the metric and, where there are intervals, what they hold, each with its 95 % interval."""
    shown = [found for found in subject.evaluation.slices if found.rows >= _FEWEST]
    names = [f"{found.column} {found.value} ({found.rows:,})" for found in shown]
    whole = {known.name: known for known in subject.evaluation.metrics}
    held = subject.evaluation.interval
    figure, axes = plt.subplots(1, 1 if held is None else 2, sharey=True, figsize=(9, 0.7 + 0.2 * len(shown)))
    panels = np.atleast_1d(axes)
    _dots(panels[0], [_metric(found, metric) for found in shown], whole[metric].value, metric)
    if held is not None:
        _dots(
            panels[1], [found.interval.coverage if found.interval else None for found in shown], held.level, "coverage"
        )
    panels[0].set_yticks(range(len(shown)), names)
    panels[0].invert_yaxis()
    return figure


def _metric(found: SliceResult, name: str) -> Metric | None:
    return next((metric for metric in found.metrics if metric.name == name), None)


def _dots(axis: Any, metrics: Sequence[Metric | None], line: float | None, title: str) -> None:
    known = [(place, m) for place, m in enumerate(metrics) if m is not None and m.value is not None]
    places = [place for place, _ in known]
    axis.hlines(places, [m.low for _, m in known], [m.high for _, m in known], color=FAINT)
    axis.plot([m.value for _, m in known], places, "o", color=ACCENT, markersize=4)
    if line is not None:
        axis.axvline(line, color=INK, linewidth=0.8, linestyle=":")
    axis.set_title(title, loc="left")
    _plain(axis)


def _months(subject: Subject, interval: Interval) -> Any:
    """Month by month of the holdout: the median error as a share of the truth, and what the intervals hold."""
    rows = subject.holdout
    month = (pd.Timestamp("1970-01-01") + pd.to_timedelta(rows[TIME], unit="D")).dt.to_period("M").astype(str)
    groups = [group for _, group in rows.groupby(month) if len(group) >= _FEWEST]
    names = [name for name, group in rows.groupby(month) if len(group) >= _FEWEST]
    checks = [check_interval(interval, g[TARGET].to_numpy(), g["said"].to_numpy()).coverage for g in groups]
    error = [float(np.median(group["said"] / group[TARGET] - 1)) for group in groups]
    figure, (above, below) = plt.subplots(2, 1, sharex=True, figsize=(9, 4))
    above.bar(names, error, color=ACCENT)
    above.set_title("median error, as a share of the truth", loc="left")
    below.vlines(names, [c.low for c in checks], [c.high for c in checks], color=FAINT)
    below.plot(names, [c.value for c in checks], "o", color=ACCENT, markersize=4)
    below.axhline(interval.level, color=INK, linewidth=0.8, linestyle=":")
    below.set_title(f"share of rows in their {interval.level:.0%} interval", loc="left")
    below.tick_params(axis="x", rotation=45)
    for axis in (above, below):
        _plain(axis)
    return figure


def _levels(subject: Subject) -> Any:
    """The level of all that the model was told, carried on, beside the one that then came; and the largest groups'."""
    train, holdout = pd.read_parquet(subject.paths.train), subject.holdout
    told, came = _read(subject, train), _read(subject, pd.concat([train, holdout[train.columns]], ignore_index=True))
    figure, axis = plt.subplots(figsize=(9, 3.6))
    for number, group in enumerate(train[told.by].value_counts().index[:_SHOWN]):
        path = told.overall + told.relative[told.groups.index(group)]
        axis.plot(
            _days(told), np.exp(path), color=FAINT, linewidth=0.8, label=f"the {_SHOWN} largest groups" * (not number)
        )
    known = _days(came) <= _date(came.known_until)
    axis.plot(_days(came)[known], np.exp(came.overall[known]), color=INK, linewidth=1, label="all, as it then came")
    axis.plot(_days(told), np.exp(told.overall), color=ACCENT, linewidth=1.6, label="all, as the model was told")
    axis.axvline(_date(told.known_until), color=INK, linewidth=0.8, linestyle=":")
    axis.set_xlim(_days(told)[0], _date(came.known_until))
    level = subject.use_case.level
    axis.set_title(
        f"{subject.use_case.unit or subject.use_case.target} per {level.per if level else 'unit'}", loc="left"
    )
    axis.legend(frameon=False)
    _plain(axis)
    return figure


def _read(subject: Subject, rows: pd.DataFrame) -> LocalLevels:
    level, params, date = subject.use_case.level, subject.params.level, subject.use_case.time
    if level is None or params is None or date is None:
        raise SystemExit("the use case declares no level")
    fit = partial(fit_local_levels, level=level, date=date, params=params)
    return fit(rows, np.log(rows[TARGET].to_numpy()))


def _days(levels: LocalLevels) -> Any:
    starts = levels.origin + levels.period_days * np.arange(levels.overall.size)
    return pd.Timestamp("1970-01-01") + pd.to_timedelta(starts, unit="D")


def _date(day: float) -> Any:
    return pd.Timestamp("1970-01-01") + pd.Timedelta(days=day)


def _plain(axis: Any) -> None:
    axis.spines[["top", "right"]].set_visible(False)


if __name__ == "__main__":
    main()
