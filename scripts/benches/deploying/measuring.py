"""What releases do to those who keep asking: good ones, bad ones, ones that are taken back, ones that are killed."""

import random
import subprocess
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from scripts.benches.deploying.load import Load, Seen, steady_load
from scripts.benches.deploying.site import USE_CASE, NotReleased, Site
from slipway.core.claim import CUT_OFF, SERVED, Deed
from slipway.core.deployment import Phase
from slipway.core.errors import CanaryBreached
from tests.support.canaries import faulty
from tests.support.images import REPOSITORY

Figures = dict[str, Any]

FULL_STEPS = ({"share": 10, "requests": 1200, "seconds": 120}, {"share": 50, "requests": 1200, "seconds": 120})
SHORT_STEPS = ({"share": 10, "requests": 100, "seconds": 10},)
ANOTHER = "another version's scores"
FAULTS = {
    "crashes": "ends at start",
    "errors": "500s on 2 % of requests",
    "slow": "adds 200 ms",
    "shifted": "scores shifted by 0.1",
    ANOTHER: "scores of another version",
    "refuses": "refuses valid input",
    "leaks": "leaks memory until killed",
}
SLOW_MS = 150.0
RENEWED_AFTER = 10
_MOST_TOLD = 600


def rollouts(here: Site, count: int, per_second: float) -> Figures:
    """Release the two versions in turn, while connections are kept for as long as the server keeps them."""
    here.with_canary(())
    seconds = []
    with steady_load(replace(here.asking, per_second=per_second)) as load:
        for number in range(count):
            version = 2 - number % 2
            here.crown(version)
            seconds.append(here.deploy(f"rollout-{number + 1}").seconds)
            here.say(f"rollout {number + 1} of {count}: {seconds[-1]:.1f} s, {load.failed} failed")
        here.settle()
    return {"rollouts": count, "seconds": seconds, **_told(load)}


def rollbacks(here: Site, count: int, per_second: float) -> Figures:
    """Take version 2 back to version 1, and time the command and the last answer that names version 2."""
    here.with_canary(())
    command, everywhere, failed, wrong = [], [], 0, 0
    for number in range(count):
        here.crown(2)
        here.deploy(f"forward-{number + 1}")
        here.settle()
        with steady_load(replace(here.asking, per_second=per_second)) as load:
            time.sleep(1.0)
            done = here.succeed("rollback", USE_CASE, "--env", here.place.environment, release=f"back-{number + 1}")
            here.settle()
        command.append(done.seconds)
        everywhere.append(max(done.seconds, load.last("2") - done.began))
        failed, wrong = failed + load.failed, wrong + load.count("wrong")
        here.say(f"rollback {number + 1} of {count}: {command[-1]:.1f} s, all answers after {everywhere[-1]:.1f} s")
    return {"rollbacks": count, "command_s": command, "everywhere_s": everywhere, "failed": failed, "wrong": wrong}


def bad_canaries(here: Site, faults: Sequence[str], per_second: float) -> dict[str, Figures]:
    """Release images with planted faults as version 2, each in its canary's care."""
    _serve(here, 1)
    good = here.crown(2).release
    if good is None:
        raise NotReleased("version 2 has no image")
    here.with_canary(FULL_STEPS)
    found: dict[str, Figures] = {}
    try:
        for fault in faults:
            image = f"{REPOSITORY}/bench/{USE_CASE}"
            here.project.registry.set_release(
                USE_CASE,
                2,
                good.model_copy(update={"image": image, "digest": _bad_digest(here, fault, good.reference)}),
            )
            found[FAULTS[fault]] = _stopped(here, fault, per_second)
    finally:
        here.project.registry.set_release(USE_CASE, 2, good)
        here.crown(1)
    return found


def healthy_canaries(here: Site, count: int, per_second: float) -> Figures:
    """Release the two versions in turn, each through its canary."""
    _serve(here, 1)
    here.with_canary(FULL_STEPS)
    stopped, seconds, decided = [], [], []
    with steady_load(replace(here.asking, per_second=per_second, renewed_after=RENEWED_AFTER)) as load:
        for number in range(count):
            here.crown(2 - number % 2)
            done = here.slipway("deploy", USE_CASE, "--env", here.place.environment, release=f"healthy-{number + 1}")
            if done.code:
                stopped.append(done.said[-_MOST_TOLD:])
            seconds.append(done.seconds)
            decided.append("its canary passed" in done.said)
            here.say(f"healthy canary {number + 1} of {count}: {done.code or 'passed'}, {done.seconds:.1f} s")
        here.settle()
    told = {"canaries": count, "stopped": len(stopped), "why": stopped, "tried": sum(decided)}
    return told | {"seconds": seconds, **_told(load)}


def kills(here: Site, count: int, per_second: float, seed: int) -> Figures:
    """Kill the deploying process at random moments, run it again, and look what cluster and history say."""
    _serve(here, 1)
    here.with_canary(SHORT_STEPS)
    chance, found = random.Random(seed), []  # noqa: S311  # no secret
    here.crown(2)
    whole = here.deploy("undisturbed").seconds
    with steady_load(replace(here.asking, per_second=per_second)) as load:
        for number in range(count):
            version = 1 + number % 2
            here.crown(version)
            found.append(_killed(here, number + 1, version, chance.uniform(0.0, whole)))
            here.say(f"kill {number + 1} of {count}: {found[-1]}")
        here.settle()
    return {"kills": found, "undisturbed_s": whole, "seed": seed, **_told(load)}


