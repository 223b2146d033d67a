"""The live version of a use case, and what it is compared with when it is looked at."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from slipway.core.errors import DataMissing, VersionUnknown
from slipway.core.importances import Importances
from slipway.core.record import Record
from slipway.core.signature import Signature
from slipway.core.version import Version
from slipway.core.watch import Concern, Sighting, Weight
from slipway.ports import Registry
from slipway.workspace.bundle import SIGNATURE, read_record
from slipway.workspace.files import read_document, read_frame
from slipway.workspace.paths import IMPORTANCES, REFERENCE


@dataclass(frozen=True)
class Champion:
    """The live version, and what it is compared with."""

    version: Version
    record: Record
    signature: Signature
    table: pd.DataFrame
    importances: dict[str, float]
    problems: tuple[Sighting, ...] = ()


def champion_of(name: str, registry: Registry) -> Champion:
    """The live version, read from the registry.

    Raises:
        VersionUnknown: there is none.
        ReferenceMissing: it has nothing to be compared with.
        RegistryUnreachable: the registry does not answer.
    """
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
