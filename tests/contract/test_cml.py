import json
import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from slipway.adapters.cml import INHERITED, CmlPullRequests
from slipway.adapters.github import GithubPullRequests
from slipway.core.comment import MARKER
from tests.support.cml import install_cml
from tests.support.github_server import REPOSITORY, GithubServer, github_server

TOKEN = "ghs_0000-this-is-the-secret"  # noqa: S105  # GitHub would refuse it
BODY = f"{MARKER}\nall is well"
WORSE = f"{MARKER}\nworse"
WATERMARK = f'![](https://cml.dev/watermark.png#{"a" * 40} "CML watermark slipway")'


@dataclass
class Rig:
    server: GithubServer
    pulls: CmlPullRequests
    folder: Path

    def mode(self, name: str) -> None:
        (self.folder / "mode").write_text(name)

    @property
    def calls(self) -> list[dict[str, Any]]:
        log = self.folder / "calls.jsonl"
        return [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []

    @property
    def verbs(self) -> list[str]:
        return [call["argv"][1] for call in self.calls]


@pytest.fixture
def rig(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Rig]:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    program = install_cml(tmp_path / "bin")
    with github_server() as server:
        api = GithubPullRequests(TOKEN, REPOSITORY, base_url=server.base_url, patience=5, pause=0.01)
        pulls = CmlPullRequests(
            api=api,
            program=program,
            repository=f"https://github.com/{REPOSITORY}",
            token=TOKEN,
            environment={"PATH": "/usr/bin:/bin", "GITHUB_API_URL": server.base_url, "GITHUB_SHA": "a" * 40},
            folder=tmp_path,
            patience=10,
        )
        yield Rig(server, pulls, program.parent)


def test_cml_posts_the_first_report_and_updates_it(rig: Rig) -> None:
    first = rig.pulls.report(7, BODY)
    assert rig.pulls.report(7, WORSE) == first
    assert rig.verbs == ["create", "update"]
    assert rig.server.bodies(7) == [f"{WORSE}\n\n{WATERMARK}"]


def test_a_report_that_the_api_posted_is_updated_by_the_api(rig: Rig) -> None:
    rig.pulls.api.report(7, BODY)
    rig.pulls.report(7, WORSE)
    assert rig.calls == []
    assert rig.server.bodies(7) == [WORSE]


def test_a_stranger_who_writes_marker_and_watermark_is_not_taken_for_us(rig: Rig) -> None:
    mine = f"{MARKER}\nmine now\n\n{WATERMARK}"
    rig.server.comment(7, mine, login="eve", kind="User")
    rig.pulls.report(7, BODY)
    rig.server.comment(7, mine, login="eve", kind="User")
    rig.pulls.report(7, WORSE)
    assert rig.verbs == ["create"]
    assert rig.server.bodies(7) == [mine, WORSE, mine]


@pytest.mark.parametrize("mode", ["fail", "lie"])
def test_where_cml_fails_the_api_posts(rig: Rig, mode: str, caplog: pytest.LogCaptureFixture) -> None:
    rig.mode(mode)
    rig.pulls.report(7, BODY)
    assert rig.server.bodies(7) == [BODY]
    assert "the API posts it" in caplog.text


@pytest.mark.parametrize("mode", ["hang", "late"])
def test_where_cml_is_too_slow_it_is_ended_and_one_comment_is_left(rig: Rig, mode: str) -> None:
    rig.mode(mode)
    started = time.monotonic()
    replace(rig.pulls, patience=1.5).report(7, BODY)
    assert time.monotonic() - started < 8
    assert rig.server.bodies(7) == [BODY]


def test_a_program_that_does_not_start_is_done_without(rig: Rig) -> None:
    replace(rig.pulls, program=rig.folder / "mode").report(7, BODY)
    assert rig.server.bodies(7) == [BODY]


def test_no_local_file_that_the_report_links_to_is_uploaded_and_nobody_is_followed(rig: Rig) -> None:
    rig.pulls.report(7, f"{MARKER}\n[x](/etc/passwd)")
    (call,) = rig.calls
    assert "--publish=false" in call["argv"]
    assert call["environment"]["ITERATIVE_DO_NOT_TRACK"] == "1"


def test_cml_gets_the_token_by_its_environment_alone(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    rig.mode("fail")
    rig.pulls.report(7, BODY)
    (call,) = rig.calls
    assert TOKEN not in str(call["argv"]) + caplog.text + repr(rig.pulls)
    assert call["environment"]["REPO_TOKEN"] == TOKEN
    assert not [name for name in INHERITED if "TOKEN" in name or "SECRET" in name]


def test_cml_writes_its_settings_into_a_home_that_is_gone_afterwards(rig: Rig) -> None:
    rig.pulls.report(7, BODY)
    assert not Path(rig.calls[0]["environment"]["HOME"]).exists()


def test_the_rest_is_asked_of_the_api(rig: Rig) -> None:
    rig.server.pull(7, sha="a" * 40, repository="fork/models", branch="topic")
    rig.server.artifact(1, "report", b"PK")
    assert rig.pulls.with_head("a" * 40, repository="fork/models", branch="topic") == (7,)
    assert rig.pulls.artifact(1, "report", at_most=10) == b"PK"
