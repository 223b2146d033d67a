"""All that a scenario plays in: a repository, GitHub, Slack, MLflow, a registry of images; and the runs it saw."""

import io
import json
import os
import secrets
import shutil
import subprocess
import time
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from tests.support.github_server import GithubServer, github_server
from tests.support.slack_server import SlackServer, slack_workspace
from tests.workflows.rehearsal import events
from tests.workflows.rehearsal.act import Order, run_act
from tests.workflows.rehearsal.champion import before
from tests.workflows.rehearsal.expectations import differences, leaks, with_skipped
from tests.workflows.rehearsal.log import Job, read_log
from tests.workflows.rehearsal.repository import NAME, Repository, make_repository, snapshot
from tests.workflows.rehearsal.standins.environment import fits, place, stamp_of
from tests.workflows.rehearsal.tracking import Tracking, tracking_server

CHECKOUT = Path(__file__).resolve().parents[3]
REGISTRY = os.environ.get("SLIPWAY_REHEARSAL_REGISTRY", "127.0.0.1:5000")
CHANNEL = "C0RELEASES"
PERSON = "U0ONCALL"
A_FEW_TESTS = "-n 0 -k test_discovery --ignore-glob=tests/unit/[!t]* --ignore-glob=tests/use_cases/*"
_SECRET_NAMES = (
    "MLFLOW_TRACKING_USERNAME", "MLFLOW_TRACKING_PASSWORD", "SLACK_BOT_TOKEN", "DATA_ACCESS_KEY_ID",
    "DATA_SECRET_ACCESS_KEY", "DOCKERHUB_TOKEN",
)  # fmt: skip


class Unexpected(AssertionError):
    """A scenario went otherwise than it should."""


@dataclass(frozen=True)
class Run:
    """One run of a workflow, as act told it."""

    identity: int
    attempt: int
    workflow: str
    event: str
    jobs: tuple[Job, ...]
    results: Mapping[str, str]
    began: float
    folder: Path

    def job(self, name: str) -> Job:
        return next(job for job in self.jobs if job.name == name)

    @property
    def seconds(self) -> float:
        return max((job.ended for job in self.jobs), default=self.began) - self.began


