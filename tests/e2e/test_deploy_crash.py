"""A release that is killed is finished by the next run, a second one at once is refused, and history tells the truth.

``SLIPWAY_TEST_KILLS`` is how often a release is killed, ``SLIPWAY_TEST_SEED`` makes the moments the same again.
"""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.conftest import change_params, copy_project, refused, succeeded, versions
from tests.e2e.test_deploy import env
from tests.support.clusters import ground
from tests.support.kills import Victim, moments
from tests.support.workspace import clean_environment, command_path, slipway

pytestmark = [pytest.mark.cluster, pytest.mark.engine]

KILLS = int(os.environ.get("SLIPWAY_TEST_KILLS", "3"))
SEED = int(os.environ.get("SLIPWAY_TEST_SEED", "0")) or int.from_bytes(os.urandom(2))
ROLLBACK_SECONDS = 60.0


@pytest.fixture
def victim(project: Path) -> Iterator[Victim]:
    """Two versions that were champion, both pushed, and an environment to deploy to."""
    with ground(project) as made:
        made.place("tiny")
        settings = {name: value for name, value in env(made).items() if name != "SLIPWAY_RELEASE"}
        succeeded(slipway(project, "image", "tiny", "--push", env=settings))
        change_params(project, "n_estimators: 20", "n_estimators: 24")
        succeeded(slipway(project, "run", "tiny", env={"USER": "ada"}))
        succeeded(slipway(project, "image", "tiny", "--push", env=settings))
        yield Victim(project, made, settings)


def test_a_release_that_is_killed_at_any_moment_is_finished_by_the_next_and_history_is_right(victim: Victim) -> None:
    where = ("tiny", "--env", victim.made.environment)
    longest = victim.time_of("deploy", *where)
    victim.assert_converged(2)
    for number, after in enumerate(moments(KILLS, longest, SEED)):
        wanted = 1 + number % 2
        succeeded(victim.run("rollback", "tiny", "--to", str(wanted)))
        killed = victim.killed("deploy", *where, after=after)
        print(f"seed {SEED}: {'killed' if killed else 'ended'} within {after:.2f} s of {longest:.2f} s")  # noqa: T201
        succeeded(victim.run("deploy", *where))
        victim.assert_converged(wanted)

    succeeded(victim.run("rollback", "tiny", "--to", "2"))
    succeeded(victim.run("deploy", *where))
    victim.killed("rollback", *where, after=longest * 0.8)
    succeeded(victim.run("reconcile", *where, "--yes"))
    champion = next(number for number, aliases in versions(victim.project).items() if "champion" in aliases)
    victim.assert_converged(champion)
    assert "registry and cluster agree" in succeeded(victim.run("reconcile", *where))
    if champion == 1:
        succeeded(victim.run("rollback", "tiny", "--to", "2"))
        assert "version 1 serves, and version 2 is champion" in succeeded(victim.run("history", "tiny"))
        succeeded(victim.run("deploy", *where))
    assert victim.time_of("rollback", *where) < ROLLBACK_SECONDS
    victim.assert_converged(1)


def test_of_two_releases_from_two_machines_the_second_is_refused_with_the_name_of_the_first(
    victim: Victim, tmp_path: Path
) -> None:
    where = ("tiny", "--env", victim.made.environment)
    elsewhere = copy_project(victim.project, tmp_path / "another" / "machine")
    with subprocess.Popen(
        [command_path(), "deploy", *where],
        cwd=victim.project,
        env=clean_environment() | dict(victim.settings),
        stderr=subprocess.PIPE,
        text=True,
    ) as first:
        assert first.stderr is not None
        next(line for line in first.stderr if "nothing runs there" in line)
        refused(
            slipway(elsewhere, "deploy", *where, "--wait", "0", env={**victim.settings, "USER": "ben"}),
            70,
            "ada (release ",
            f"is at work on tiny in {victim.made.environment}",
        )
        assert "ada is at work" in succeeded(victim.run("status"))
        first.stderr.read()
    assert first.returncode == 0
    assert "running already" in succeeded(slipway(elsewhere, "deploy", *where, env=victim.settings))
    victim.assert_converged(2)
