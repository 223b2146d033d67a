"""The one place where settings become adapters."""

from __future__ import annotations  # what only types name is not imported: `slipway plan` answers at once

import difflib
import os
import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from slipway.core.errors import LogUnavailable, ParamsInvalid, SlipwayError
from slipway.discovery import load_use_case
from slipway.settings import Settings, read_settings
from slipway.workspace.paths import Paths
from slipway.workspace.sections import sections

if TYPE_CHECKING:
    from slipway.core.deployment import Place
    from slipway.core.params import LogParams, Params, UseCaseParams
    from slipway.core.record import Record
    from slipway.core.tuning import Parameters, Range
    from slipway.core.use_case import UseCase
    from slipway.ports import (
        Canaries,
        Cluster,
        DriftReport,
        Environments,
        Gauges,
        Images,
        Issues,
        Jobs,
        Notifier,
        Pipeline,
        PredictionLog,
        Probes,
        PullRequests,
        Registry,
        RepositorySettings,
        RunCache,
        Search,
        TrialLog,
        Validator,
        VersionControl,
        Watches,
        Workflows,
    )
    from slipway.stages.pieces import Asked, Configured


@dataclass
class Project:
    """A clone: its params, its use cases and what it reaches outside."""

    settings: Settings

    @cached_property
    def params(self) -> Params:
        from slipway.workspace.params import read_params

        return read_params(self.settings.root)

    def section(self, name: str) -> UseCaseParams:
        """A use case's params; raises ParamsInvalid when it has no section."""
        if name in self.params.use_cases:
            return self.params.use_cases[name]
        raise ParamsInvalid(
            f"params.yaml has no section use_cases.{name}",
            cause="the use case was added without its params",
            next_step="copy the section of another use case and adapt it",
        )

    def use_case(self, name: str) -> UseCase:
        """Load a use case and hold its params to it, so that a typo fails in the first second."""
        use_case = load_use_case(self.settings.root, name)
        check_params(self.section(name), use_case)
        return use_case

    def paths(self, name: str) -> Paths:
        return Paths(self.settings.root, name)

    @property
    def environment_names(self) -> list[str]:
        """The folders of ``deploy/overlays``."""
        return sorted(path.parent.name for path in self.settings.root.glob("deploy/overlays/*/kustomization.yaml"))

    def place(self, name: str, environment: str) -> Place:
        """Where a use case runs in an environment; raises ParamsInvalid when there is no such environment."""
        from slipway.core.deployment import Place

        known = self.environment_names
        if environment in known:
            return Place(use_case=name, environment=environment)
        raise ParamsInvalid(
            f"there is no environment {environment!r}",
            cause=f"deploy/overlays has {', '.join(known) or 'none'}",
            next_step="name one of them, or make its folder in deploy/overlays as docs/deploy.md shows",
        )

    @cached_property
    def registry(self) -> Registry:
        from slipway.adapters.mlflow.registry import MlflowRegistry

        return MlflowRegistry(self.settings.tracking_uri, _artifacts(self.settings))

    @cached_property
    def trial_log(self) -> TrialLog:
        from slipway.adapters.mlflow.trials import MlflowTrials

        return MlflowTrials(self.settings.tracking_uri, _artifacts(self.settings))

    @cached_property
    def watches(self) -> Watches:
        from slipway.adapters.mlflow.watches import MlflowWatches

        return MlflowWatches(self.settings.tracking_uri, _artifacts(self.settings))

    def prediction_log(self, name: str, address: str | None) -> PredictionLog:
        """What a use case's endpoints wrote, at an address or where the settings say.

        Raises:
            LogUnavailable: nobody says where it is, or not as an address can be.
        """
        from slipway.adapters.prediction_log.opening import open_log

        said = address or self.settings.log_address(name)
        if not said:
            raise LogUnavailable(
                f"nobody says where endpoints of {name} log",
                cause="neither --log nor SLIPWAY_PREDICTION_LOG is given",
                next_step="set SLIPWAY_PREDICTION_LOG to the folder or s3:// address that --log-to of the endpoint has",
            )
        return open_log(said, self.settings.variables)

    @cached_property
    def drift_report(self) -> DriftReport | None:
        """None where Evidently is not installed."""
        from slipway.adapters.evidently_report import EvidentlyReport, is_installed

        return EvidentlyReport() if is_installed() else None

    def search(
        self, folder: Path, space: Mapping[str, Range], present: Parameters, *, seed: int, higher_is_better: bool
    ) -> Search:
        """What proposes parameters, and keeps its trials in ``folder``."""
        from slipway.adapters.optuna_search import OptunaSearch

        return OptunaSearch(folder, space, present, seed=seed, higher_is_better=higher_is_better)

    @cached_property
    def vcs(self) -> VersionControl:
        from slipway.adapters.git import Git

        return Git(self.settings.root)

    @cached_property
    def validator(self) -> Validator:
        from slipway.adapters.great_expectations.validator import GreatExpectationsValidator

        return GreatExpectationsValidator()

    @cached_property
    def pipeline(self) -> Pipeline:
        from slipway.adapters.dvc import DvcPipeline

        return DvcPipeline(self.settings.root, lambda name, stage: self.paths(name).log(stage))

    @cached_property
    def run_cache(self) -> RunCache | None:
        """None where nothing is to be shared."""
        if self.settings.run_cache is None:
            return None
        from slipway.adapters.dvc_cache import DvcRunCache

        return DvcRunCache(self.settings.root, self.settings.run_cache, lambda name, stage: self.paths(name).log(stage))

    @cached_property
    def notifier(self) -> Notifier:
        """Slack where it is configured, otherwise the terminal."""
        if self._slack is not None:
            return self._slack
        from rich.console import Console

        from slipway.adapters.terminal import TerminalNotifier

        return TerminalNotifier(Console())

    @cached_property
    def background_notifier(self) -> Notifier:
        """Slack where it is configured, otherwise nobody: for commands with a display of their own."""
        from slipway.adapters.terminal import RecordingNotifier

        return self._slack or RecordingNotifier()

    @cached_property
    def _slack(self) -> Notifier | None:
        """A bot where there is one, as it alone can keep a thread; else the webhook."""
        settings = self.settings
        if settings.slack_token and settings.slack_channel:
            from slipway.adapters.slack.notifier import SlackNotifier

            return SlackNotifier(
                settings.slack_token,
                settings.slack_channel,
                base_url=settings.slack_url,
                release=settings.release,
                mentions=settings.slack_mentions,
            )
        if settings.slack_webhook:
            from slipway.adapters.slack.webhook import WebhookNotifier

            return WebhookNotifier(settings.slack_webhook, mentions=settings.slack_mentions)
        return None

    @cached_property
    def gauges(self) -> Gauges:
        """Prometheus' Pushgateway where one is configured, otherwise nobody."""
        from slipway.adapters.pushgateway import Pushgateway, RecordingGauges

        address = self.settings.pushgateway
        return RecordingGauges() if address is None else Pushgateway(address)

    @cached_property
    def images(self) -> Images:
        from slipway.adapters.docker import DockerImages

        return DockerImages()

    @cached_property
    def cluster(self) -> Cluster:
        from slipway.adapters.kubectl import KubectlCluster

        return KubectlCluster(self.settings.root)

    @cached_property
    def canaries(self) -> Canaries:
        from slipway.adapters.kubectl import KubectlCluster
        from slipway.adapters.kubectl_canary import KubectlCanaries

        return KubectlCanaries(KubectlCluster(self.settings.root))

    @cached_property
    def environments(self) -> Environments:
        from slipway.adapters.kubectl_environments import KubectlEnvironments

        return KubectlEnvironments(self.settings.root)

    @cached_property
    def jobs(self) -> Jobs:
        from slipway.adapters.kubectl_jobs import KubectlJobs

        return KubectlJobs()

    @property
    def pull_requests(self) -> PullRequests:
        """Those of the repository on GitHub; with CML's command where it is on the PATH."""
        from slipway.adapters.cml import INHERITED, CmlPullRequests
        from slipway.adapters.github import GithubPullRequests

        settings = self.settings
        token, repository = settings.github_token or "", settings.github_repository or ""
        api = GithubPullRequests(token, repository, base_url=settings.github_url)
        program = shutil.which("cml")
        if program is None:
            return api
        needed = {name: os.environ[name] for name in INHERITED if name in os.environ}
        address = f"{settings.github_server}/{repository}"
        return CmlPullRequests(api, Path(program), address, token, needed, settings.root)

    @property
    def issues(self) -> Issues:
        """Those of the repository on GitHub."""
        from slipway.adapters.github_issues import GithubIssues

        settings = self.settings
        token, repository = settings.github_token or "", settings.github_repository or ""
        return GithubIssues(token, repository, base_url=settings.github_url)

    @property
    def workflows(self) -> Workflows:
        """Those of the repository on GitHub."""
        from slipway.adapters.github_issues import GithubWorkflows

        settings = self.settings
        token, repository = settings.github_token or "", settings.github_repository or ""
        return GithubWorkflows(token, repository, base_url=settings.github_url)

    @property
    def repository_settings(self) -> RepositorySettings:
        """How the repository on GitHub is set up."""
        from slipway.adapters.github import GithubSettings

        settings = self.settings
        return GithubSettings(settings.github_token or "", self.repository or "", base_url=settings.github_url)

    @cached_property
    def repository(self) -> str | None:
        """``owner/name`` as a workflow tells, or as the Git remote does."""
        from slipway.stages.repository_setup import repository_of

        if self.settings.github_repository:
            return self.settings.github_repository
        answer = self.probes.run(("git", "remote", "get-url", "origin"), folder=self.settings.root)
        return repository_of(answer.said) if answer is not None and answer.ok else None

    @property
    def configured(self) -> Configured:
        """What `slipway doctor` is to examine."""
        from slipway.stages.pieces import Configured

        settings = self.settings
        return Configured(
            root=settings.root,
            use_case=next(iter(self.params.use_cases), "any"),
            tracking="local SQLite file" if settings.stores_locally else "MLFLOW_TRACKING_URI",
            slack_token=settings.slack_token,
            slack_channel=settings.slack_channel,
            slack_webhook=settings.slack_webhook,
            github_token=settings.github_token,
            docker_host=settings.docker_host,
            kubeconfig=settings.kubeconfig,
            sources=tuple(asked for name in self.params.use_cases for asked in self._asked(name)),
        )

    def _asked(self, name: str) -> Iterator[Asked]:
        """What a use case's source asks the environment for, of what is told to people."""
        from slipway.stages.collect import as_source
        from slipway.stages.pieces import Asked

        try:
            source = as_source(load_use_case(self.settings.root, name))
        except SlipwayError as error:
            yield Asked(name, None, problem=" ".join(error.what.split()))
            return
        for variable in source.variables:
            if variable.unlocks:
                yield Asked(name, variable, bool(self.settings.variables.get(variable.name, "").strip()))

    @cached_property
    def probes(self) -> Probes:
        from slipway.adapters.probes import MachineProbes

        return MachineProbes(slack_url=self.settings.slack_url, github_url=self.settings.github_url)

    def seal(self, name: str) -> Record:
        """Make record, report and bundle of the evaluation at hand."""
        from slipway.adapters.host import provenance
        from slipway.stages.seal import seal

        here = provenance(self.settings.root, self.vcs)
        text = self.vcs.read(self.settings.base, "params.yaml")
        return seal(self.paths(name), self.section(name), here, _section_of(text, name))