def _told(load: Load) -> Figures:
    times = [seen.at for seen in load.answers]
    return {
        "requests": len(load.answers),
        "requests_a_second": len(times) / max(1.0, max(times) - min(times)),
        "failed": load.failed,
        "wrong": load.count("wrong"),
        "versions": sorted(load.versions),
    }


def _serve(here: Site, number: int) -> None:
    """Let a version serve, without a canary."""
    here.with_canary(())
    here.crown(number)
    here.deploy(f"serve-{number}")
    here.settle()


def _bad_digest(here: Site, fault: str, reference: str) -> str:
    tag = f"{REPOSITORY}/bench/{USE_CASE}:{fault.replace(' ', '-').replace(chr(39), '')}"
    other = here.version(1).release
    if fault == ANOTHER and other is not None:  # version 1's model, which says that it is version 2's
        return _renamed(here, other.reference, tag)
    return faulty(reference, fault, here.folder / "build" / fault, tag)


def _renamed(here: Site, reference: str, tag: str) -> str:
    from slipway.adapters.docker import DockerImages

    text = f"FROM {reference}\nENV SLIPWAY_MODEL_VERSION=2\n"
    build = ["docker", "build", "--quiet", "--tag", tag, "-"]
    subprocess.run(build, input=text, text=True, check=True, capture_output=True, cwd=here.folder)
    return DockerImages().push(tag, lambda _: None)


def _stopped(here: Site, fault: str, per_second: float) -> Figures:
    before, serving = here.footprint(), here.digest()
    with steady_load(replace(here.asking, per_second=per_second, renewed_after=RENEWED_AFTER)) as load:
        time.sleep(1.0)
        done = here.slipway("deploy", USE_CASE, "--env", here.place.environment, release="bad")
        here.settle()
    hurt = [seen for seen in load.answers if _is_hurt(seen)]
    met = [seen.at for seen in load.answers if seen.version == "2" or _is_hurt(seen)]
    while_it_stood = len(load.between(min(met), max(met)).answers) if met else 0
    figures = {
        "stopped": done.code == CanaryBreached.exit_code,
        "code": done.code,
        "signal": _signal(done.said),
        "seconds": done.seconds,
        "untouched": (here.footprint(), here.digest()) == (before, serving),
        "gone": here.canaries() == 0,
        "requests": len(load.answers),
        "hurt": len(hurt),
        "while_it_stood": while_it_stood,
        "stable_wrong": sum(seen.version == "1" and seen.kind == "wrong" for seen in load.answers),
        "said": done.said[-2 * _MOST_TOLD :],
    }
    here.say(f"{FAULTS[fault]}: {figures['signal'] or done.said[-_MOST_TOLD:]}, {figures['hurt']} of {while_it_stood}")
    return figures


def _is_hurt(seen: Seen) -> bool:
    return seen.kind != "right" or (seen.version == "2" and seen.milliseconds > SLOW_MS)


def _signal(said: str) -> str:
    _, _, after = said.partition("was removed for its ")
    return after.partition(";")[0]


def _killed(here: Site, number: int, version: int, after: float) -> Figures:
    first, again = f"kill-{number}", f"kill-{number}-again"
    command = here.command("deploy", USE_CASE, "--env", here.place.environment)
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, cwd=here.folder, env=here.environment(first), **quiet) as process:  # type: ignore[call-overload]
        try:
            process.wait(after)
        except subprocess.TimeoutExpired:
            process.kill()
    phase = here.project.cluster.deployed(here.place)
    stood = here.canaries()
    done = here.slipway("deploy", USE_CASE, "--env", here.place.environment, release=again)
    wrong = _not_converged(here, version) if done.code == 0 else [done.said[-_MOST_TOLD:]]
    return {
        "after_s": round(after, 2),
        "killed": process.returncode == -9,
        "found": f"{phase.phase.value} {phase.version}" + ", a canary" * bool(stood) if phase else "nothing",
        "again_s": round(done.seconds, 1),
        "not_converged": wrong,
        "history": _history(here, version, first, again),
    }


def _not_converged(here: Site, version: int) -> list[str]:
    found, release = here.project.cluster.deployed(here.place), here.version(version).release
    if found is None or release is None:
        return ["nothing is there"]
    checks = {
        "another digest serves": found.image == release.reference,
        "it is not noted as serving": found.phase is Phase.SERVING and found.version == version,
        "a canary was left": here.canaries() == 0,
        "another is champion": "champion" in here.version(version).aliases,
    }
    return [what for what, holds in checks.items() if not holds]


def _history(here: Site, version: int, first: str, again: str) -> list[str]:
    """What is not right in what the environment notes of the two runs."""
    claim = here.project.environments.claim(here.place)
    ours = [deed for deed in claim.deeds if deed.release in (first, again)]
    served = [deed for deed in ours if deed.outcome == SERVED]
    checks = {
        "somebody is noted as at work": claim.holder == "" and all(deed.outcome for deed in claim.deeds),
        "not one of the two is noted as having served": len(served) == 1 and claim.last == served[0],
        "a run is noted as something else than served or cut off": all(d.outcome in (SERVED, CUT_OFF) for d in ours),
        "another version or digest is noted": all(_names(here, deed, version) for deed in ours),
    }
    wrong = [f"{what}: {[(d.release, d.outcome) for d in ours]}" for what, holds in checks.items() if not holds]
    told = here.succeed("history", USE_CASE).said
    lines = [line for line in told.splitlines() if line.startswith(f"{here.place.environment}: ")]
    return wrong + lines


def _names(here: Site, deed: Deed, version: int) -> bool:
    release = here.version(version).release
    return release is not None and (deed.version, deed.digest) == (version, release.digest)
