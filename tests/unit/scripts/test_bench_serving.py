"""The benchmark of serving: servers are asked, understood and told as they should be."""

import json
import sys
from pathlib import Path

import pytest

from scripts.bench_serving import main, replaced
from scripts.benches.serving.running import NotServed, check, running
from scripts.benches.serving.servers import BARE, EMPTY, LITSERVE, MLFLOW, OURS, Peer
from scripts.benches.serving.telling import told

FIGURES = {
    "per_second_1": 100.0, "per_second_8": 600.0, "p50_ms": 1.0, "p99_ms": 2.0, "cpu_us": 100.0, "failed": 0,
    "many_rows_ms": 7.0, "first_answer_s": 0.5, "memory_mb": 90.0, "processes": 1,
}  # fmt: skip

SERVER = """
import http.server, json, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps({"probabilities": [float(sys.argv[2])]}).encode())
    def log_message(self, *_):
        pass
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""


def peer(code: str, answer: float = 0.25) -> Peer:
    return Peer(
        "a server",
        lambda port: [sys.executable, "-c", code, str(port), str(answer)],
        lambda rows: {"rows": rows},
        lambda answer: answer["probabilities"],
    )


def bars(servers: dict[str, dict[str, object]]) -> dict[str, bool]:
    return {one["what"]: one["kept"] for one in told(servers)["bars"]}


def test_a_server_runs_once_it_has_answered_correctly():
    with running(peer(SERVER), {"a": 1}, 0.25) as server:
        assert server.first_answer > 0
        assert server.memory_mb() > 1
        assert server.family() == [server.process.pid]
    assert server.process.returncode == -9


def test_a_server_that_ends_is_told_with_what_it_said():
    with (
        pytest.raises(NotServed, match="no such luck"),
        running(peer("import sys; sys.exit('no such luck')"), {}, 0.25),
    ):
        pass


def test_a_wrong_answer_is_no_answer():
    with pytest.raises(NotServed, match=r"answered \[0.25\], not \[0.5\]"):
        check(peer(SERVER), json.dumps({"probabilities": [0.25]}).encode(), [0.5])


def test_ratios_are_held_to_the_least_they_may_be():
    servers = {
        OURS: FIGURES,
        BARE: FIGURES,
        EMPTY: FIGURES | {"per_second_8": 601.0, "many_rows_ms": None},
        MLFLOW: FIGURES | {"per_second_8": 10.0},
        LITSERVE: FIGURES | {"per_second_8": 99.0},
    }
    kept = bars(servers)
    assert [kept[what] for what in kept if "at least" in what] == [False, True, True]


def test_failed_answers_of_any_server_are_told():
    assert bars({OURS: FIGURES, EMPTY: FIGURES | {"failed": 1}})["answers that failed"] is False


def test_only_the_figures_of_serving_are_written_anew(tmp_path: Path):
    document = (
        "# Speed\n\n## Serving\n\nwords\n\n### Figures of serving\n\nold\n\n### More\n\nold\n\n## Figures\n\nkept\n"
    )
    new = "# Speed\n\n## Serving\n\nwords\n\n### Figures of serving\n\nnew\n\n## Figures\n\nkept\n"
    assert replaced(document, "new\n") == new


def test_figures_that_were_written_are_told_again(tmp_path: Path):
    source, into = tmp_path / "serving.json", tmp_path / "performance.md"
    source.write_text(json.dumps({"machine": {"cores": 2}, "parts": [told({OURS: FIGURES})]}))
    into.write_text("### Figures of serving\n\n## Figures\n")
    assert main(["--from", str(source), "--into", str(into)]) == 0
    assert "| ours, everything on | 100 | 600 | 1.00 |" in into.read_text()