def open_project(environment: Mapping[str, str] | None = None, start: Path | None = None) -> Project:
    """The project around the working directory, with the process's environment."""
    here = Path(sys.executable).parent
    os.environ["PATH"] = os.pathsep.join([str(here), os.environ.get("PATH", os.defpath)])
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")  # ONNX Runtime tells its makers about its use otherwise
    return Project(read_settings(start or Path.cwd(), os.environ if environment is None else environment))


def check_params(params: UseCaseParams, use_case: UseCase) -> None:
    """Hold what params.yaml names to what there is.

    Raises:
        ParamsInvalid: a slice is no categorical feature, a metric does not exist for the task, the log is to
            hide what is no feature, or a parameter to be tuned is none of the estimator's.
    """
    from slipway.evaluation.tasks import metric_names

    _check_needs(params, use_case)
    _require("evaluate.slices", params.evaluate.slices, use_case.categorical, use_case.name)
    gates = params.gates
    metrics = [gate.metric for gate in gates.absolute]
    metrics += [gates.baseline.metric, gates.champion.metric, gates.anchor.metric, gates.slices.metric]
    _require(
        "retrain.metric", [params.retrain.metric or gates.champion.metric], metric_names(use_case.task), use_case.name
    )
    _require("gates", metrics, metric_names(use_case.task), use_case.name)
    strict = [entry.partition("=")[0] for entry in gates.slices.strict]
    _require("gates.slices.strict", strict, params.evaluate.slices, use_case.name)
    _require("serve.refused", params.serve.refused, use_case.numeric, use_case.name)
    _check_log(params.serve.log, use_case)
    _check_space(params, use_case.name)


