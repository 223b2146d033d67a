"""The report of one decision, in the manner of CML: read on a pull request, verdict first."""

from collections.abc import Sequence
from typing import Any

from slipway.core.expectation import Validation
from slipway.core.record import Record
from slipway.report import inputs, judgement
from slipway.report.charts import charts
from slipway.report.fitting import Section
from slipway.report.outlook import outlook
from slipway.report.text import paragraphs

COMMENT_LIMIT = 65_536
"""Characters that GitHub takes in one comment."""


def render(
    record: Record,
    *,
    previous_params: dict[str, Any] | None,
    validation: Validation | None,
    limit: int = COMMENT_LIMIT - 1,
) -> str:
    """GitHub-flavoured Markdown of at most ``limit`` characters.

    Args:
        previous_params: the champion's or the base branch's parameters; None where there are none.
        validation: the validation of the data the model was trained on; None where it is not at hand, then the
            record's own warnings are shown.
    """
    return fitted(sections(record, previous_params, validation), limit)


def sections(
    record: Record, previous_params: dict[str, Any] | None, validation: Validation | None
) -> tuple[Section, ...]:
    """The report's parts in reading order."""
    evaluation = record.evaluation
    drawn = charts(evaluation.charts)
    return (
        Section("Verdict", judgement.verdict(evaluation), 9),
        Section("Against main", judgement.against_main(evaluation), 7),
        Section("Against the champion", judgement.against_champion(evaluation), 6),
        Section("Gates", judgement.gates(evaluation.gates), 8),
        Section("API changes", judgement.api_changes(evaluation), 8),
        Section("Slices", judgement.slices(evaluation), 4),
        Section("Outlook", outlook(evaluation.outlook), 4),
        Section("Gate self-test", judgement.self_test(evaluation.self_test), 5),
        Section("Data", inputs.data_validation(validation, evaluation.warnings), 3),
        Section("Parameters", inputs.parameters(record.params, previous_params), 2),
        Section("Charts", paragraphs("### Charts", drawn) if drawn else "", 0),
        Section("Provenance", inputs.provenance(record), 1),
    )


def fitted(parts: Sequence[Section], limit: int) -> str:
    """The parts that fit into ``limit`` characters; the lightest are left out, and a line says which."""
    kept = set(parts)
    for lightest in sorted(parts, key=lambda part: part.weight)[:-1]:
        if len(_joined(parts, kept)) <= limit:
            break
        kept.discard(lightest)
    return _joined(parts, kept)[:limit]


def _joined(parts: Sequence[Section], kept: set[Section]) -> str:
    left_out = [part.title for part in parts if part not in kept]
    note = f"_Left out for length: {', '.join(left_out)}. The decision record has them._" if left_out else ""
    return paragraphs(*(part.body for part in parts if part in kept), note) + "\n"