@dataclass
class Scene:
    """See the module; ``folder`` keeps everything after the scenario ended."""

    name: str
    folder: Path
    repository: Repository
    github: GithubServer
    slack: SlackServer
    tracking: Tracking | None
    secrets: dict[str, str]
    runs: list[Run] = field(default_factory=list)
    variables: dict[str, str] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)
    notes: dict[str, float] = field(default_factory=dict)
    token: str = field(default_factory=lambda: secrets.token_hex(4))
    stamp: str = ""
    whole_checks: bool = False
    shared_before: list[str] = field(default_factory=list)

    def pull_request(
        self, number: int, branch: str, *, title: str = "A change", action: str = "opened", fork: str | None = None,
        job: str | None = None, identity: int | None = None,
    ) -> Run:  # fmt: skip
        """What happens when a pull request is opened or pushed to."""
        base, head, merge = self.repository.offer(branch, number)
        self.github.state.pulls = [pull for pull in self.github.state.pulls if pull["number"] != number]
        self.github.pull(number, sha=head, repository=fork or NAME, branch=branch)
        payload = events.pull_request(
            number, base=base, head=head, branch=branch, title=title, action=action, fork=fork
        )
        # the token of a run from a fork may read only, and no secret is given to it
        self.github.state.hidden = ["^(POST|PATCH|PUT|DELETE) "] if fork else []
        run = self.run("ci.yml", "pull_request", payload, stand_on=merge, scope=f"refs/pull/{number}/merge",
                       trusted=not fork, job=job, identity=identity)  # fmt: skip
        self.github.state.hidden = []
        failed = any(result != "success" for result in run.results.values() if result != "skipped")
        self.github.state.runs.append(
            events.workflow_run(run.identity, name="ci", event="pull_request", sha=head, branch=branch,
                                repository=fork or NAME, conclusion="failure" if failed else "success")["workflow_run"]
        )  # fmt: skip
        return run

    def completed(self, run: Run, workflow: str) -> Run:
        """The event that another workflow waits for: ``run`` ended."""
        of = next(entry for entry in self.github.state.runs if entry["id"] == run.identity)
        payload = events.workflow_run(
            run.identity, name="ci", event=run.event, sha=of["head_sha"], branch=of["head_branch"],
            repository=of["head_repository"]["full_name"], conclusion=of["conclusion"],
        )  # fmt: skip
        return self.run(workflow, "workflow_run", payload)

    def merge(self, branch: str, *, workflow: str = "release.yml") -> Run:
        """The button under a pull request, and what runs after it."""
        before = self.repository.branches()["main"]
        after = self.repository.merge(branch)
        return self.run(workflow, "push", events.push(before=before, after=after, message=f"Merge branch {branch}"))

    def again(self, run: Run) -> Run:
        """The button that runs a run's jobs once more: the same run, another attempt."""
        payload = json.loads((run.folder / "event.json").read_text())
        return self.run(run.workflow, run.event, payload, identity=run.identity, attempt=run.attempt + 1,
                        stand_on=(run.folder / "commit").read_text())  # fmt: skip

    def dispatch(self, workflow: str, **inputs: str) -> Run:
        return self.run(workflow, "workflow_dispatch", events.dispatch(workflow, inputs))

    def asked_by_program(self, kind: str, **told: str) -> Run:
        """A program's event; the workflow that waits for it has its name."""
        return self.run(f"{kind}.yml", "repository_dispatch", events.asked_by_program(kind, told))

    def scheduled(self, workflow: str, cron: str = "17 4 * * 1") -> Run:
        return self.run(workflow, "schedule", events.schedule(cron))

    def run(
        self, workflow: str, event: str, payload: dict[str, Any], *, stand_on: str = "main",
        scope: str = "refs/heads/main", trusted: bool = True, job: str | None = None,
        identity: int | None = None, attempt: int = 1,
    ) -> Run:  # fmt: skip
        """Run a workflow file; its artifacts can be had from the API afterwards."""
        identity = identity or 9000 + len(self.runs) + 1
        folder = self.folder / "runs" / f"{identity}-{attempt}"
        folder.mkdir(parents=True)
        (folder / "event.json").write_text(json.dumps(payload, indent=1))
        (folder / "commit").write_text(stand_on)
        self.repository.stand_on(stand_on)
        order = Order(
            root=self.repository.clone, event=event, workflow=workflow, payload=folder / "event.json", scratch=folder,
            home=self.repository.home, environment=self._environment(identity, attempt, scope),
            secrets=self.secrets if trusted else {"GITHUB_TOKEN": self.secrets["GITHUB_TOKEN"]},
            variables=self._variables(), job=job,
        )  # fmt: skip
        began = time.time()
        _, lines = run_act(order)
        jobs = read_log(lines)
        results = with_skipped(jobs, self.repository.clone / ".github" / "workflows" / workflow)
        run = Run(identity, attempt, workflow, event, jobs, results, began, folder)
        self.runs.append(run)
        self._keep_artifacts(identity)
        shutil.rmtree(folder / "work", ignore_errors=True)
        for name in ("secrets", "environment"):
            (folder / name).unlink()
        return run

    def expect(self, run: Run, **expected: str) -> None:
        self.expect_jobs(run, expected)

    def expect_jobs(self, run: Run, expected: Mapping[str, str]) -> None:
        """Hold the set of all jobs, and how each ended, to what is expected; and look for secrets."""
        wrong = differences(run.results, expected)
        if wrong:
            raise Unexpected(f"{run.workflow} ({run.event}): {'; '.join(wrong)}\n{self._words(run)}")

    def check(self, holds: object, words: str) -> None:
        if not holds:
            raise Unexpected(words)

    def leaks(self) -> list[str]:
        """Where a secret's value can be read: logs (which act does not mask for us), artifacts, comments, messages."""
        told = {
            "comments": json.dumps(self.github.state.comments), "pulls": json.dumps(self.github.state.pulls),
            "issues": json.dumps(self.github.state.issues),
            "Slack": json.dumps(self.slack.dump()), "the log of jobs": self._logs(),
        }  # fmt: skip
        return leaks(self.secrets, self.folder / "artifacts", texts=told)

    def posted(self, run: Run, number: int) -> str:
        """The one comment of a pull request; notes how long after the event it was there."""
        comments = self.comments(number)
        self.check(len(comments) == 1, f"one comment was expected, and there are {len(comments)}\n{self._words(run)}")
        self.notes["from event to posted report"] = run.job("report").step("Post it").ended - run.began
        return comments[0]

    def slipway(self, *arguments: str) -> None:
        """A command in the clone, with the clone's own code, as a person would type it."""
        clone = self.repository.clone
        if not (clone / ".venv").exists() and not place(clone, CHECKOUT, self.stamp):
            raise RuntimeError("the environment is not that of requirements/dev.txt: run `make setup` first")
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.repository.home)}
        done = subprocess.run(
            [str(clone / ".venv" / "bin" / "slipway"), *arguments], cwd=clone, env=environment, capture_output=True,
            text=True, timeout=300, check=False,
        )  # fmt: skip
        self.check(done.returncode == 0, f"slipway {' '.join(arguments)}:\n{done.stdout}{done.stderr}")

    def use_registry(self, address: str) -> None:
        """Push images there, below a name of this scene's own."""
        self.variables |= {
            "SLIPWAY_IMAGE_REPOSITORY": f"{address}/rehearsal-{self.token}", "DOCKER_REGISTRY": address,
            "DOCKERHUB_USERNAME": "rehearsal",
        }  # fmt: skip

    def run_cache_is_as_before(self) -> bool:
        return _listing(self.folder / "run-cache") == self.shared_before

    def comments(self, number: int) -> list[str]:
        return self.github.bodies(number)

    def thread(self) -> list[dict[str, Any]]:
        """The roots in the channel of releases, each with its replies."""
        return self.slack.workspace.roots(CHANNEL)

    def _logs(self) -> str:
        return "\n".join(job.output for run in self.runs for job in run.jobs)

    def _words(self, run: Run) -> str:
        red = [job for job in run.jobs if job.result != "success"] or list(run.jobs)
        return (
            "\n".join(f"--- {job.name}\n{job.output[-2500:]}" for job in red) + f"\nthe whole log: {run.folder}/act.log"
        )

    def _environment(self, identity: int, attempt: int, scope: str) -> dict[str, str]:
        home = CHECKOUT / "tests" / "workflows" / "rehearsal" / "standins"
        return {
            "GITHUB_API_URL": self.github.base_url, "GITHUB_RUN_ID": str(identity), "GITHUB_RUN_ATTEMPT": str(attempt),
            "SLACK_API_URL": self.slack.base_url, "REHEARSAL_PYTHON": str(CHECKOUT / ".venv" / "bin" / "python"),
            "REHEARSAL_STANDINS": str(home), "REHEARSAL_CHECKOUT": str(CHECKOUT), "REHEARSAL_SCOPE": scope,
            "REHEARSAL_CACHES": str(self.folder / "caches"), "REHEARSAL_ARTIFACTS": str(self.folder / "artifacts"),
            "REHEARSAL_STAMP": self.stamp.strip(), "REHEARSAL_NOTES": str(self.folder / "notes.jsonl"),
            "PYTHONDONTWRITEBYTECODE": "", "DOCKER_BUILDKIT": "1",
            "MYPY_CACHE_DIR": str(self.folder.parent / "tools" / "mypy"),
            "RUFF_CACHE_DIR": str(self.folder.parent / "tools" / "ruff"),
            **({} if self.whole_checks else {"PYTEST_ADDOPTS": A_FEW_TESTS}), **self.environment,
        }  # fmt: skip

    def _variables(self) -> dict[str, str]:
        tracking = {"MLFLOW_TRACKING_URI": self.tracking.uri} if self.tracking else {}
        return {
            "SLIPWAY_RUN_CACHE": str(self.folder / "run-cache"), "SLACK_CHANNEL": CHANNEL, "SLACK_MENTIONS": PERSON,
            **tracking, **self.variables,
        }  # fmt: skip

    def _keep_artifacts(self, identity: int) -> None:
        """Serve what a run uploaded by the API, as archives."""
        state = self.github.state
        state.artifacts = [artifact for artifact in state.artifacts if artifact["run_id"] != identity]
        for path in sorted((self.folder / "artifacts" / str(identity)).glob("*")):
            archive = io.BytesIO()
            with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
                for member in sorted(path.rglob("*")):
                    if member.is_file():
                        file.write(member, member.relative_to(path).as_posix())
            self.github.artifact(identity, path.name, archive.getvalue())