def _check_space(params: UseCaseParams, name: str) -> None:
    """A space is looked at where one is written, so that a typing mistake fails before anything runs."""
    if params.tune.space:
        from slipway.training.spaces import space_of, tunable

        _require("tune.space", params.tune.space, list(tunable(params.train)), name)
        space_of(params.train, params.tune.space, name)


def _check_needs(params: UseCaseParams, use_case: UseCase) -> None:
    """Refuse settings that ask for what the use case does not declare."""
    dated = use_case.time in use_case.dates
    needs = (
        ("split.by", params.split.by == "time", use_case.time is not None, "a `time`"),
        ("train.target", params.train.target == "log", use_case.task.is_amount, "an amount as its target"),
        ("train.level", params.train.level is not None, use_case.level is not None and dated, "a `level` and a Date"),
        ("evaluate.bands", params.evaluate.bands > 1, use_case.task.is_amount, "an amount as its target"),
    )
    for where, asked, declared, what in needs:
        if asked and not declared:
            raise ParamsInvalid(
                f"params.yaml: use_cases.{use_case.name}.{where}: the use case declares no such thing: it needs {what}",
                cause="a setting taken from another use case, or a declaration that is missing",
                next_step=f"take the line out, or declare it in src/use_cases/{use_case.name}/__init__.py",
            )


