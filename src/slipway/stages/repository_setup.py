"""Examines how the repository on GitHub is set up; docs/setup.md tells how to do it."""

import re
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from slipway.core.errors import GitHubRefused, SlipwayError
from slipway.core.value import Value
from slipway.ports import RepositorySettings

PATIENCE = 60.0
ENVIRONMENTS = ("staging", "production")
APPROVED = "production"
REQUIRED_CHECK = "all-green"


class Kind(StrEnum):
    """Where a name is looked for."""

    SECRET = "secret"  # noqa: S105  # the word
    VARIABLE = "variable"
    ENVIRONMENT_SECRET = "secret of each environment"  # noqa: S105  # the words


@dataclass(frozen=True)
class Named:
    """A secret or variable that workflows read.

    Attributes:
        without: what is skipped, or done otherwise, where it is not set.
        instead: other names, of which one will do as well.
    """

    name: str
    kind: Kind
    what_for: str
    without: str
    instead: tuple[str, ...] = ()


_SECRET, _VARIABLE = Kind.SECRET, Kind.VARIABLE
NAMES = (
    Named("MLFLOW_TRACKING_URI", _VARIABLE, "the registry of models", "nothing is registered, pushed or deployed"),
    Named("MLFLOW_TRACKING_USERNAME", _SECRET, "a user of MLflow", "MLflow is asked without a login"),
    Named("MLFLOW_TRACKING_PASSWORD", _SECRET, "that user's password", "MLflow is asked without a login"),
    Named("SLIPWAY_IMAGE_REPOSITORY", _VARIABLE, "where images go", "no image is pushed, nothing is deployed"),
    Named("DOCKERHUB_USERNAME", _VARIABLE, "who pushes images", "the registry of images is used without a login"),
    Named("DOCKERHUB_TOKEN", _SECRET, "that user's access token", "the registry of images is used without a login"),
    Named("DOCKER_REGISTRY", _VARIABLE, "another registry's host", "Docker Hub is used"),
    Named("KUBECONFIG", Kind.ENVIRONMENT_SECRET, "the deployer's account in the cluster", "nothing is deployed there"),
    Named("SLIPWAY_API_KEY", Kind.ENVIRONMENT_SECRET, "a key the endpoint there knows", "nothing is deployed there"),
    Named(
        "SLACK_BOT_TOKEN", _SECRET, "one thread a release", "results are in the run's log only", ("SLACK_WEBHOOK_URL",)
    ),
    Named("SLACK_CHANNEL", _VARIABLE, "the channel's id", "results are in the run's log only", ("SLACK_WEBHOOK_URL",)),
    Named("SLACK_WEBHOOK_URL", _SECRET, "plain messages", "results are in the run's log only", ("SLACK_BOT_TOKEN",)),
    Named("SLACK_MENTIONS", _VARIABLE, "who is told of failures", "nobody is mentioned"),
    Named("SLIPWAY_PREDICTION_LOG", _VARIABLE, "where endpoints log predictions", "live models are not watched"),
    Named("SLIPWAY_PUSHGATEWAY", _SECRET, "gauges of looks, for Prometheus", "nothing is pushed"),
    Named("SLIPWAY_RUN_CACHE", _VARIABLE, "sharing runs between jobs", "main computes again what a pull request has"),
    Named(
        "DATA_ACCESS_KEY_ID",
        _SECRET,
        "the store of the data",
        "only public data can be read",
        ("AWS_ROLE", "GCP_PROVIDER"),
    ),
    Named(
        "DATA_SECRET_ACCESS_KEY",
        _SECRET,
        "that key's secret",
        "only public data can be read",
        ("AWS_ROLE", "GCP_PROVIDER"),
    ),
    Named("SLIPWAY_SOURCE_VARIABLES", _SECRET, "what sources of data ask for", "sources that need a key are not asked"),
    Named(
        "AWS_ROLE",
        _VARIABLE,
        "AWS without a stored key",
        "keys are used, or no AWS",
        ("DATA_ACCESS_KEY_ID", "GCP_PROVIDER"),
    ),
    Named(
        "AWS_REGION",
        _VARIABLE,
        "the region of that role",
        "keys are used, or no AWS",
        ("DATA_ACCESS_KEY_ID", "GCP_PROVIDER"),
    ),
    Named(
        "GCP_PROVIDER",
        _VARIABLE,
        "Google Cloud without a stored key",
        "no Google Cloud",
        ("DATA_ACCESS_KEY_ID", "AWS_ROLE"),
    ),
    Named(
        "GCP_ACCOUNT", _VARIABLE, "the account of that provider", "no Google Cloud", ("DATA_ACCESS_KEY_ID", "AWS_ROLE")
    ),
    Named("SLIPWAY_ENDPOINT_URL", _VARIABLE, "links to endpoints in Slack", "messages have no such link"),
    Named("SLIPWAY_RUNNER_PRICE", _VARIABLE, "USD a minute of a runner", "0.006 is taken"),
    Named("SLIPWAY_ATTEST", _VARIABLE, "attesting a private repository's images", "public repositories' only"),
    Named("SLIPWAY_CODE_SCANNING", _VARIABLE, "scanning a private repository's code", "public repositories' only"),
    Named("PULL_REQUEST_TOKEN", _SECRET, "pull requests that start workflows", "those with new data start none"),
)


