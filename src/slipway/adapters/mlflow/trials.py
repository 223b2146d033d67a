"""Trials as nested runs: one parent a study, in an experiment of its own, ``slipway/<use case>/tuning``.

Importing MLflow takes seconds, so one process records all trials of a study at once, when they are over.
"""

from functools import cached_property
from pathlib import Path
from typing import Any

from slipway.adapters.mlflow.boundary import connect, translated
from slipway.adapters.mlflow.experiments import experiment_of
from slipway.adapters.mlflow.facts import PREFIX
from slipway.core.tuning import Trial, TrialState, Tuning

STUDY = f"{PREFIX}study"
TRIAL = f"{PREFIX}trial"
_STATE = f"{PREFIX}state"
_PARENT = "mlflow.parentRunId"  # MLflow's own mark of a nested run
_PAGE = 1000
_LONGEST_TAG = 1000


class MlflowTrials:
    """A TrialLog in MLflow.

    A trial's run carries its number from the beginning and is closed last, so that one of a killed process is found
    and made anew.
    """

    def __init__(self, tracking_uri: str, artifact_root: Path | None = None) -> None:
        self._uri = tracking_uri
        self._artifact_root = artifact_root

    def record(self, tuning: Tuning) -> None:
        """Add what is not there yet; see the port."""
        with translated(self._uri):
            experiment = experiment_of(self._client, f"{tuning.use_case}/tuning", self._artifact_root)
            parent = self._parent(experiment, tuning)
            there = self._recorded(experiment, parent)
            for trial in tuning.trials:
                if trial.state is not TrialState.RUNNING and trial.number not in there:
                    self._add(experiment, parent, trial, tuning.metric)
            self._sum_up(parent, tuning)

    @cached_property
    def _client(self) -> Any:
        return connect(self._uri)

    def _parent(self, experiment: str, tuning: Tuning) -> str:
        found = self._client.search_runs([experiment], f"tags.`{STUDY}` = '{tuning.study}'")
        if found:
            return str(found[0].info.run_id)
        run = self._client.create_run(experiment, tags={STUDY: tuning.study}, run_name=f"tuning {tuning.study[:12]}")
        return str(run.info.run_id)

    def _recorded(self, experiment: str, parent: str) -> set[int]:
        """Numbers of the trials that are there whole; what is there in part is deleted."""
        whole: set[int] = set()
        token = None
        while True:
            page = self._client.search_runs(
                [experiment], f"tags.`{_PARENT}` = '{parent}'", max_results=_PAGE, page_token=token
            )
            for run in page:
                if run.info.status == "RUNNING":
                    self._client.delete_run(run.info.run_id)
                else:
                    whole.add(int(run.data.tags[TRIAL]))
            token = page.token
            if not token:
                return whole

    def _add(self, experiment: str, parent: str, trial: Trial, metric: str) -> None:
        from mlflow.entities import Metric, Param

        began = trial.began_ms or 0
        tags = {_PARENT: parent, TRIAL: str(trial.number), _STATE: trial.state.value}
        if trial.problem:
            tags[f"{PREFIX}problem"] = trial.problem[:_LONGEST_TAG]
        run = self._client.create_run(experiment, start_time=began, tags=tags, run_name=f"trial {trial.number}")
        run_id = run.info.run_id
        figures = [Metric(f"{metric} so far", value, began, step) for step, value in enumerate(trial.steps)]
        if trial.value is not None:
            figures.append(Metric(metric, trial.value, began, 0))
        params = [Param(name, str(value)) for name, value in trial.params.items()]
        self._client.log_batch(run_id, metrics=figures, params=params)
        status = "FAILED" if trial.state is TrialState.FAILED else "FINISHED"
        self._client.set_terminated(run_id, status, end_time=began + round(1000 * (trial.seconds or 0)))

    def _sum_up(self, parent: str, tuning: Tuning) -> None:
        winner = tuning.winner
        figures = {} if winner is None or winner.value is None else {tuning.metric: winner.value}
        if tuning.gain is not None:
            figures |= {"gain": tuning.gain.value, "gain_low": tuning.gain.low, "gain_high": tuning.gain.high}
        for name, value in figures.items():
            self._client.log_metric(parent, name, value)
        self._client.set_tag(parent, f"{PREFIX}proposal", str(tuning.proposal or "none"))
        self._client.set_terminated(parent)


class InMemoryTrials:
    """The twin: trials by study and number."""

    def __init__(self) -> None:
        self.studies: dict[str, dict[int, Trial]] = {}

    def record(self, tuning: Tuning) -> None:
        """Keep what is not there yet."""
        kept = self.studies.setdefault(tuning.study, {})
        for trial in tuning.trials:
            if trial.state is not TrialState.RUNNING:
                kept.setdefault(trial.number, trial)
