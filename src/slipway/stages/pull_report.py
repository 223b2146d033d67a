"""Gathering what there is about every use case that a change affects; what is missing stays missing."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from slipway.core.changes import DataChanges
from slipway.core.errors import SlipwayError
from slipway.core.expectation import Validation
from slipway.core.measured import ImageFigures
from slipway.core.params import NO_EVIDENCE, UseCaseParams
from slipway.core.plan import Plan
from slipway.core.pull_report import LINK, Dossier, PullReport
from slipway.core.stage_result import StageResult
from slipway.core.value import Value
from slipway.ports import VersionControl
from slipway.report.text import shorten
from slipway.stages.verdict import read_or_none, results
from slipway.workspace.files import read_document
from slipway.workspace.paths import Paths
from slipway.workspace.sections import FILE as PARAMS
from slipway.workspace.sections import sections

Document = TypeVar("Document", bound=Value)
_LONGEST = 2_000


@dataclass(frozen=True)
class Occasion:
    """What a report is made of beside files: the reference compared with, the run's page, USD a minute, the time.

    ``head`` is the commit it is about where that is not the one checked out: workflows of a pull request run on a
    merge that was made for them, and nobody knows that commit by its name.
    """

    reference: str
    run_url: str
    price: float
    now: datetime
    head: str | None = None


def gather(root: Path, vcs: VersionControl, plan: Plan, occasion: Occasion) -> PullReport:
    """The report of a change."""
    before = _params(vcs, plan.base)
    return PullReport(
        base=plan.base or shorten(occasion.reference, 60),
        head=occasion.head or vcs.commit(),
        run_url=occasion.run_url if re.fullmatch(LINK, occasion.run_url) else "",
        made_at=occasion.now.isoformat(timespec="seconds"),
        price=occasion.price,
        dossiers=tuple(_dossier(Paths(root, name), plan, before.get(name)) for name in plan.images),
        removed=plan.removed,
    )


def _dossier(paths: Paths, plan: Plan, previous: Any) -> Dossier:
    bare = Dossier(
        use_case=paths.use_case,
        reasons=plan.reasons(paths.use_case),
        results=tuple(map(_shortened, results(paths))),
    )
    documents = {
        "record": read_or_none(paths),
        "validation": _document(paths.validation, Validation),
        "changes": _document(paths.changes, DataChanges),
        "previous_params": previous,
        "image": _document(paths.image, ImageFigures),
    }
    for name, document in documents.items():
        bare = _with(bare, name, document)
    return bare


def _with(dossier: Dossier, name: str, document: object) -> Dossier:
    """A document larger than any report can take is missing from it; it is in the run's artifact all the same."""
    try:
        return Dossier(**(dict(dossier) | {name: document}))
    except ValidationError:
        return dossier


def _shortened(result: StageResult) -> StageResult:
    texts = {name: shorten(getattr(result, name), _LONGEST) for name in ("headline", "cause", "next_step")}
    return result.model_copy(update=texts)


def _params(vcs: VersionControl, base: str | None) -> Mapping[str, Any]:
    """The base's sections with what they leave to defaults filled in, as records have them."""
    text = None if base is None else vcs.read(base, PARAMS)
    try:
        return {name: _filled_in(section) for name, section in sections(text or "").items()}
    except SlipwayError:
        return {}


def _filled_in(section: Any) -> dict[str, Any] | None:
    if not isinstance(section, dict):
        return None
    try:
        return UseCaseParams.model_validate_json(json.dumps(section)).evidence()
    except ValidationError:
        return {name: value for name, value in section.items() if name not in NO_EVIDENCE}


def _document(path: Path, kind: type[Document]) -> Document | None:
    try:
        return read_document(path, kind, made_by="")
    except SlipwayError:
        return None
