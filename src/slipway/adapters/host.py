"""This machine and this environment, for the record."""

import platform
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

from slipway.core.record import Provenance
from slipway.core.value import sha256
from slipway.ports import VersionControl

_LIBRARIES = ("great-expectations", "lightgbm", "mlflow", "numpy", "onnx", "onnxruntime", "pandas", "scikit-learn")


def provenance(root: Path, vcs: VersionControl) -> Provenance:
    """Where, when and with what we are running."""
    return Provenance(
        commit=vcs.commit(),
        dirty=vcs.is_dirty(),
        branch=vcs.branch(),
        requirements_digest=_digest(root / "requirements" / "run.txt"),
        python=platform.python_version(),
        platform=f"{platform.system()} {platform.machine()}",
        libraries={name: version for name in _LIBRARIES if (version := _version(name))},
        decided_at=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def _digest(requirements: Path) -> str:
    return sha256(requirements.read_bytes()) if requirements.exists() else "unknown"


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None
