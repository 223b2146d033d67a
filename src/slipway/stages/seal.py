"""Making an evaluation fit to travel: the record, the report, and the bundle that an endpoint loads.

Evaluation is pure, so that DVC can bring it back from its cache; where and when it was decided is not. Sealing adds
that, and is done again whenever the evaluation at hand is not the one that was sealed.
"""

from contextlib import suppress
from typing import Any

from slipway.core.errors import DataMissing, SlipwayError
from slipway.core.evaluation import Evaluation
from slipway.core.expectation import Validation
from slipway.core.params import NO_EVIDENCE, UseCaseParams
from slipway.core.record import Provenance, Record
from slipway.core.signature import Signature
from slipway.core.value import digest_of
from slipway.report.markdown import render
from slipway.stages.reference import write_reference
from slipway.workspace.bundle import WHERE_THERE, assemble, verify
from slipway.workspace.files import read_document, write_document, write_text
from slipway.workspace.paths import Paths


def seal(paths: Paths, params: UseCaseParams, provenance: Provenance, main_params: dict[str, Any] | None) -> Record:
    """Return the record of the evaluation at hand, writing record, report and bundle where they are not of it."""
    evaluation = read_document(paths.evaluation, Evaluation, made_by=f"slipway evaluate {paths.use_case}")
    sealed = _sealed(paths)
    if sealed is not None and sealed.digest == digest_of(evaluation):
        if not (paths.reference.is_file() and paths.importances.is_file()):
            with suppress(DataMissing):  # judged elsewhere, and handed on by who knew of no reference yet
                write_reference(paths, params)
        return sealed
    record = Record(evaluation=evaluation, provenance=provenance, params=params.evidence())
    validation = read_document(paths.validation, Validation, made_by=f"slipway validate {paths.use_case}")
    write_text(paths.report, render(record, previous_params=_judged_by(main_params), validation=validation))
    _write_bundle(paths, record, params)
    write_reference(paths, params)
    write_document(paths.record, record)
    return record


def _judged_by(section: dict[str, Any] | None) -> dict[str, Any] | None:
    """A section without what says how releases go out, and where models are trained."""
    return None if section is None else {key: value for key, value in section.items() if key not in NO_EVIDENCE}


def _sealed(paths: Paths) -> Record | None:
    try:
        verify(paths.bundle)
        return read_document(paths.record, Record, made_by=f"slipway evaluate {paths.use_case}")
    except SlipwayError:
        return None


def _write_bundle(paths: Paths, record: Record, params: UseCaseParams) -> None:
    """The model's own signature, completed with what params.yaml says about its endpoint."""
    made_by = f"slipway train {paths.use_case}"
    signature = read_document(paths.model / "signature.json", Signature, made_by=made_by)
    write_document(paths.signature, signature.completed(params.evaluate.threshold, params.serve))
    there = (paths.model / name for name in WHERE_THERE)
    assemble(
        paths.bundle,
        model=paths.model / "model.onnx",
        signature=paths.signature,
        background=paths.model / "background.json",
        further=[path for path in there if path.is_file()],
        record=record,
    )
