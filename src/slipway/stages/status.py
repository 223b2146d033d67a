"""status: what serves where, of every use case, at one look."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from slipway.core.deployment import Deployment, Phase
from slipway.core.seen import Seen
from slipway.core.version import Version, carrier
from slipway.deploying.agreement import disagreements
from slipway.ports import Environments, Registry
from slipway.stages.hold import at_work
from slipway.stages.look import at_once

COLUMNS = ("use case", "champion", "environment", "serves", "since", "by", "pods", "state")
SECONDS = 10.0
_REGISTRY = "the registry"


@dataclass(frozen=True)
class Status:
    """One screen.

    Attributes:
        rows: cells under ``COLUMNS``.
        remarks: what disagrees, and what does not answer.
    """

    rows: tuple[tuple[str, ...], ...]
    remarks: tuple[str, ...]


def status(
    use_cases: Sequence[str],
    environments: Sequence[str],
    registry: Callable[[], Registry],
    cluster: Environments | None,
    seconds: float = SECONDS,
) -> Status:
    """Ask the registry and every environment at the same time.

    Args:
        registry: opens it; that alone takes a while.
        cluster: None where none is configured.
        seconds: after which whoever has not answered is told as silent.
    """
    versions, seen, silent = _answers(use_cases, environments, registry, cluster, seconds)
    rows: list[tuple[str, ...]] = []
    remarks: list[str] = []
    for use_case in use_cases:
        known = versions.get(use_case)
        places = [found for environment in environments for found in seen.get(environment, {}).get(use_case, ())]
        rows += [_row(use_case, known, each) for each in places] or [_bare(use_case, known)]
        remarks += [
            f"{use_case}, {each.place.environment}: {found.told}"
            for each in places
            for found in disagreements(known or (), each, at_work=at_work(each.claim))
            if known is not None
        ]
    remarks += [f"{name} does not answer: {why}" for name, why in silent.items()]
    if cluster is None:
        remarks.append("KUBECONFIG is not set, so no environment was looked at")
    return Status(tuple(rows), tuple(remarks))


def _answers(
    use_cases: Sequence[str],
    environments: Sequence[str],
    registry: Callable[[], Registry],
    cluster: Environments | None,
    seconds: float,
) -> tuple[dict[str, tuple[Version, ...]], dict[str, dict[str, tuple[Seen, ...]]], dict[str, str]]:
    """Versions by use case, what is seen by environment and use case, and who is silent."""
    versions: dict[str, tuple[Version, ...]] = {}
    seen: dict[str, dict[str, tuple[Seen, ...]]] = {}

    def list_versions() -> None:
        opened = registry()
        versions.update({name: opened.versions(name) for name in use_cases})

    def look(environment: str) -> None:
        if cluster is not None:
            found = cluster.look(environment, use_cases)
            seen[environment] = {each.place.use_case: (each,) for each in found}

    questions: dict[str, Callable[[], None]] = {_REGISTRY: list_versions}
    if cluster is not None:
        questions |= {name: lambda name=name: look(name) for name in environments}  # type: ignore[misc]
    _, silent = at_once(questions, seconds=seconds)
    return dict(versions), dict(seen), silent


def _bare(use_case: str, versions: Sequence[Version] | None) -> tuple[str, ...]:
    return (use_case, _champion(versions), *[""] * (len(COLUMNS) - 2))


def _row(use_case: str, versions: Sequence[Version] | None, seen: Seen) -> tuple[str, ...]:
    stable = seen.stable
    head = (use_case, _champion(versions), seen.place.environment)
    if stable is None:
        return (*head, "nothing", "", "", "", _at_work(seen))
    return (
        *head,
        f"version {stable.version} {stable.digest.removeprefix('sha256:')[:12]}",
        stable.at[:16].replace("T", " "),
        stable.actor,
        f"{seen.healthy} of {stable.replicas}",
        _state(seen, stable, versions),
    )


def _champion(versions: Sequence[Version] | None) -> str:
    if versions is None:
        return "unknown"
    champion = carrier(versions, "champion")
    return "none" if champion is None else f"version {champion.number}"


def _state(seen: Seen, stable: Deployment, versions: Sequence[Version] | None) -> str:
    words = [_at_work(seen)] if at_work(seen.claim) else []
    if stable.phase is Phase.ROLLING and at_work(seen.claim):
        words.append("rolling out")
    if seen.canary is not None and seen.canary.replicas:
        words.append(f"canary of {seen.canary.replicas}")
    if stable.replicas and seen.healthy < stable.replicas:
        words.append("pods missing")
    wrong = versions is not None and disagreements(versions, seen, at_work=at_work(seen.claim))
    return ", ".join([*words, "DISAGREES"] if wrong else words or ["serving"])


def _at_work(seen: Seen) -> str:
    return f"{seen.claim.holder.partition(' (')[0]} is at work" if at_work(seen.claim) else ""
