import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from slipway.adapters.probes import FixedProbes, MachineProbes
from slipway.core.answer import Answer
from slipway.ports import Probes
from tests.support.slack_server import refused, slack_server

TOKEN = "ghp-0000-this-is-the-secret"  # noqa: S105  # GitHub would refuse it
NOBODY_LISTENS = "http://127.0.0.1:1"


def machine(**settings: Any) -> MachineProbes:
    return MachineProbes(**({"slack_url": f"{NOBODY_LISTENS}/api/", "github_url": NOBODY_LISTENS} | settings))


def install(folder: Path, name: str, script: str) -> None:
    folder.mkdir(exist_ok=True)
    program = folder / name
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "bin"
    install(folder, "good", "echo good 1.0; echo more")
    install(folder, "bad", "echo out; echo no access >&2; exit 3")
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    return folder


@pytest.fixture(params=["machine", "twin"])
def probes(request: pytest.FixtureRequest, programs: Path, tmp_path: Path) -> Probes:
    (tmp_path / "note.txt").write_text("words")
    if request.param == "machine":
        return machine()
    said = {"good": Answer(ok=True, said="good 1.0"), "bad": Answer(ok=False, said="no access")}
    return FixedProbes(programs=said, files={tmp_path / "note.txt": "words"}, packages={"pydantic": "2.12"})


def test_a_program_answers_with_its_first_line(probes: Probes, tmp_path: Path) -> None:
    assert probes.run(("good", "--version"), folder=tmp_path) == Answer(ok=True, said="good 1.0")


def test_a_program_that_fails_answers_with_its_complaint(probes: Probes, tmp_path: Path) -> None:
    assert probes.run(("bad",), folder=tmp_path) == Answer(ok=False, said="no access")


def test_a_program_that_is_not_there_gives_no_answer(probes: Probes, tmp_path: Path) -> None:
    assert probes.run(("surely-no-such-program",), folder=tmp_path) is None


def test_a_file_is_read_and_an_absent_one_is_none(probes: Probes, tmp_path: Path) -> None:
    assert (probes.read(tmp_path / "note.txt"), probes.read(tmp_path / "none")) == ("words", None)


def test_installed_packages_have_versions(probes: Probes) -> None:
    assert probes.installed()["pydantic"].startswith("2.")


def test_the_machine_has_a_version_and_a_disk(probes: Probes, tmp_path: Path) -> None:
    assert probes.python() >= (3, 11, 0)
    assert probes.free_bytes(tmp_path) > 0


def test_a_folder_is_found_writable(probes: Probes, tmp_path: Path) -> None:
    assert probes.write(tmp_path / "new").ok


def test_trying_to_write_leaves_nothing_behind(tmp_path: Path) -> None:
    machine().write(tmp_path / "new")
    assert list((tmp_path / "new").iterdir()) == []


def test_a_folder_that_cannot_be_made_is_found_out(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert machine().write(tmp_path / "file" / "folder") == Answer(ok=False, said="cannot be written: Not a directory")


def test_a_program_that_hangs_is_given_up(programs: Path, tmp_path: Path) -> None:
    install(programs, "hang", "exec sleep 60")
    assert machine(timeout=0.2).run(("hang",), folder=tmp_path) == Answer(ok=False, said="no answer within 0.2 s")


def test_credentials_in_an_address_are_not_repeated(programs: Path, tmp_path: Path) -> None:
    install(programs, "leaky", "echo cannot reach tcp://user:password@host:1 >&2; exit 1")
    answer = machine().run(("leaky",), folder=tmp_path)
    assert answer == Answer(ok=False, said="cannot reach tcp://***@host:1")


def test_slack_is_asked_who_we_are(programs: Path) -> None:
    with slack_server() as server:
        assert machine(slack_url=server.base_url).slack("xoxb-1") == Answer(ok=True, said="slipway in Test")
    assert [call.method for call in server.calls] == ["auth.test"]


def test_a_refused_slack_token_is_told(programs: Path) -> None:
    with slack_server(refused("invalid_auth")) as server:
        assert not machine(slack_url=server.base_url).slack("xoxb-1").ok


@contextmanager
def github(status: int) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    asked: list[tuple[str, str]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append((self.path, self.headers.get("Authorization", "")))
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps({}).encode())

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        (200, Answer(ok=True, said="the token is accepted")),
        (401, Answer(ok=False, said="the token is refused")),
        (502, Answer(ok=False, said="GitHub answers with HTTP 502")),
    ],
)
def test_github_is_asked_whether_it_takes_the_token(programs: Path, status: int, answer: Answer) -> None:
    with github(status) as (url, asked):
        assert machine(github_url=url).github(TOKEN) == answer
    assert asked == [("/rate_limit", f"Bearer {TOKEN}")]


@pytest.mark.parametrize("url", [NOBODY_LISTENS, "file:///etc/passwd"])
def test_a_github_that_cannot_be_asked_is_told_without_the_token(programs: Path, url: str) -> None:
    answer = machine(github_url=url).github(f"{TOKEN}\nX: y")
    assert (answer.ok, TOKEN in answer.said) == (False, False)
