"""register: the judged model becomes a version, and on a promote verdict the champion."""

from slipway.core.errors import BundleInvalid, VersionUnknown
from slipway.core.evaluation import Decision, Finding
from slipway.core.record import Record
from slipway.core.use_case import UseCase
from slipway.core.version import Standing, Version
from slipway.ports import Registry
from slipway.workspace.bundle import read_record, verify
from slipway.workspace.files import read_document
from slipway.workspace.paths import Paths


def register(use_case: UseCase, paths: Paths, registry: Registry) -> str:
    """Register the sealed record and bundle as the candidate; move "champion" and "anchor" where the verdict says so.

    Done twice it is done once, killed anywhere and run again it converges; so does a release that is run again on
    another machine, where the champion it is judged against is by now its own model: that is not registered again. A
    model that was rolled back is never promoted again by itself; whoever wants it back gives it the alias "champion"
    in MLflow.

    Returns:
        The headline.

    Raises:
        DataMissing: nothing was judged yet.
        BundleInvalid: the bundle is not whole, or belongs to another decision.
        ChampionMoved: the model was judged against another champion than there is now; it is registered all the same.
        RegistryUnreachable: nothing was registered, or not all of it; run again.
    """
    record = read_document(paths.record, Record, made_by=f"slipway evaluate {use_case.name}")
    _refuse_other(paths, record)
    champion = _same_champion(record, registry)
    if champion is not None:
        registry.set_alias(use_case.name, "candidate", champion.number)
        return f"its model is registered already, as version {champion.number}, and champion"
    kept = (paths.report, paths.validation, paths.reference, paths.importances)
    extras = [path for path in kept if path.is_file()]
    version = registry.register(record, paths.bundle, extras)
    return f"version {version.number} registered as candidate; {_settle(record, version, registry)}"


def standing(record: Record, registry: Registry) -> dict[str, str]:
    """What a workflow goes on with: ``version``, ``champion`` (whether it is, true or false) and ``decision``.

    Raises:
        VersionUnknown: the record was not registered.
        RegistryUnreachable: the registry does not answer.
    """
    use_case, version = record.evaluation.use_case, version_of(record, registry)
    if version is None:
        raise VersionUnknown(
            f"{use_case} has no version of the decision at hand",
            cause="it was deleted in the meantime",
            next_step=f"run `slipway register {use_case}`",
        )
    return {
        "version": str(version.number),
        "champion": "true" if "champion" in version.aliases else "false",
        "decision": record.evaluation.verdict.decision.value,
    }


def version_of(record: Record, registry: Registry) -> Version | None:
    """The version that a record was registered as, or that was champion with its model already."""
    versions = registry.versions(record.evaluation.use_case)
    own = (version for version in versions if version.record_digest == record.digest)
    return next(own, None) or _same_champion(record, registry)


def _same_champion(record: Record, registry: Registry) -> Version | None:
    """The champion, when a record that does not refuse it is about its very model behind its very signature."""
    judged, champion = record.evaluation, registry.aliased(record.evaluation.use_case, "champion")
    if champion is None or champion.record_digest == record.digest or not judged.signature_digest:
        return None
    own = (champion.model_digest, champion.signature_digest) == (judged.model_digest, judged.signature_digest)
    return champion if own and judged.verdict.decision is not Decision.REJECT else None


def _refuse_other(paths: Paths, record: Record) -> None:
    verify(paths.bundle)
    if read_record(paths.bundle).digest != record.digest:
        raise BundleInvalid(
            f"the bundle {paths.bundle} holds the record of another decision than {paths.record}",
            cause="evaluate was stopped between writing the two",
            next_step=f"run `slipway run {paths.use_case}` again: it writes both anew",
        )


def _settle(record: Record, version: Version, registry: Registry) -> str:
    """Give the aliases to whom they belong now; says what became of "champion"."""
    use_case, champion = version.use_case, registry.aliased(version.use_case, "champion")
    if record.evaluation.verdict.decision is not Decision.PROMOTE:
        return "there is no champion" if champion is None else f"champion stays version {champion.number}"
    if champion is not None and champion.answers_like(version):
        if champion.number == version.number:
            _raise_anchor(record, version, registry)
        return f"its model is the champion already, as version {champion.number}"
    withdrawn = _withdrawn(version, registry)
    if withdrawn is not None:
        return f"not promoted: its model was rolled back as version {withdrawn.number}"
    registry.promote(use_case, version.number, expected_champion=_judged_against(record))
    _raise_anchor(record, version, registry)
    return "now champion" + (f" instead of version {champion.number}" if champion else "")


def _withdrawn(version: Version, registry: Registry) -> Version | None:
    others = registry.versions(version.use_case)
    same = (other for other in others if other.answers_like(version))
    return next((other for other in same if other.standing is Standing.WITHDRAWN), None)


def _judged_against(record: Record) -> int | None:
    champion = record.evaluation.incumbents.champion
    return None if champion is None else int(champion.version)


def _raise_anchor(record: Record, version: Version, registry: Registry) -> None:
    """A new champion becomes the anchor when it is proved better than the anchor on the same rows, or there is none."""
    anchor = registry.aliased(version.use_case, "anchor")
    if anchor is None or _is_better(record, anchor):
        registry.set_alias(version.use_case, "anchor", version.number)


def _is_better(record: Record, anchor: Version) -> bool:
    """By the anchor gate's own metric; being luckier is not enough, or the bar would climb on noise."""
    judged = record.evaluation.incumbents.anchor
    if judged is None or judged.version != str(anchor.number):
        return False
    metric = record.params["gates"]["anchor"]["metric"]
    compared = (c for c in record.evaluation.comparisons if (c.against, c.metric) == ("anchor", metric))
    return any(c.finding is Finding.BETTER for c in compared)
