"""incumbents: whom the candidate is up against, looked up once so that judging needs no registry."""

from collections.abc import Sequence
from pathlib import Path

from slipway.core.errors import BundleInvalid, RegistryUnreachable, VersionUnknown
from slipway.core.evaluation import Incumbents, MainMetrics, Opponent
from slipway.core.use_case import UseCase
from slipway.core.version import Version, carrier
from slipway.ports import Registry, VersionControl
from slipway.workspace.files import absent, file_digest, replacing_folder, write_document
from slipway.workspace.metrics import parse_metrics
from slipway.workspace.paths import Paths


def look_up(use_case: UseCase, paths: Paths, registry: Registry, vcs: VersionControl, base: str) -> str:
    """Write ``paths.incumbents``: incumbents.json, and the bundles of champion and anchor in folders of that name.

    A registry that does not answer, or a bundle that is not whole, is written down and raises nothing: judging goes on
    with what there is. Decisions about the candidate's own model do not count as earlier uses of the holdout, so that
    looking again after it was registered finds the same.

    Args:
        base: the Git reference whose committed metrics count as main's.

    Returns:
        The headline.

    Raises:
        DataMissing: prepare or train has not run.
    """
    holdout = _digest(paths.holdout, f"slipway prepare {use_case.name}")
    model = _digest(paths.model / "model.onnx", f"slipway train {use_case.name}")
    versions = _versions(registry, use_case.name)
    with replacing_folder(paths.incumbents) as folder:
        found = Incumbents(
            registry="unreachable" if versions is None else "reachable",
            champion=_opponent(registry, versions or (), "champion", folder),
            anchor=_opponent(registry, versions or (), "anchor", folder),
            main=_main(vcs, base, f"data/{use_case.name}/metrics.json"),
            holdout_digest=holdout,
            holdout_uses=sum(v.holdout_digest == holdout and v.model_digest != model for v in versions or ()),
        )
        write_document(folder / "incumbents.json", found)
    return _headline(found)


def _digest(path: Path, made_by: str) -> str:
    if not path.is_file():
        raise absent(path, made_by)
    return file_digest(path)


def _versions(registry: Registry, use_case: str) -> tuple[Version, ...] | None:
    try:
        return registry.versions(use_case)
    except RegistryUnreachable:
        return None


def _opponent(registry: Registry, versions: Sequence[Version], alias: str, folder: Path) -> Opponent | None:
    version = carrier(versions, alias)
    if version is None:
        return None
    return Opponent(
        version=str(version.number),
        record_digest=version.record_digest,
        model_digest=version.model_digest,
        problem=_problem(registry, version, folder / alias),
    )


def _problem(registry: Registry, version: Version, into: Path) -> str | None:
    try:
        registry.fetch_bundle(version.use_case, version.number, into)
    except (BundleInvalid, RegistryUnreachable, VersionUnknown) as error:
        return f"version {version.number} cannot be loaded: {error.what}"
    return None


def _main(vcs: VersionControl, base: str, path: str) -> MainMetrics | None:
    metrics = parse_metrics(vcs.read(base, path) or "")
    return MainMetrics(reference=base, metrics=metrics) if metrics else None


def _headline(found: Incumbents) -> str:
    if found.registry == "unreachable":
        return "the registry does not answer: judged without a champion"
    champion = _told("champion", found.champion)
    return f"{champion}, {_told('anchor', found.anchor)}, holdout used {found.holdout_uses} times before"


def _told(role: str, opponent: Opponent | None) -> str:
    if opponent is None:
        return f"no {role}"
    return f"{role} version {opponent.version}{' (cannot be loaded)' if opponent.problem else ''}"
