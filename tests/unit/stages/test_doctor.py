import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from slipway.adapters.probes import FixedProbes
from slipway.core.answer import Answer
from slipway.core.errors import RegistryUnreachable, ToolFailed, WriteFailed
from slipway.core.source import Variable
from slipway.core.version import Version
from slipway.ports import Registry
from slipway.stages.doctor import Check, examine, failure
from slipway.stages.pieces import Asked, Configured, Status, locked_versions

ROOT = Path("/project")
LOCK = ROOT / "requirements" / "run.txt"
SECRET = "a-secret-nobody-may-see"  # noqa: S105  # of nothing


def works(said: str = "1.0") -> Answer:
    return Answer(ok=True, said=said)


def fails(said: str = "it is broken") -> Answer:
    return Answer(ok=False, said=said)


COMPLETE = FixedProbes(
    programs={
        "git": works("git version 2.39"),
        "make": works("GNU Make 4.3"),
        "dvc": works("3.67.1"),
        "dvc remote list": works("committed\t/project/data/remote\t(default)"),
        "docker": works("27.0"),
        "kubectl": works("{"),
        "cml": works("0.20"),
    },
    files={LOCK: "numpy==2.4.6\n"},
    packages={"numpy": "2.4.6"},
)
BARE = Configured(root=ROOT, use_case="churn", tracking="local SQLite file")
FULL = replace(
    BARE,
    slack_token=SECRET,
    slack_channel="C1",
    github_token=SECRET,
    docker_host=f"tcp://{SECRET}@host",
    kubeconfig="/kube/config",
)


class EmptyRegistry:
    """Knows no version; as much of a registry as is asked here."""

    def versions(self, use_case: str) -> tuple[Version, ...]:
        return ()


class UnreachableRegistry:
    def versions(self, use_case: str) -> tuple[Version, ...]:
        raise RegistryUnreachable("MLflow does not answer", cause="it is down", next_step="start it")


def examined(probes: FixedProbes = COMPLETE, configured: Configured = FULL, registry: Any = None) -> dict[str, Check]:
    make: Callable[[], Registry] = lambda: registry or EmptyRegistry()  # noqa: E731
    return {check.name: check for check in examine(configured, probes, make, patience=5.0)}


def without(program: str) -> FixedProbes:
    return replace(COMPLETE, programs={k: v for k, v in COMPLETE.programs.items() if k.split()[0] != program})


def with_program(program: str, answer: Answer) -> FixedProbes:
    return replace(COMPLETE, programs={**COMPLETE.programs, program: answer})


def test_a_complete_machine_is_in_order() -> None:
    checks = examined()
    assert {check.status for check in checks.values()} == {Status.OK}
    assert failure(tuple(checks.values())) is None


def test_every_piece_says_what_it_switches_off_and_how_to_get_it() -> None:
    assert all(check.switches_off and check.how and check.found for check in examined().values())


def test_exactly_what_no_run_can_do_without_is_required() -> None:
    required = {check.name for check in examined().values() if check.required}
    assert required == {"Python", "git", "DVC", ".slipway folder"}


@pytest.mark.parametrize(
    ("program", "piece"),
    [("make", "make"), ("cml", "CML"), ("docker", "Docker"), ("kubectl", "Kubernetes")],
)
def test_an_optional_tool_that_is_missing_fails_nothing(program: str, piece: str) -> None:
    checks = examined(without(program), BARE)
    assert checks[piece].status is Status.MISSING
    assert failure(tuple(checks.values())) is None


@pytest.mark.parametrize(("program", "piece"), [("git", "git"), ("dvc", "DVC")])
def test_a_required_tool_that_is_missing_is_the_error(program: str, piece: str) -> None:
    checks = examined(without(program))
    error = failure(tuple(checks.values()))
    assert checks[piece].status is Status.MISSING
    assert isinstance(error, ToolFailed)
    assert error.what == f"{piece}: not on the PATH"
    assert error.next_step == checks[piece].how


def test_an_old_python_is_the_error() -> None:
    checks = examined(replace(COMPLETE, version=(3, 10, 14)))
    assert checks["Python"].found == "3.10.14"
    assert isinstance(failure(tuple(checks.values())), ToolFailed)


def test_a_folder_outside_of_any_repository_is_the_error() -> None:
    checks = examined(with_program("git rev-parse --is-inside-work-tree", fails()))
    assert checks["git"].status is Status.BROKEN
    assert "not in a Git repository" in checks["git"].found
    assert isinstance(failure(tuple(checks.values())), ToolFailed)


def test_a_folder_that_cannot_be_written_is_the_error() -> None:
    checks = examined(replace(COMPLETE, writing=fails("cannot be written: Permission denied")))
    assert isinstance(failure(tuple(checks.values())), WriteFailed)


def test_packages_other_than_the_locked_ones_are_named() -> None:
    probes = replace(COMPLETE, packages={"numpy": "1.0"})
    assert examined(probes)["packages"].found == "1 of 1 differ from requirements/run.txt: numpy 1.0"


def test_a_package_locked_for_other_systems_only_is_not_missed() -> None:
    probes = replace(COMPLETE, files={LOCK: "numpy==2.4.6\npywin32==312 ; sys_platform == 'win32' \\\n"})
    assert examined(probes)["packages"].status is Status.OK