class State(StrEnum):
    """Unknown is what the token may not see."""

    SET = "set"
    OTHERWISE = "otherwise"
    MISSING = "missing"
    UNKNOWN = "unknown"


class Finding(Value):
    """What was found out about one setting.

    Attributes:
        found: in words; never a value.
        without: what is skipped, or done otherwise, as it is; "" where all is well.
        how: the next step; "" where all is well.
    """

    name: str
    kind: str
    state: State
    found: str
    without: str = ""
    how: str = ""


@dataclass(frozen=True)
class _Unseen:
    words: str
    permission: str


def repository_of(remote: str) -> str | None:
    """``owner/name`` of a Git remote's address."""
    match = re.search(r"[/:]([A-Za-z0-9._-]+/[A-Za-z0-9._-]+?)(\.git)?/?$", remote.strip())
    return match[1] if match else None


def unasked(token: str | None, repository: str | None) -> SlipwayError | None:
    """Why the repository cannot be asked about, if so."""
    if not repository:
        return GitHubRefused(
            "it is not known which repository to examine",
            cause="GITHUB_REPOSITORY is not set, and Git has no remote called origin",
            next_step="set GITHUB_REPOSITORY to owner/name",
        )
    if not token:
        return GitHubRefused(
            f"{repository} cannot be examined",
            cause="GITHUB_TOKEN is not set",
            next_step="set it to a token of yours that may read secrets, variables, environments and administration",
        )
    return None


def examine_repository(settings: RepositorySettings, *, patience: float = PATIENCE) -> tuple[Finding, ...]:
    """Ask for everything at once; what is not answered after ``patience`` seconds is unknown."""
    questions: dict[str, tuple[Callable[[], object], str]] = {
        _SECRET: (settings.secrets, "secrets: read"),
        _VARIABLE: (settings.variables, "variables: read"),
        "environments": (settings.environments, "actions: read, environments: read"),
        "workflows": (settings.may_open_pull_requests, "administration: read"),
        "checks": (lambda: settings.required_checks(settings.default_branch()), "administration: read"),
    }
    for environment in ENVIRONMENTS:
        questions[environment] = (lambda name=environment: settings.secrets(name), "environments: read")  # type: ignore[misc]
    answers = _asked(questions, patience)
    return (*_of_names(answers), *_of_environments(answers), _of_workflows(answers), _of_checks(answers))


def _asked(questions: Mapping[str, tuple[Callable[[], object], str]], patience: float) -> dict[str, object]:
    answers: dict[str, object] = {
        name: _Unseen("no answer in time", permission) for name, (_, permission) in questions.items()
    }

    def ask(name: str) -> None:
        question, permission = questions[name]
        try:
            answers[name] = question()
        except GitHubRefused:
            answers[name] = _Unseen("the token may not see it", permission)
        except SlipwayError as error:
            answers[name] = _Unseen(error.cause, permission)
        except Exception as error:  # one setting that cannot be examined must not hide the others
            answers[name] = _Unseen(f"could not be examined: {type(error).__name__}", permission)

    threads = [threading.Thread(target=ask, args=(name,), daemon=True) for name in questions]
    deadline = time.monotonic() + patience
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    return dict(answers)


