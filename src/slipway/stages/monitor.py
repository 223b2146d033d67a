"""monitor: the champion's log against its reference; a look is written, and kept where all machines see it."""

import re
import tempfile
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from slipway.core.errors import DataMissing, DataUnfit, ParamsInvalid, ToolFailed, VersionUnknown
from slipway.core.evaluation import Decision
from slipway.core.importances import Importances
from slipway.core.moment import moment
from slipway.core.params import UseCaseParams
from slipway.core.record import Record
from slipway.core.signature import Signature
from slipway.core.use_case import UseCase
from slipway.core.version import Version
from slipway.core.watch import Answer, Concern, Sighting, Span, Watch, Weight
from slipway.data.moments import moments_of
from slipway.data.preparation import inputs_of
from slipway.monitoring.batch import Batch
from slipway.monitoring.labels import labels_before
from slipway.monitoring.log.reading import Watched
from slipway.monitoring.log.sampling import Sample
from slipway.monitoring.looking import look
from slipway.monitoring.progress import Progress, newest, progress_of
from slipway.monitoring.reference import SCORE, TARGET, read_reference
from slipway.monitoring.reference_table import MOST_ROWS, inputs_shown
from slipway.monitoring.situation import Situation
from slipway.monitoring.skew import Collected
from slipway.monitoring.tally import Tally
from slipway.ports import DriftReport, PredictionLog, Registry, Watches
from slipway.stages.log_reading import LogRead, Say, read_log
from slipway.workspace.bundle import SIGNATURE, read_record
from slipway.workspace.files import file_digest, read_document, read_frame, replacing_folder, write_document
from slipway.workspace.paths import IMPORTANCES, REFERENCE, Paths

