"""`slipway announce` as a person or a workflow types it, and a stage that tells into the thread it opened."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from slipway.cli import commands  # noqa: F401 - importing them adds their commands
from slipway.cli.app import app
from tests.support.slack_server import SlackServer, slack_workspace

ROOT = Path(__file__).parents[2]
RUN = {
    "SLACK_BOT_TOKEN": "xoxb-secret",
    "SLACK_CHANNEL": "C1",
    "SLIPWAY_RELEASE": "77",
    "GITHUB_REPOSITORY": "acme/models",
    "GITHUB_RUN_ID": "77",
    "GITHUB_ACTOR": "ana",
}


@contextmanager
def workspace(monkeypatch: pytest.MonkeyPatch) -> Iterator[SlackServer]:
    with slack_workspace() as server:
        for name, value in {**RUN, "SLACK_API_URL": server.base_url}.items():
            monkeypatch.setenv(name, value)
        monkeypatch.chdir(ROOT)
        yield server


def announce(*arguments: str) -> str:
    done = CliRunner().invoke(app, ["announce", *arguments], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def test_a_release_announced_twice_is_one_message(monkeypatch: pytest.MonkeyPatch) -> None:
    with workspace(monkeypatch) as server:
        assert announce("churn", "--reason", "a merge <!here>") == "release 77: churn\n"
        announce("churn", "--reason", "a merge <!here>")
        [root] = server.workspace.roots()
    assert root["text"] == "Release 77: churn waiting"
    words = json.dumps(root["blocks"])
    assert "a merge &lt;!here&gt;" in words
    assert "by ana" in words
    assert "acme/models/actions/runs/77|run and report>" in words


def test_without_slack_a_release_is_told_in_the_run_s_log(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in RUN:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.delenv("SLACK_WEBHOOK_URL", raising=False)
    monkeypatch.chdir(ROOT)
    assert announce("churn").endswith(": churn\n")


def test_the_server_runs_as_a_process_and_keeps_its_state_in_a_file(tmp_path: Path) -> None:
    state = tmp_path / "slack.json"
    command = [sys.executable, "-m", "tests.support.slack_server", "--port", "0", "--state", str(state)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            addresses: dict[str, Any] = json.loads(server.stdout.readline())
            assert addresses["api"].endswith("/api/")
            assert json.loads(state.read_text()) == {"channels": {}, "webhook": [], "calls": []}
        finally:
            server.terminate()