def _check_log(log: LogParams, use_case: UseCase) -> None:
    features = [feature.name for feature in use_case.features]
    _require("serve.log.hashed", log.hashed, features, use_case.name)
    _require("serve.log.left_out", log.left_out, features, use_case.name)
    both = sorted(set(log.hashed) & set(log.left_out))
    if both:
        raise ParamsInvalid(
            f"params.yaml: use_cases.{use_case.name}.serve.log: {', '.join(both)} is named as hashed and as left out",
            cause="two wishes that exclude each other",
            next_step="take it out of one of the two lists and run the same command again",
        )


def _require(where: str, names: Iterable[str], valid: Sequence[str], use_case: str) -> None:
    for name in names:
        if name not in valid:
            close = difflib.get_close_matches(name, valid, n=1)
            hint = f"did you mean {close[0]}?" if close else f"expected one of {', '.join(valid) or 'none'}"
            raise ParamsInvalid(
                f"params.yaml: use_cases.{use_case}.{where}: unknown name {name!r}, {hint}",
                cause="a typing mistake, or a feature that was renamed",
                next_step="mend params.yaml and run the same command again",
            )


def _artifacts(settings: Settings) -> Path | None:
    return settings.root / ".slipway" / "mlartifacts" if settings.stores_locally else None


def _section_of(text: str | None, name: str) -> dict[str, object] | None:
    if text is None:
        return None
    try:
        section = sections(text).get(name)
    except ParamsInvalid:
        return None
    return section if isinstance(section, dict) else None