def _of_names(answers: Mapping[str, object]) -> Iterable[Finding]:
    there = {name for kind in (_SECRET, _VARIABLE) for name in _names(answers[kind])}
    for named in NAMES:
        if named.kind is Kind.ENVIRONMENT_SECRET:
            yield from (_of_name(named, answers[name], there, f"{named.name} ({name})") for name in ENVIRONMENTS)
        else:
            yield _of_name(named, answers[named.kind], there, named.name)


def _of_name(named: Named, answer: object, there: set[str], shown: str) -> Finding:
    if isinstance(answer, _Unseen):
        return _unknown(shown, named.kind, answer, named.without)
    if named.name in _names(answer):
        return Finding(name=shown, kind=named.kind, state=State.SET, found=named.what_for)
    other = next((name for name in named.instead if name in there), None)
    if other is not None:
        return Finding(name=shown, kind=named.kind, state=State.OTHERWISE, found=f"{other} is set instead")
    how = f"docs/setup.md tells how to make it: {named.what_for}"
    return Finding(name=shown, kind=named.kind, state=State.MISSING, found="not set", without=named.without, how=how)


def _names(answer: object) -> frozenset[str]:
    return answer if isinstance(answer, frozenset) else frozenset()


def _of_environments(answers: Mapping[str, object]) -> Iterable[Finding]:
    answer = answers["environments"]
    for name in ENVIRONMENTS:
        without = f"deployments to {name} wait for nobody" if name == APPROVED else f"{name} has no settings of its own"
        if isinstance(answer, _Unseen):
            yield _unknown(name, "environment", answer, without)
            continue
        approvals = answer if isinstance(answer, Mapping) else {}
        well = name in approvals and (name != APPROVED or approvals[name])
        found = _words_of_environment(approvals.get(name))
        how = f"Settings, Environments: make {name}" + (" with required reviewers" if name == APPROVED else "")
        yield _judged(name, "environment", well, found, without=without, how=how)


def _words_of_environment(approved: bool | None) -> str:
    if approved is None:
        return "not there"
    return "with required reviewers" if approved else "without required reviewers"


def _of_workflows(answers: Mapping[str, object]) -> Finding:
    """Comments need no setting: the workflows ask for the right to write them themselves."""
    name, kind, answer = "pull requests by workflows", "permission", answers["workflows"]
    without = "collect and upgrade cannot open pull requests"
    if isinstance(answer, _Unseen):
        return _unknown(name, kind, answer, without)
    how = "Settings, Actions, General: allow GitHub Actions to create and approve pull requests"
    return _judged(name, kind, bool(answer), "allowed" if answer else "not allowed", without=without, how=how)


def _of_checks(answers: Mapping[str, object]) -> Finding:
    kind, answer = "required check", answers["checks"]
    without = "a pull request that fails can be merged"
    if isinstance(answer, _Unseen):
        return _unknown(REQUIRED_CHECK, kind, answer, without)
    others = ", ".join(sorted(_names(answer))) or "nothing"
    how = f"Settings, Rules: require the check {REQUIRED_CHECK} on the default branch"
    return _judged(
        REQUIRED_CHECK, kind, REQUIRED_CHECK in _names(answer), f"required: {others}", without=without, how=how
    )


def _judged(name: str, kind: str, well: bool, found: str, *, without: str, how: str) -> Finding:
    if well:
        return Finding(name=name, kind=kind, state=State.SET, found=found)
    return Finding(name=name, kind=kind, state=State.MISSING, found=found, without=without, how=how)


def _unknown(name: str, kind: str, unseen: _Unseen, without: str) -> Finding:
    how = f"ask with a token that has {unseen.permission}"
    return Finding(name=name, kind=kind, state=State.UNKNOWN, found=unseen.words, without=without, how=how)