@contextmanager
def scene(name: str, into: Path, module: ModuleType, *, head_only: bool = False) -> Iterator[Scene]:
    """Everything a scenario asks for, started; all of it stopped at the end.

    ``TRACKED`` of the module: whether an MLflow server is needed. ``CHAMPION``: whether main has one already.
    ``NEEDS`` a "registry": images are pushed to it. ``WHOLE_CHECKS``: whether the job `checks` runs all unit tests.
    """
    folder = into.resolve() / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    commit, stamp = snapshot(CHECKOUT, folder, head_only=head_only), stamp_of(CHECKOUT)
    repository = make_repository(CHECKOUT, commit, folder / "repository")
    if not fits(repository.clone, CHECKOUT, stamp):
        raise RuntimeError("the environment is not that of requirements/dev.txt: run `make setup` first")
    left = before(CHECKOUT, commit, into.resolve()) if getattr(module, "CHAMPION", False) else None
    with ExitStack() as running:
        github = running.enter_context(github_server())
        slack = running.enter_context(slack_workspace())
        tracking = None
        if getattr(module, "TRACKED", True):
            tracking = running.enter_context(tracking_server(folder / "mlflow", left.tracking if left else None))
        stage = Scene(name, folder, repository, github, slack, tracking, _secrets(), stamp=stamp)
        stage.whole_checks = getattr(module, "WHOLE_CHECKS", False)
        if left:
            shutil.copytree(left.run_cache, folder / "run-cache")
        (folder / "run-cache").mkdir(exist_ok=True)
        stage.shared_before = _listing(folder / "run-cache")
        if "registry" in getattr(module, "NEEDS", ()):
            stage.use_registry(REGISTRY)
        yield stage


def _secrets() -> dict[str, str]:
    values = {name: secrets.token_hex(16) for name in _SECRET_NAMES}
    return values | {
        "SLACK_BOT_TOKEN": f"xoxb-{secrets.token_hex(16)}", "GITHUB_TOKEN": f"ghs_{secrets.token_hex(18)}"
    }  # fmt: skip


def _listing(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))
