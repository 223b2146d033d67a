"""The sections about one use case of a pull request: what matters is open, what is long is folded."""

from slipway.core.evaluation import Evaluation, Outcome
from slipway.core.measured import ImageFigures
from slipway.core.pull_report import Dossier
from slipway.core.record import Record
from slipway.core.stage_result import StageResult
from slipway.report import inputs, markdown
from slipway.report.data_changes import data_changes
from slipway.report.figures import dollars, duration, megabytes, number
from slipway.report.fitting import Section
from slipway.report.standing import Standing, failure, seconds, standing
from slipway.report.text import bullets, counted, escape, fold, listing, paragraphs, table

_ALWAYS_OPEN = frozenset({"Verdict", "Against main", "Parameters", "What changed in the data"})
_ORDER = (
    "Verdict",
    "Failure",
    "Why it is affected",
    "Against the champion",
    "Against main",
    "Gates",
    "API changes",
    "Slices",
    "Outlook",
    "Gate self-test",
    "Data",
    "What changed in the data",
    "Parameters",
    "Image and serving",
    "Time and cost",
    "Charts",
    "Provenance",
)
_FOLDED_FROM = 1_500
_MOST_REASONS = 8


def parts(dossier: Dossier, price: float) -> tuple[Section, ...]:
    """Sections in reading order; the first one is the heaviest and names the use case."""
    failed = failure(dossier)
    if failed is not None:
        judged = [Section("Failure", _failed(dossier, failed), 10), *_data(dossier)]
    elif dossier.record is None:
        judged = [Section("Failure", _missing(dossier), 10), *_data(dossier)]
    else:
        judged = _judged(dossier, dossier.record)
    own = [
        Section("What changed in the data", data_changes(dossier.changes), 4),
        Section("Image and serving", _image(dossier.image), 5),
        Section("Time and cost", _time(dossier, price), 2),
        Section("Why it is affected", _reasons(dossier.reasons), 3),
    ]
    ordered = sorted((*judged, *own), key=lambda section: _ORDER.index(section.title))
    return tuple(_laid_out(section, dossier) for section in ordered if section.body)


def _judged(dossier: Dossier, record: Record) -> list[Section]:
    return list(markdown.sections(record, dossier.previous_params, dossier.validation))


def _data(dossier: Dossier) -> list[Section]:
    if dossier.validation is None:
        return []
    return [Section("Data", inputs.data_validation(dossier.validation, ()), 7)]


def _laid_out(section: Section, dossier: Dossier) -> Section:
    """Folded where it is long, unless a reviewer has to see it."""
    if _is_open(section, dossier):
        return section
    heading, _, body = section.body.partition("\n\n")
    title = heading.removeprefix("### ")
    said = _summary(section.title, dossier)
    summary = f"<b>{title}</b>" + (f": {said}" if said else "")
    return Section(section.title, fold(summary, body), section.weight)


def _is_open(section: Section, dossier: Dossier) -> bool:
    if section.title in _ALWAYS_OPEN or not section.body.startswith("### "):
        return True
    if section.title == "Gates":
        return standing(dossier) is Standing.REJECTED
    if section.title == "API changes":
        return _breaks(dossier)
    if section.title == "Data":
        return dossier.validation is not None and bool(dossier.validation.errors)
    open_part = section.body.partition("<details>")[0]
    return section.title == "Against the champion" and len(open_part) < _FOLDED_FROM


def _breaks(dossier: Dossier) -> bool:
    return dossier.record is not None and any(c.breaking for c in dossier.record.evaluation.api_changes)


def _summary(title: str, dossier: Dossier) -> str:
    """What a folded part says in a few words."""
    validation = dossier.validation
    if title == "Data" and validation is not None:
        met = sum(result.passed for result in validation.results)
        return f"{met} of {counted(len(validation.results), 'expectation')} met"
    return _of_evaluation(dossier.record.evaluation).get(title, "") if dossier.record else ""