def test_a_lock_file_is_read_with_its_markers_and_hashes() -> None:
    lock = (
        "# by uv\nNum_Py==2.4.6 ; python_full_version < '3.12' \\\n    --hash=sha256:0=\n    # via x==1\n"
        "num-py==2.5.5 ; python_full_version >= '3.12' \\\nuvicorn[standard]==0.38\n"
    )
    assert locked_versions(lock) == {"num-py": {"2.4.6", "2.5.5"}, "uvicorn": {"0.38"}}


def test_a_missing_lock_file_is_said_to_be_missing() -> None:
    assert examined(replace(COMPLETE, files={}))["packages"].status is Status.MISSING


def test_a_full_disk_is_told() -> None:
    check = examined(replace(COMPLETE, free=10**9))["disk space"]
    assert (check.status, check.found) == (Status.BROKEN, "1.0 GB free")


def test_the_dvc_remote_is_told_by_name_and_not_by_address() -> None:
    probes = with_program("dvc remote list", works(f"store\ts3://{SECRET}@bucket\t(default)"))
    assert examined(probes)["DVC remote"].found == "store"


def test_no_dvc_remote_is_missing() -> None:
    assert examined(with_program("dvc remote list", works("")))["DVC remote"].status is Status.MISSING


def test_an_unreachable_registry_is_broken_and_fails_nothing() -> None:
    checks = examined(registry=UnreachableRegistry())
    assert (checks["MLflow"].status, checks["MLflow"].found) == (Status.BROKEN, "MLflow does not answer")
    assert failure(tuple(checks.values())) is None


def test_unset_slack_settings_are_missing() -> None:
    assert examined(configured=BARE)["Slack"].status is Status.MISSING


def test_a_webhook_is_enough_and_is_not_shown() -> None:
    check = examined(configured=replace(BARE, slack_webhook=SECRET))["Slack"]
    assert check.status is Status.OK
    assert "without threads" in check.found
    assert SECRET not in str(check)


def test_half_of_the_slack_settings_is_broken_and_names_the_other_half() -> None:
    check = examined(configured=replace(FULL, slack_channel=None))["Slack"]
    assert (check.status, check.found) == (Status.BROKEN, "SLACK_BOT_TOKEN set, SLACK_CHANNEL not set")


@pytest.mark.parametrize(
    ("piece", "probes"),
    [
        ("Slack", replace(COMPLETE, slack_says=fails())),
        ("GitHub", replace(COMPLETE, github_says=fails())),
        ("Docker", with_program("docker", fails())),
        ("Kubernetes", with_program("kubectl", fails())),
    ],
)
def test_what_is_configured_and_does_not_answer_is_broken(piece: str, probes: FixedProbes) -> None:
    checks = examined(probes)
    assert checks[piece].status is Status.BROKEN
    assert failure(tuple(checks.values())) is None


@pytest.mark.parametrize("piece", ["Docker", "Kubernetes"])
def test_a_setting_without_its_tool_is_broken(piece: str) -> None:
    program = {"Docker": "docker", "Kubernetes": "kubectl"}[piece]
    assert examined(without(program))[piece].status is Status.BROKEN


def test_no_check_shows_a_secret_even_where_a_tool_repeats_it() -> None:
    loud = fails(f"no access with {SECRET} at tcp://{SECRET}@host")
    programs = dict.fromkeys(COMPLETE.programs, loud)
    checks = examined(replace(COMPLETE, programs=programs, slack_says=loud, github_says=loud))
    assert SECRET not in str(checks) + repr(FULL)


class StuckRegistry:
    def __init__(self) -> None:
        self.released = threading.Event()

    def versions(self, use_case: str) -> tuple[Version, ...]:
        self.released.wait(60)
        return ()


def test_a_piece_that_never_answers_does_not_hold_up_the_others() -> None:
    stuck = StuckRegistry()
    checks = {c.name: c for c in examine(FULL, COMPLETE, lambda: stuck, patience=0.3)}  # type: ignore[arg-type, return-value]
    stuck.released.set()
    assert (checks["MLflow"].status, checks["MLflow"].found) == (Status.BROKEN, "no answer within 0.3 s")
    assert checks["git"].status is Status.OK


def test_a_piece_that_cannot_be_examined_is_broken_without_its_traceback() -> None:
    def explode() -> Registry:
        raise RuntimeError(f"token {SECRET}")

    checks = {c.name: c for c in examine(FULL, COMPLETE, explode, patience=5.0)}
    assert checks["MLflow"].found == "could not be examined: RuntimeError"


def test_what_a_source_asks_for_is_told_with_what_it_unlocks_and_fails_nothing() -> None:
    key = Variable("FLATS_KEY", unlocks="rents of flats", how="ask for a key")
    asked = (Asked("flats", key), Asked("rooms", key, is_set=True), Asked("huts", None, problem="it does not import"))
    checks = examined(configured=replace(FULL, sources=asked))
    flats, rooms, huts = (checks[name] for name in ("flats: FLATS_KEY", "rooms: FLATS_KEY", "source of huts"))
    assert (flats.status, flats.found) == (Status.MISSING, "not set")
    assert (flats.switches_off, flats.how) == ("rents of flats", "ask for a key")
    assert (rooms.status, rooms.found) == (Status.OK, "set")
    assert (huts.status, huts.found) == (Status.BROKEN, "it does not import")
    assert failure(tuple(checks.values())) is None
