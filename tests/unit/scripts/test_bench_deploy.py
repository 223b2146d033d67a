"""The benchmark of releases: every answer is held to what the version that it names says, and bars are told."""

import http.server
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from scripts.bench_deploy import main, replaced
from scripts.benches.deploying.load import Asking, Load, Seen, steady_load
from scripts.benches.deploying.telling import TIMES, told

Answer = Callable[[dict[str, Any]], tuple[int, dict[str, Any]]]

FAULT = {
    "stopped": True, "code": 71, "signal": "latency", "seconds": 20.0, "untouched": True, "gone": True,
    "requests": 1_000, "hurt": 50, "while_it_stood": 200, "stable_wrong": 0,
}  # fmt: skip
KILL = {"killed": True, "found": "rolling 2", "again_s": 20.0, "not_converged": [], "history": []}
FOUND: dict[str, Any] = {
    "rollouts": {
        "rollouts": 20,
        "requests": 9_000,
        "requests_a_second": 99.6,
        "failed": 0,
        "wrong": 0,
        "seconds": [20.0],
    },
    "rollbacks": {"command_s": [18.0, 20.0], "everywhere_s": [19.0, 29.0]},
    "bad": {"adds 200 ms": FAULT},
    "healthy": {"canaries": 20, "stopped": 0, "tried": 20, "requests": 9, "failed": 0, "wrong": 0, "seconds": [60.0]},
    "kills": {"kills": [KILL], "failed": 0, "wrong": 0},
}


@contextmanager
def endpoint(answer: Answer) -> Iterator[str]:
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            status, document = answer(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            body = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def saying(version: str, probability: float) -> Answer:
    return lambda _: (200, {"probability": probability, "model": {"version": version}})


def asked(answer: Answer, renewed_after: int | None = None) -> Load:
    """What a few requests to an endpoint come back as."""
    with endpoint(answer) as address:
        right = {"1": [0.25, 0.5]}
        asking = Asking(address, "key", [{"x": 0}, {"x": 1}], right, per_second=400.0, renewed_after=renewed_after)
        enough = threading.Event()
        with steady_load(asking, connections=2) as load:
            while len(load.answers) < 8:
                enough.wait(0.01)
    return load


def bars(**changed: dict[str, Any]) -> dict[str, bool]:
    found = {part: {**figures, **changed.get(part, {})} for part, figures in FOUND.items()}
    return {bar["what"]: bar["kept"] for part in told(found) for bar in part["bars"]}


def test_an_answer_is_right_when_it_is_what_the_named_versions_model_says_of_the_row():
    load = asked(lambda row: (200, {"probability": (0.25, 0.5)[row["x"]], "model": {"version": "1"}}))
    assert {(seen.version, seen.kind) for seen in load.answers} == {("1", "right")}


@pytest.mark.parametrize(("version", "probability"), [("1", 0.251), ("2", 0.25)])
def test_another_value_or_an_unknown_version_is_wrong(version: str, probability: float):
    load = asked(saying(version, probability))
    assert {seen.kind for seen in load.answers} == {"wrong"}


@pytest.mark.parametrize(("status", "kind"), [(503, "failed"), (422, "refused")])
def test_answers_that_are_none_are_failed_requests(status: int, kind: str):
    load = asked(lambda _: (status, {}), renewed_after=1)
    assert {seen.kind for seen in load.answers} == {kind}
    assert load.failed == len(load.answers)


def test_a_connection_that_breaks_is_a_failed_request():
    def die(_: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        raise SystemExit

    load = asked(die)
    assert {seen.kind for seen in load.answers} == {"lost"}
    assert load.failed == len(load.answers)


def test_when_a_version_answered_last_is_known():
    load = Load([Seen(1.0, "2", "right", 1.0), Seen(2.0, "1", "right", 1.0), Seen(3.0, "", "lost", 0.0)])
    assert (load.last("2"), load.last("3")) == (1.0, float("-inf"))
    assert [seen.at for seen in load.between(2.0, 3.0).answers] == [2.0, 3.0]


def test_good_figures_keep_every_bar():
    assert all(bars().values())


@pytest.mark.parametrize(
    ("part", "figures", "missed"),
    [
        ("rollouts", {"failed": 1}, "failed requests in 20 rollouts"),
        ("rollouts", {"wrong": 1}, "wrong answers in them"),
        ("rollbacks", {"everywhere_s": [31.0]}, "rollback, from the command"),
        ("bad", {"adds 200 ms": FAULT | {"stopped": False}}, "of 1 bad canaries not stopped"),
        ("bad", {"adds 200 ms": FAULT | {"untouched": False}}, "stable was not as before"),
        ("bad", {"adds 200 ms": FAULT | {"hurt": 400}}, "share of requests"),
        ("healthy", {"stopped": 1}, "of 20 healthy canaries stopped"),
        ("healthy", {"tried": 19}, "without their canary"),
        ("kills", {"kills": [KILL | {"not_converged": ["a canary was left"]}]}, "not converged"),
        ("kills", {"kills": [KILL | {"history": ["wrong"]}]}, "the history is wrong"),
    ],
)
def test_what_went_wrong_misses_its_bar(part: str, figures: dict[str, Any], missed: str):
    [what] = [what for what, kept in bars(**{part: figures}).items() if not kept]
    assert missed in what


def test_only_the_figures_of_deploying_are_written_anew():
    document = "## Deploying\n\nwords\n\n### Figures of deploying\n\nold\n\n### More\n\nold\n\n## Next\n\nkept\n"
    assert (
        replaced(document, "new\n") == "## Deploying\n\nwords\n\n### Figures of deploying\n\nnew\n\n## Next\n\nkept\n"
    )


def test_times_go_to_one_document_and_all_else_to_the_other(tmp_path: Path):
    source = tmp_path / "deploy.json"
    source.write_text(json.dumps({"machine": {"cores": 2}, "found": FOUND}))
    speed, trust = tmp_path / "performance.md", tmp_path / "reliability.md"
    for document in (speed, trust):
        document.write_text("### Figures of deploying\n\n## Next\n")
    assert main(["--from", str(source), "--into", str(speed), str(trust)]) == 0
    assert f"### {TIMES}" in speed.read_text()
    assert "### Bad canaries" not in speed.read_text()
    assert "### Bad canaries" in trust.read_text()
    assert f"### {TIMES}" not in trust.read_text()
