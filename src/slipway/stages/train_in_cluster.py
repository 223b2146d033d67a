"""train, elsewhere: a Job in a cluster takes a use case from its data to a registered version."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from slipway.core import errors
from slipway.core.errors import Interrupted, JobFailed, JobRefused, ParamsInvalid, SlipwayError, StageFailed
from slipway.core.job import Fault, JobPhase, JobState, Order
from slipway.deploying.training import FILE, SCHEDULE_FILE, Manifest, job, schedule
from slipway.ports import Jobs

_CODES = frozenset(
    kind.exit_code for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, SlipwayError)
)
_TOLD = re.compile(r"error: (?P<what>.+?)\n *likely cause: (?P<cause>.+?)\n *next step: (?P<next>[^\n]+)", re.DOTALL)


@dataclass(frozen=True)
class Training:
    """An order, and what carries it out."""

    root: Path
    jobs: Jobs
    order: Order
    say: Callable[[str], None]

    @property
    def namespace(self) -> str:
        return self.order.namespace

    @property
    def manifest(self) -> Manifest:
        """The Job; raises ParamsInvalid when deploy/training cannot be used."""
        return job(_document(self.root, FILE), self.order)

    def scheduled(self, cron: str) -> Manifest:
        """The CronJob; raises ParamsInvalid when deploy/training cannot be used."""
        return schedule(_document(self.root, FILE), _document(self.root, SCHEDULE_FILE), self.order, cron)


def train_in_cluster(training: Training, *, again: bool = False) -> str:
    """Submit a Job unless one of the same inputs is there, follow it to its end, and say what came of it.

    Args:
        again: also when one of the same inputs has ended well.

    Raises:
        JobRefused: it could not work; nothing was submitted.
        JobFailed: its pod met something that no stage can tell of.
        StageFailed: a stage failed, with its own words and exit code.
        Interrupted: Ctrl-C; the Job goes on.
        ClusterUnreachable: no cluster answers.
    """
    manifest = training.manifest
    name, namespace = manifest["metadata"]["name"], training.namespace
    before = training.jobs.state(namespace, name)
    if before is not None and before.phase is JobPhase.SUCCEEDED and not again:
        return f"{name} has trained this already, the same code, data and params; `--again` does it again"
    if before is not None and not before.ended:
        training.say(f"{name} is at work already; following it")
    else:
        _submit(training, manifest, replaced=before is not None)
    try:
        ended = training.jobs.follow(namespace, name, training.say)
    except KeyboardInterrupt as error:
        raise _left(training, name) from error
    if ended is None:
        raise _gone(name)
    if ended.phase is not JobPhase.SUCCEEDED:
        raise failure(training.order, ended, training.jobs.last_lines(namespace, ended))
    return f"{name} has trained {training.order.use_case}; what it registered is in MLflow"


def schedule_in_cluster(training: Training, cron: str) -> str:
    """Have a cluster train again and again; says so.

    Raises:
        JobRefused: it could not work; nothing was changed.
        ClusterUnreachable: no cluster answers.
    """
    manifest = training.scheduled(cron)
    _refuse_what_cannot_work(training, training.manifest, manifest)
    training.jobs.submit(training.namespace, manifest)
    return f"{manifest['metadata']['name']} trains {training.order.use_case} at {cron!r} (UTC) in {training.namespace}"


def failure(order: Order, state: JobState, lines: tuple[str, ...]) -> SlipwayError:
    """What to raise for a Job that did not end well, or will not."""
    use_case, given = order.use_case, order.given
    section = f"use_cases.{use_case}.train_on"
    said = state.last or "\n".join(lines)
    match state.fault:
        case Fault.MEMORY:
            what, cause = f"ran out of memory: it may take {given.memory}", "the data or the model grew"
            next_step = f"raise {section}.memory in params.yaml"
        case Fault.DEADLINE:
            what = f"reached its deadline of {given.deadline_minutes} minutes"
            cause = "it needs longer, or it waited for a node, an image or another service; its log above tells"
            next_step = f"raise {section}.deadline_minutes in params.yaml, or mend what it waited for"
        case Fault.IMAGE:
            what, cause = (
                f"cannot get its image: {state.message}",
                "it was not pushed, or the cluster has no login there",
            )
            next_step = f"push it, or name its login at the account slipway-trainer; {_or_delete(order, state)}"
        case Fault.CONFIG:
            what, cause = f"cannot start: {state.message}", "a Secret or ConfigMap is not there, or lacks a key"
            next_step = f"make it; {_or_delete(order, state)}"
        case Fault.EVICTED:
            what, cause = (
                f"was taken off its node: {state.message}",
                "the node ran short of disk or memory, or went away",
            )
            next_step = f"run the same command again, perhaps with more {section}.disk or memory"
        case _:
            if state.exit_code in _CODES:
                return _in_its_own_words(order, state, said)
            what = f"failed: {state.message or 'the cluster does not say why'}"
            cause, next_step = said[-1500:] or "it said nothing", "mend what it names, run the same command again"
    return JobFailed(f"the training of {use_case} in {order.namespace} {what}", cause=cause, next_step=next_step)


def _in_its_own_words(order: Order, state: JobState, said: str) -> StageFailed:
    found = list(_TOLD.finditer(said))
    where = f"in {order.namespace}, {state.name}"
    if found:
        told = found[-1]
        error = StageFailed(f"{told['what']} ({where})", cause=told["cause"], next_step=told["next"])
    else:
        error = StageFailed(
            f"the training of {order.use_case} failed with exit code {state.exit_code} ({where})",
            cause=said[-1500:] or "its log above tells",
            next_step="docs/errors.md says what the code means",
        )
    error.exit_code = state.exit_code or StageFailed.exit_code
    return error


def _submit(training: Training, manifest: Manifest, *, replaced: bool) -> None:
    _refuse_what_cannot_work(training, manifest)
    name = manifest["metadata"]["name"]
    if replaced:
        training.say(f"{name} has ended before; it is submitted anew")
        training.jobs.delete(training.namespace, name)
    training.jobs.submit(training.namespace, manifest)
    training.say(f"{name} is submitted to {training.namespace}")


def _refuse_what_cannot_work(training: Training, *manifests: Manifest) -> None:
    found = [training.jobs.check(training.namespace, manifest) for manifest in manifests]
    for line in dict.fromkeys(line for each in found for line in each.unknown):
        training.say(f"not known: {line}")
    reasons = list(dict.fromkeys(reason for each in found for reason in each.reasons))
    if reasons:
        where = f"the training of {training.order.use_case} could not work in {training.namespace}"
        raise JobRefused(
            "\n  - ".join([f"{where}, so nothing was submitted:", *reasons]),
            cause="train_on in params.yaml, an edit of deploy/training, or a namespace that was not prepared",
            next_step="mend what is named and run the same command again; docs/training.md tells how",
        )


def _left(training: Training, name: str) -> Interrupted:
    return Interrupted(
        f"no longer following {name}, which goes on in the cluster",
        cause="Ctrl-C",
        next_step=(
            f"the same command follows it again; `kubectl --namespace {training.namespace} delete job {name}` ends it"
        ),
    )


def _or_delete(order: Order, state: JobState) -> str:
    return (
        "the Job goes on waiting, and the same command follows it again; "
        f"`kubectl --namespace {order.namespace} delete job {state.name}` ends it"
    )


def _gone(name: str) -> JobFailed:
    return JobFailed(
        f"{name} is no longer in the cluster",
        cause="somebody deleted it, or its namespace",
        next_step="run the same command again to submit it anew",
    )


def _document(root: Path, name: str) -> dict[str, Any]:
    try:
        document = yaml.safe_load((root / name).read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise ParamsInvalid(
            f"{name} cannot be read: {' '.join(str(error).split())[:300]}",
            cause="it was moved, or an edit is no YAML",
            next_step=f"`git diff {name}` shows what was changed",
        ) from error
    if not isinstance(document, dict):
        raise ParamsInvalid(f"{name} holds no manifest", cause="it was emptied", next_step=f"`git checkout {name}`")
    return document
