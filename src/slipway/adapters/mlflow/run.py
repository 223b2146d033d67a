"""The run behind a version: parameters, metrics, datasets, artifacts, and the model in MLflow's form."""

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from slipway.adapters.mlflow import facts
from slipway.adapters.mlflow.experiments import experiment_of
from slipway.adapters.mlflow.model import write_mlflow_model
from slipway.core.errors import BundleInvalid
from slipway.core.record import Record
from slipway.workspace.bundle import RECORD

_BUNDLE = "bundle"
_BATCH = 100
_DIGEST_LENGTH = 36


class MlflowRuns:
    """Runs in one experiment for each use case, named ``slipway/<use case>``."""

    def __init__(self, client: Any, artifact_root: Path | None) -> None:
        self._client = client
        self._artifact_root = artifact_root

    def log(self, record: Record, bundle: Path, extras: Sequence[Path]) -> tuple[str, Any]:
        """Log all there is about a record; what an earlier attempt at the same record left is deleted first.

        Returns:
            The run's id and MLflow's logged model.
        """
        experiment = experiment_of(self._client, record.evaluation.use_case, self._artifact_root)
        self._discard(experiment, record.digest)
        run = self._client.create_run(experiment, tags=facts.tags(record), run_name=record.digest[:12])
        run_id = run.info.run_id
        self._log_figures(run_id, record)
        self._log_files(run_id, bundle, extras)
        model = self._log_model(experiment, run_id, record, bundle)
        self._client.set_terminated(run_id)
        return run_id, model

    def download_bundle(self, run_id: str, folder: Path) -> None:
        """Download the files of a run's bundle into an existing folder; raises BundleInvalid when it has none."""
        if not self._client.list_artifacts(run_id, _BUNDLE):
            raise BundleInvalid(
                f"run {run_id} in MLflow has no bundle",
                cause="its artifacts were deleted or moved",
                next_step="restore the artifact folder, or choose another version with `slipway history`",
            )
        downloaded = Path(self._client.download_artifacts(run_id, _BUNDLE, str(folder)))
        for path in downloaded.iterdir():
            path.rename(folder / path.name)
        downloaded.rmdir()

    def complete(self, run_id: str, extras: Sequence[Path]) -> None:
        """Log the files that a run lacks."""
        there = {entry.path for entry in self._client.list_artifacts(run_id)}
        for path in extras:
            if path.name not in there:
                self._client.log_artifact(run_id, str(path))

    def download_files(self, run_id: str, names: Sequence[str], folder: Path) -> bool:
        """Download files of a run into an existing folder; False, and nothing is there, when it lacks one."""
        there = {entry.path for entry in self._client.list_artifacts(run_id)}
        if not there.issuperset(names):
            return False
        for name in names:
            self._client.download_artifacts(run_id, name, str(folder))
        return True

    def _discard(self, experiment: str, record_digest: str) -> None:
        ours = f"tags.`{facts.RECORD_DIGEST}` = '{record_digest}'"
        for model in self._client.search_logged_models([experiment], filter_string=ours):
            self._client.delete_logged_model(model.model_id)
        for run in self._client.search_runs([experiment], filter_string=ours):
            self._client.delete_run(run.info.run_id)

    def _log_figures(self, run_id: str, record: Record) -> None:
        from mlflow.entities import Metric, Param

        params = [Param(*pair) for pair in facts.parameters(record).items()]
        for start in range(0, len(params), _BATCH):
            self._client.log_batch(run_id, params=params[start : start + _BATCH])
        moment = facts.decided_ms(record)
        measures = [Metric(name, value, moment, 0) for name, value in facts.measures(record).items()]
        for start in range(0, len(measures), _BATCH):
            self._client.log_batch(run_id, metrics=measures[start : start + _BATCH])
        self._client.log_inputs(run_id, datasets=_datasets(record))

    def _log_files(self, run_id: str, bundle: Path, extras: Sequence[Path]) -> None:
        self._client.log_artifacts(run_id, str(bundle), _BUNDLE)
        for path in (bundle / RECORD, *extras):
            self._client.log_artifact(run_id, str(path))

    def _log_model(self, experiment: str, run_id: str, record: Record, bundle: Path) -> Any:
        from mlflow.entities import LoggedModelOutput

        use_case = record.evaluation.use_case
        model = self._client.create_logged_model(
            experiment, name=use_case, source_run_id=run_id, tags={facts.RECORD_DIGEST: record.digest}
        )
        with tempfile.TemporaryDirectory() as parent:
            folder = Path(parent) / "model"
            identity = {"artifact_path": model.artifact_location, "run_id": run_id, "model_id": model.model_id}
            write_mlflow_model(folder, bundle, **identity)
            self._client.log_model_artifacts(model.model_id, str(folder))
        self._client.finalize_logged_model(model.model_id, "READY")
        self._client.log_outputs(run_id, [LoggedModelOutput(model.model_id, 0)])
        return model


def _datasets(record: Record) -> list[Any]:
    from mlflow.entities import Dataset, DatasetInput, InputTag

    evaluation = record.evaluation
    folder = f"data/{evaluation.use_case}"
    rows = {
        "training": (f"{folder}/raw.parquet", evaluation.data_digest, evaluation.train_rows),
        "evaluation": (f"{folder}/prepared/holdout.parquet", evaluation.holdout_digest, evaluation.rows),
    }
    return [
        DatasetInput(
            Dataset(
                name=Path(path).stem,
                digest=digest[:_DIGEST_LENGTH],
                source_type="local",
                source=json.dumps({"uri": path, "sha256": digest}),
                profile=json.dumps({"num_rows": count}),
            ),
            [InputTag("mlflow.data.context", context)],
        )
        for context, (path, digest, count) in rows.items()
    ]