SAMPLE_ROWS = 5_000
PREVIOUS = 30
"""Looks before this one that a decision goes by."""
_CLOCKS = timedelta(minutes=5)
"""By so much clocks of endpoints may run ahead of ours, and by twelve times that be behind the registry's."""
DAY_SECONDS = 86_400.0
_LENGTH = re.compile(r"(\d+(?:\.\d+)?)([mhdw])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


@dataclass(frozen=True)
class Outside:
    """What a look needs of the outside; ``report`` None where nothing draws."""

    registry: Registry
    log: PredictionLog
    watches: Watches
    report: DriftReport | None


@dataclass(frozen=True)
class Champion:
    """The live version, and what it is compared with."""

    version: Version
    record: Record
    signature: Signature
    table: pd.DataFrame
    importances: dict[str, float]
    problems: tuple[Sighting, ...] = ()


@dataclass(frozen=True)
class Looked:
    """A look, and why there is no drawing of it; "" where there is one."""

    watch: Watch
    undrawn: str


def span_of(since: str | None, until: str | None, days: float, now: datetime) -> Span:
    """The span that a command asks for.

    Args:
        since: how long it is, such as 7d, 12h or 2w, or when it begins, in ISO 8601; None for ``days``.
        until: when it ends, in ISO 8601; None for ``now``.

    Raises:
        ParamsInvalid: one of them is neither, or the span ends before it begins.
    """
    end = now if until is None else _moment(until)
    length = _LENGTH.fullmatch(since or "")
    if since is None:
        begin = end - timedelta(days=days)
    else:
        begin = _moment(since) if length is None else end - timedelta(**{_UNITS[length[2]]: float(length[1])})
    if begin >= end:
        raise _no_span(f"the span ends at {end.isoformat()}, before it begins at {begin.isoformat()}")
    return Span(since=begin.isoformat(timespec="milliseconds"), until=end.isoformat(timespec="milliseconds"))


def monitor(
    use_case: UseCase, paths: Paths, params: UseCaseParams, outside: Outside, *, span: Span, now: datetime, say: Say
) -> Looked:
    """Look at the champion, write watch.json and report.html, and keep the look.

    Everything that is wrong with a log is a finding. Done again for the same span and moment, the look is kept once.

    Args:
        now: the real time; the look's own is the end of its span.

    Raises:
        VersionUnknown: there is no champion.
        ReferenceMissing: it has nothing to be compared with.
        LogUnavailable, RegistryUnreachable: one of them does not answer; nothing was written.
    """
    champion = _champion(use_case.name, outside.registry)
    reference = read_reference(champion.table, champion.signature, champion.importances)
    tally, sample = Tally(reference), Sample(SAMPLE_ROWS)

    def take(batch: Batch) -> None:
        tally.add(batch)
        sample.add(batch, SCORE)

    heard = _heard(span, params.monitor.outcome_days)
    watched = _watched(use_case, champion, span, heard=heard, now=now)
    read = read_log(outside.log, watched, take, feedback_days=params.monitor.feedback_days, say=say)
    situation = _situation(use_case, params, champion, outside, read=read, span=span, heard=heard)
    watch = look(
        reference,
        tally,
        read.outcomes,
        read.counts,
        params=params.monitor,
        retrain=params.retrain,
        situation=replace(situation, fresh_data=_is_fresh(paths, champion.record)),
        collect=lambda: _collected(use_case, paths, champion.signature),
    )
    undrawn = _write(paths, watch, Drawn(champion, sample.table(), outside.report, say))
    outside.watches.keep(watch)
    return Looked(watch, undrawn)


def outputs(watch: Watch) -> dict[str, str]:
    """What a workflow goes on with: ``retrain`` and ``alarms`` (true or false), ``answer``, ``reason``."""
    return {
        "retrain": str(watch.retrain.answer is Answer.YES).lower(),
        "answer": watch.retrain.answer.value,
        "reason": watch.retrain.reasons[0] if watch.retrain.reasons else "",
        "alarms": str(bool(watch.alarms)).lower(),
    }


def _champion(name: str, registry: Registry) -> Champion:
    version = registry.aliased(name, "champion")
    if version is None:
        raise VersionUnknown(
            f"{name} has no champion to look at",
            cause="no version was promoted yet, or another registry is configured",
            next_step=f"promote one with `slipway run {name}`, or check MLFLOW_TRACKING_URI",
        )
    with tempfile.TemporaryDirectory(prefix="slipway-monitor-") as folder:
        bundle = registry.fetch_bundle(name, version.number, Path(folder) / "bundle")
        kept = registry.fetch_reference(name, version.number, Path(folder) / "reference")
        shares, problems = importances_of(kept / IMPORTANCES)
        return Champion(
            version=version,
            record=read_record(bundle),
            signature=read_document(bundle / SIGNATURE, Signature, made_by=f"slipway run {name}"),
            table=read_frame(kept / REFERENCE, made_by=f"slipway run {name}"),
            importances=shares,
            problems=problems,
        )


def importances_of(path: Path) -> tuple[dict[str, float], tuple[Sighting, ...]]:
    """How much each input counts; without them a look is worth less, but is one."""
    try:
        return read_document(path, Importances, made_by="slipway register").shares, ()
    except DataMissing as error:
        told = f"how much each input counts is not known: {error.what.partition(': ')[2] or 'it cannot be read'}"
        return {}, (Sighting(name="importances", concern=Concern.DATA, weight=Weight.WARNING, told=told),)


def _heard(span: Span, days: float) -> datetime:
    """From when on outcomes count."""
    return min(_moment(span.since), _moment(span.until) - timedelta(days=days))


def _watched(use_case: UseCase, champion: Champion, span: Span, *, heard: datetime, now: datetime) -> Watched:
    made = min(_moment(champion.version.registered_at), _moment(champion.record.provenance.decided_at))
    until = _moment(span.until)
    return Watched(
        record_digest=champion.version.record_digest,
        signature=champion.signature,
        since=_moment(span.since).timestamp(),
        until=until.timestamp(),
        born=(made - 12 * _CLOCKS).timestamp(),
        latest=(max(now, until) + _CLOCKS).timestamp(),
        heard=heard.timestamp(),
        positive=use_case.positive,
    )


def _situation(
    use_case: UseCase,
    params: UseCaseParams,
    champion: Champion,
    outside: Outside,
    *,
    read: LogRead,
    span: Span,
    heard: datetime,
) -> Situation:
    versions, since = outside.registry.versions(use_case.name), heard.isoformat(timespec="milliseconds")
    metric = params.retrain.metric or params.gates.champion.metric
    situation = Situation(
        use_case=use_case.name,
        version=champion.version.number,
        record_digest=champion.version.record_digest,
        registered_at=champion.version.registered_at,
        span=span,
        now=span.until,
        metric=metric,
        versions=versions,
        previous=outside.watches.latest(use_case.name, PREVIOUS),
        outcomes_since=since,
        progress=_progress(champion, versions, outside.registry, metric),
        findings=(*champion.problems, *read.findings),
    )
    return replace(situation, new_labels=read.counts.feedback + labels_before(situation.own_looks, since))


def _progress(champion: Champion, versions: tuple[Version, ...], registry: Registry, metric: str) -> Progress | None:
    """Whether the last retraining helped, by the record of what it made."""
    made = newest(champion.version, versions)
    if made.number == champion.version.number:
        record: Record | None = champion.record
    else:
        record = registry.record(made.use_case, made.number) if made.decision is Decision.REJECT else None
    return None if record is None else progress_of(record.evaluation, made, champion.version, metric=metric)


def _is_fresh(paths: Paths, record: Record) -> bool | None:
    return file_digest(paths.raw) != record.evaluation.data_digest if paths.raw.is_file() else None


def _collected(use_case: UseCase, paths: Paths, signature: Signature) -> Collected | None:
    """The newest rows of the raw table; None where they have no time, or are not what the champion takes."""
    if use_case.time is None or not paths.raw.is_file():
        return None
    try:
        raw = read_frame(paths.raw, made_by=f"slipway collect {use_case.name}")
        days = moments_of(raw[use_case.time]).to_numpy()
        newest = np.argsort(days, kind="stable")[-MOST_ROWS:]
        return Collected(inputs_shown(signature, inputs_of(signature, raw.iloc[newest])), days[newest] * DAY_SECONDS)
    except (DataMissing, DataUnfit, KeyError):
        return None


@dataclass(frozen=True)
class Drawn:
    """What a drawing is made of."""

    champion: Champion
    sample: pd.DataFrame
    report: DriftReport | None
    say: Say


def _write(paths: Paths, watch: Watch, drawn: Drawn) -> str:
    """Both files or none; returns why there is no drawing, "" where there is one."""
    with replacing_folder(paths.monitor) as folder:
        write_document(folder / "watch.json", watch)
        return _draw(folder / "report.html", watch, drawn)


def _draw(path: Path, watch: Watch, drawn: Drawn) -> str:
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


def _moment(text: str) -> datetime:
    try:
        return moment(text).astimezone(UTC)
    except ValueError as error:
        raise _no_span(f"{text!r} is no time and no length of time") from error


def _no_span(what: str) -> ParamsInvalid:
    return ParamsInvalid(
        what,
        cause="a typing mistake",
        next_step="give --since 7d, 12h or 2026-01-31, and --until a time such as 2026-02-07T00:00:00Z",
    )
