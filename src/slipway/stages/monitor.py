"""monitor: the champion's log against its reference; a look is written, and kept where all machines see it."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from slipway.core.evaluation import Decision
from slipway.core.moment import moment
from slipway.core.params import UseCaseParams
from slipway.core.record import Record
from slipway.core.use_case import UseCase
from slipway.core.version import Version
from slipway.core.watch import Answer, Span, Watch
from slipway.monitoring.batch import Batch
from slipway.monitoring.labels import labels_before
from slipway.monitoring.log.reading import Watched
from slipway.monitoring.log.sampling import Sample
from slipway.monitoring.looking import look
from slipway.monitoring.progress import Progress, newest, progress_of
from slipway.monitoring.reference import SCORE, read_reference
from slipway.monitoring.situation import Situation
from slipway.monitoring.tally import Tally
from slipway.ports import DriftReport, PredictionLog, Registry, Watches
from slipway.stages.collected import collected
from slipway.stages.drawing import SAMPLE_ROWS, Drawn, draw
from slipway.stages.log_reading import LogRead, Say, read_log
from slipway.stages.watched_champion import Champion, champion_of
from slipway.workspace.files import file_digest, replacing_folder, write_document
from slipway.workspace.paths import Paths

PREVIOUS = 30
"""Looks before this one that a decision goes by."""
_CLOCKS = timedelta(minutes=5)
"""By so much clocks of endpoints may run ahead of ours, and by twelve times that be behind the registry's."""


@dataclass(frozen=True)
class Outside:
    """What a look needs of the outside; ``report`` None where nothing draws."""

    registry: Registry
    log: PredictionLog
    watches: Watches
    report: DriftReport | None


@dataclass(frozen=True)
class Looked:
    """A look, and why there is no drawing of it; "" where there is one."""

    watch: Watch
    undrawn: str


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
    champion = champion_of(use_case.name, outside.registry)
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
        collect=lambda: collected(use_case, paths, champion.signature),
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


def _heard(span: Span, days: float) -> datetime:
    """From when on outcomes count."""
    return min(moment(span.since), moment(span.until) - timedelta(days=days))


def _watched(use_case: UseCase, champion: Champion, span: Span, *, heard: datetime, now: datetime) -> Watched:
    made = min(moment(champion.version.registered_at), moment(champion.record.provenance.decided_at))
    until = moment(span.until)
    return Watched(
        record_digest=champion.version.record_digest,
        signature=champion.signature,
        since=moment(span.since).timestamp(),
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


def _write(paths: Paths, watch: Watch, drawn: Drawn) -> str:
    """Both files or none; returns why there is no drawing, "" where there is one."""
    with replacing_folder(paths.monitor) as folder:
        write_document(folder / "watch.json", watch)
        return draw(folder / "report.html", watch, drawn)
