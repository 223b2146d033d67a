"""Experiments: one a purpose, made where it is not there, brought back where somebody deleted it."""

from pathlib import Path
from typing import Any


def experiment_of(client: Any, purpose: str, artifact_root: Path | None) -> str:
    """The id of the experiment ``slipway/PURPOSE``; ``artifact_root`` None leaves the place to the server."""
    name = f"slipway/{purpose}"
    found = client.get_experiment_by_name(name)
    if found is None:
        location = None if artifact_root is None else (artifact_root.resolve() / purpose).as_uri()
        return str(client.create_experiment(name, artifact_location=location))
    if found.lifecycle_stage == "deleted":
        client.restore_experiment(found.experiment_id)
    return str(found.experiment_id)
