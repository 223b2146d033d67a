"""What a live model is asked: a log of it beside the scenario, as its endpoint would write it."""

import shutil
from pathlib import Path

from slipway.adapters.mlflow.registry import MlflowRegistry
from slipway.discovery import use_case_names
from slipway.workspace.paths import REFERENCE
from tests.support.live_traffic import Change, Traffic, now, write_log
from tests.workflows.rehearsal.scene import CHECKOUT, Scene

DAILY, WEEKLY = "37 5 * * *", "7 8 * * 1"
HOURS = 0.7  # a champion of the rehearsal is not old, and nothing in its log can be older than itself


def all_use_cases() -> list[str]:
    """Those that a schedule looks at."""
    return use_case_names(CHECKOUT)


def log_traffic(scene: Scene, version: int, *, rows: int, change: Change | None = None, seed: int = 7) -> None:
    """Log what a version of churn was asked in the last hour, and what came true of all of it."""
    scene.variables["SLIPWAY_PREDICTION_LOG"] = f"{scene.folder}/log/{{use_case}}"
    bundle, reference = fetched(scene, version)
    traffic = Traffic(rows=rows, until=now(), hours=HOURS, change=change, seed=seed)
    write_log(scene.folder / "log" / "churn", bundle, reference, version, traffic)


def fetched(scene: Scene, version: int) -> tuple[Path, Path]:
    """A version's bundle and its reference table, out of the scenario's MLflow."""
    if scene.tracking is None:
        raise RuntimeError("the scenario has no MLflow")
    folder = scene.folder / f"version-{version}"
    shutil.rmtree(folder, ignore_errors=True)
    registry = MlflowRegistry(scene.tracking.uri)
    bundle = registry.fetch_bundle("churn", version, folder / "bundle")
    return bundle, registry.fetch_reference("churn", version, folder / "reference") / REFERENCE
