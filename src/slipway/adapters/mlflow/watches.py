"""Looks at live models as runs, in an experiment of their own: ``slipway/<use case>/monitor``."""

import tempfile
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from slipway.adapters.mlflow.boundary import connect, database, translated
from slipway.adapters.mlflow.experiments import experiment_of
from slipway.adapters.mlflow.facts import PREFIX
from slipway.core.moment import moment
from slipway.core.watch import Watch
from slipway.workspace.files import write_document

LOOK = f"{PREFIX}look"
_FILE = "watch.json"
_FINISHED = "attributes.status = 'FINISHED'"


class MlflowWatches:
    """Keeps watches in MLflow.

    A look's run carries its identity from the beginning and is closed last, so that one of a killed process is found
    and made anew.
    """

    def __init__(self, tracking_uri: str, artifact_root: Path | None = None) -> None:
        self._uri = tracking_uri
        self._artifact_root = artifact_root

    def keep(self, watch: Watch) -> None:
        """Keep a look, once."""
        with translated(self._uri):
            experiment = experiment_of(self._client, _purpose(watch.use_case), self._artifact_root)
            same = self._client.search_runs([experiment], f"tags.`{LOOK}` = '{identity(watch)}'")
            if any(run.info.status == "FINISHED" for run in same):
                return
            for run in same:
                self._client.delete_run(run.info.run_id)
            self._add(experiment, watch)

    def latest(self, use_case: str, count: int) -> tuple[Watch, ...]:
        """The last ones, the newest first."""
        path = database(self._uri)
        if path is not None and not path.exists():
            return ()
        with translated(self._uri):
            experiment = self._client.get_experiment_by_name(f"slipway/{_purpose(use_case)}")
            if experiment is None or experiment.lifecycle_stage == "deleted":
                return ()
            runs = self._client.search_runs(
                [experiment.experiment_id], _FINISHED, max_results=count, order_by=["attributes.start_time DESC"]
            )
            kept = (self._read(run.info.run_id) for run in runs)
            return tuple(watch for watch in kept if watch is not None)

    @cached_property
    def _client(self) -> Any:
        return connect(self._uri)

    def _add(self, experiment: str, watch: Watch) -> None:
        at = _milliseconds(watch.made_at)
        tags = {LOOK: identity(watch), f"{PREFIX}version": str(watch.version), **_decision(watch)}
        name = f"version {watch.version}, {watch.retrain.answer.value}"
        run_id = self._client.create_run(experiment, start_time=at, tags=tags, run_name=name).info.run_id
        self._client.log_batch(run_id, metrics=_figures(watch, at))
        with tempfile.TemporaryDirectory() as folder:
            write_document(Path(folder) / _FILE, watch)
            self._client.log_artifact(run_id, str(Path(folder) / _FILE))
        self._client.set_terminated(run_id, end_time=at)

    def _read(self, run_id: str) -> Watch | None:
        """None for a look whose file is gone, or that another version of Slipway wrote."""
        if _FILE not in {entry.path for entry in self._client.list_artifacts(run_id)}:
            return None
        with tempfile.TemporaryDirectory() as folder:
            path = Path(self._client.download_artifacts(run_id, _FILE, folder))
            try:
                return Watch.model_validate_json(path.read_bytes())
            except ValidationError:
                return None


class InMemoryWatches:
    """The twin: looks by their identity."""

    def __init__(self) -> None:
        self.kept: dict[str, Watch] = {}

    def keep(self, watch: Watch) -> None:
        """Keep a look, once."""
        self.kept.setdefault(f"{watch.use_case}|{identity(watch)}", watch)

    def latest(self, use_case: str, count: int) -> tuple[Watch, ...]:
        """The last ones, the newest first."""
        own = [watch for watch in self.kept.values() if watch.use_case == use_case]
        return tuple(sorted(own, key=lambda watch: _milliseconds(watch.made_at), reverse=True)[:count])


def identity(watch: Watch) -> str:
    """The same for the same version, span and moment."""
    return "|".join([str(watch.version), watch.record_digest[:12], watch.span.since, watch.span.until, watch.made_at])


def _purpose(use_case: str) -> str:
    return f"{use_case}/monitor"


def _decision(watch: Watch) -> dict[str, str]:
    cause = watch.retrain.cause
    return {
        f"{PREFIX}retrain": watch.retrain.answer.value,
        f"{PREFIX}cause": "none" if cause is None else cause.value,
        f"{PREFIX}alarms": ", ".join(watch.alarms)[:1000] or "none",
    }


def _figures(watch: Watch, at: int) -> list[Any]:
    from mlflow.entities import Metric

    counted = {"predictions": watch.counts.predictions, "feedback": watch.counts.feedback, "alarms": len(watch.alarms)}
    told = {each.metric: each.observed.value for each in watch.performance if each.observed.value is not None}
    return [Metric(name, float(value), at, 0) for name, value in {**counted, **told}.items()]


def _milliseconds(text: str) -> int:
    return round(moment(text).timestamp() * 1000)