def _of_evaluation(evaluation: Evaluation) -> dict[str, str]:
    passed = sum(gate.outcome is Outcome.PASSED for gate in evaluation.gates)
    tested = sum(one.tested for one in evaluation.slices)
    sabotages = evaluation.self_test.sabotages
    refused = sum(one.refused for one in sabotages)
    return {
        "Gates": f"{passed} of {len(evaluation.gates)} passed",
        "Slices": f"{tested} of {len(evaluation.slices)} tested",
        "Gate self-test": f"{refused} of {counted(len(sabotages), 'sabotaged model')} refused",
        "API changes": counted(len(evaluation.api_changes), "change") if evaluation.api_changes else "none",
    }


def _failed(dossier: Dossier, failed: StageResult) -> str:
    lines = [f"Likely cause: {escape(failed.cause, limit=600)}" if failed.cause else ""]
    lines += [f"Next step: {escape(failed.next_step, limit=600)}" if failed.next_step else ""]
    lines += [f"Exit code {failed.exit_code}, after {duration(failed.seconds)}"]
    said, *more = failed.headline.strip().splitlines() or [""]
    if failed.stage == "validate" and dossier.validation is not None:
        more = []  # the data's own section shows the same with its rows
    return paragraphs(
        f"## ❌ {escape(dossier.use_case, limit=60)}: {escape(failed.stage, limit=24)} failed",
        f"**{escape(said.rstrip(':'), limit=600) or 'It did not say why.'}**",
        bullets(escape(line, limit=300) for line in more[:_MOST_REASONS] if line.strip()),
        bullets(line for line in lines if line),
    )


def _missing(dossier: Dossier) -> str:
    done = [escape(result.stage, limit=24) for result in dossier.results if result.status == "done"]
    return paragraphs(
        f"## ❔ {escape(dossier.use_case, limit=60)}: no result",
        "**Its stages ended without a word, so there is nothing to judge.**",
        bullets([
            f"Stages that ended well: {listing(done, 10) or 'none'}",
            "Likely cause: the machine was stopped, ran out of memory or time, or the run was cancelled",
            "Next step: read the log of its candidate job, then run the failed jobs again",
        ]),
    )  # fmt: skip


def _reasons(reasons: tuple[str, ...]) -> str:
    shown = [escape(reason, limit=200) for reason in reasons[:_MOST_REASONS]]
    more = [f"and {len(reasons) - _MOST_REASONS:,} more"] if len(reasons) > _MOST_REASONS else []
    return paragraphs("### Why it is affected", bullets([*shown, *more])) if shown else ""


def _image(image: ImageFigures | None) -> str:
    if image is None:
        return ""
    base = f", of which {megabytes(image.base_bytes)} are its base image" if image.base_bytes else ""
    weight = f"The image is {megabytes(image.size_bytes)}{base}; making and trying it took {duration(image.seconds)}."
    return paragraphs("### Image and serving", weight, _serving(image))


def _serving(image: ImageFigures) -> str:
    serving = image.serving
    if serving is None:
        return "How it serves was not measured."
    rows = [
        (f"One row, median of {counted(serving.requests, 'request')}", f"{number(serving.p50_ms)}\u00a0ms"),
        ("One row, 99th percentile", f"{number(serving.p99_ms)}\u00a0ms"),
        ("A thousand rows in one request", f"{number(serving.thousand_rows_ms)}\u00a0ms"),
        ("Start to first right answer", duration(serving.first_answer_s)),
    ]
    if serving.memory_mb is not None:
        rows.append(("Memory after that", f"{number(serving.memory_mb)}\u00a0MB"))
    return table(("Serving", "Measured"), rows)


def _time(dossier: Dossier, price: float) -> str:
    if not dossier.results:
        return ""
    rows = [(escape(result.stage, limit=24), duration(result.seconds)) for result in dossier.results]
    whole = seconds(dossier)
    said = f"{duration(whole)} of stages, about {dollars(whole / 60 * price)} at {dollars(price)} a minute."
    return paragraphs("### Time and cost", said, table(("Stage", "Time"), rows))
