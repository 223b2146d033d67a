import io
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from slipway.core.comment import MARKER
from slipway.core.pull_report import PullReport
from tests.support.documents import PROJECT
from tests.support.github_server import REPOSITORY, Fault, GithubServer, github_server

TOKEN = "ghs_0000-this-is-the-secret"  # noqa: S105  # GitHub would refuse it
SHA = "a" * 40
REPORT = PullReport(base="b" * 40, head=SHA, made_at="2026-01-01T00:00:00+00:00", price=0.006).model_dump_json()
FROM_RUN = ("--from-run", "5", "--head-sha", SHA, "--head-repository", "fork/models", "--head-branch", "topic")


@dataclass(frozen=True)
class Shell:
    """Runs our command against a GitHub of our own."""

    server: GithubServer
    report: Path

    def slipway(self, *arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
        told = {
            "PATH": "/usr/bin:/bin",
            "HOME": os.environ.get("HOME", "/"),
            "GITHUB_TOKEN": TOKEN,
            "GITHUB_REPOSITORY": REPOSITORY,
            "GITHUB_API_URL": self.server.base_url,
        }
        return subprocess.run(
            [sys.executable, "-c", "from slipway.cli import main; main()", *arguments],
            cwd=PROJECT,
            env=told | environment,
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )

    def post(self, **environment: str) -> "subprocess.CompletedProcess[str]":
        return self.slipway("comment", "--report", str(self.report), "--pull-request", "7", **environment)


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    report = tmp_path / "report.json"
    report.write_text(REPORT)
    with github_server() as server:
        server.pull(7, sha=SHA, repository="fork/models", branch="topic")
        yield Shell(server, report)


def archive(content: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr("report.json", content)
        file.writestr("report.md", "")
    return buffer.getvalue()


def test_the_report_becomes_one_comment_that_is_updated(shell: Shell) -> None:
    first, second = shell.post(), shell.post()
    assert (first.returncode, first.stderr) == (second.returncode, second.stderr) == (0, "")
    assert first.stdout == second.stdout == f"https://github.com/{REPOSITORY}/pull/7#issuecomment-1\n"
    (body,) = shell.server.bodies(7)
    assert body.startswith(MARKER)


def test_a_github_that_does_not_take_it_fails_nothing(shell: Shell) -> None:
    shell.server.fail(Fault(status=403, message="Resource not accessible by integration", times=99))
    done = shell.post()
    assert done.returncode == 0
    assert "warning: the report was not posted" in done.stderr
    assert "pull-requests: write" in done.stderr
    assert TOKEN not in done.stdout + done.stderr


def test_in_a_workflow_the_warning_is_an_annotation_of_one_line(shell: Shell) -> None:
    shell.server.fail(Fault(status=422, message="no\n::error::forged 100%", times=99))
    done = shell.post(GITHUB_ACTIONS="true")
    assert done.returncode == 0
    (line,) = done.stdout.splitlines()
    assert line.startswith("::warning title=Slipway::the report was not posted")
    assert "100%25" in line


@pytest.mark.parametrize("name", ["GITHUB_TOKEN", "GITHUB_REPOSITORY"])
def test_without_a_setting_it_is_skipped_and_says_so(shell: Shell, name: str) -> None:
    done = shell.post(**{name: ""})
    assert (done.returncode, done.stdout) == (0, f"the report was not posted, because {name} is not set\n")
    assert shell.server.calls == []


def test_a_damaged_report_is_an_error_of_its_own(shell: Shell) -> None:
    shell.report.write_text(REPORT[:-5])
    done = shell.post()
    assert done.returncode == 82
    assert "error: the report holds no JSON" in done.stderr


def test_the_report_of_a_fork_s_run_reaches_its_pull_request(shell: Shell) -> None:
    shell.server.artifact(5, "report", archive(REPORT))
    done = shell.slipway("comment", *FROM_RUN)
    assert (done.returncode, done.stderr) == (0, "")
    assert len(shell.server.bodies(7)) == 1


def test_a_hostile_report_is_refused_and_nothing_is_posted(shell: Shell) -> None:
    shell.server.artifact(5, "report", archive(REPORT.replace(SHA, "c" * 40)))
    done = shell.slipway("comment", *FROM_RUN)
    assert done.returncode == 82
    assert "another commit" in done.stderr
    assert shell.server.comments_made == 0


def test_a_run_without_a_report_and_a_head_that_moved_on_are_told(shell: Shell) -> None:
    assert "uploaded no report" in shell.slipway("comment", *FROM_RUN).stderr
    shell.server.artifact(5, "report", archive(REPORT))
    shell.server.state.pulls[0]["head"]["sha"] = "c" * 40
    done = shell.slipway("comment", *FROM_RUN)
    assert (done.returncode, "has moved on" in done.stderr) == (0, True)
    assert shell.server.comments_made == 0


def test_a_fork_that_was_deleted_meanwhile_is_told(shell: Shell) -> None:
    done = shell.slipway("comment", *FROM_RUN[:5], "", *FROM_RUN[6:])
    assert (done.returncode, "is gone" in done.stderr) == (0, True)


def test_half_of_the_options_is_a_command_line_typed_wrong(shell: Shell) -> None:
    assert shell.slipway("comment", "--report", "x").returncode == 2
    assert shell.slipway("comment", "--from-run", "5").returncode == 2
    assert shell.slipway("comment", *FROM_RUN[:3], "main", *FROM_RUN[4:]).returncode == 2


def test_the_repository_s_settings_are_told(shell: Shell) -> None:
    shell.server.state.secrets = ["SLACK_BOT_TOKEN"]
    shell.server.state.hidden = ["protection"]
    done = shell.slipway("doctor", "--github", COLUMNS="250")
    rows = {line.split()[1]: line.strip() for line in done.stdout.splitlines() if line.strip()[:1] in {"✓", "-", "?"}}
    assert done.returncode == 0
    assert rows["SLACK_BOT_TOKEN"].startswith("✓")
    assert "nothing is registered" in rows["MLFLOW_TRACKING_URI"]
    assert rows["all-green"].startswith("?")
    assert "administration: read" in rows["all-green"]


def test_settings_cannot_be_told_without_a_token(shell: Shell) -> None:
    done = shell.slipway("doctor", "--github", GITHUB_TOKEN="")
    assert (done.returncode, "GITHUB_TOKEN is not set" in done.stderr) == (81, True)
