import html
import io
import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt

from slipway.adapters.github_twin import Head, PullRequestsInMemory
from slipway.core.comment import LONGEST, MARKER
from slipway.core.errors import DataMissing, ReportRefused
from slipway.core.pull_report import Dossier, PullReport
from slipway.core.stage_result import StageResult
from slipway.report.pull_request import render
from slipway.stages.comment import MEMBERS, Origin, checked, post, read_report, report_of_run

SHA = "a" * 40
RUN_URL = "https://github.com/acme/models/actions/runs/5"
ORIGIN = Origin(run=5, run_url=RUN_URL, sha=SHA, repository="fork/models", branch="topic")
REPORT = PullReport(base="b" * 40, head=SHA, made_at="2026-01-01T00:00:00+00:00", price=0.006)
Change = Callable[[dict[str, Any]], object]


def archive(content: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr(MEMBERS[0], content)
        file.writestr(MEMBERS[1], "# what nobody reads")
    return buffer.getvalue()


def left_by_run(content: bytes) -> PullRequestsInMemory:
    return PullRequestsInMemory(
        heads=(Head(7, SHA, "fork/models", "topic"),), artifacts={(5, "report"): archive(content)}
    )


def changed(change: Change) -> bytes:
    document = REPORT.model_dump(mode="json")
    change(document)
    return json.dumps(document).encode()


def hostile(text: str) -> PullReport:
    result = StageResult(
        use_case=text[:400],
        stage=text,
        status="failed",
        headline=text,
        seconds=1.0,
        cause=text,
        next_step=text,
        exit_code=22,
    )
    dossier = Dossier(use_case=text[:400], reasons=(text,), results=(result,), previous_params={text: text})
    return REPORT.model_copy(update={"dossiers": (dossier,), "removed": (text[:400],), "base": text[:400]})


def test_the_report_of_a_run_is_read_and_linked_to_that_run() -> None:
    report = report_of_run(ORIGIN, left_by_run(REPORT.model_dump_json().encode()))
    assert report == REPORT.model_copy(update={"run_url": RUN_URL})


def test_an_address_that_the_run_wrote_itself_is_not_shown() -> None:
    written = changed(lambda d: d.update(run_url="https://evil.example/runs/5"))
    report = report_of_run(ORIGIN, left_by_run(written))
    assert report is not None
    assert "evil.example" not in render(report)


def test_a_run_that_left_no_report_has_none() -> None:
    assert report_of_run(ORIGIN, PullRequestsInMemory()) is None


def test_a_report_about_another_commit_is_refused() -> None:
    other = REPORT.model_copy(update={"head": "c" * 40}).model_dump_json().encode()
    with pytest.raises(ReportRefused, match="another commit"):
        report_of_run(ORIGIN, left_by_run(other))


REFUSED: dict[str, bytes] = {
    "not JSON": b"# report",
    "a list": b"[]",
    "NaN": changed(lambda d: d.update(price=float("nan"))),
    "infinite": changed(lambda d: d.update(price=1)).replace(b'"price": 1', b'"price": 1e999'),
    "giant": changed(lambda d: d.update(price=1)).replace(b'"price": 1', b'"price": 1' + b"0" * 5000),
    "deep": changed(lambda d: d.update(price=1)).replace(b'"price": 1', b'"price": ' + b"[" * 9000 + b"]" * 9000),
    "text for a number": changed(lambda d: d.update(price="0.1")),
    "another version": changed(lambda d: d.update(schema_version=2)),
    "an unknown key": changed(lambda d: d.update(pull_request=1)),
    "a key less": changed(lambda d: d.pop("base")),
    "a key twice": b'{"head": "x", ' + REPORT.model_dump_json().encode()[1:],
    "a script for an address": changed(lambda d: d.update(run_url="javascript:alert(1)")),
    "a long line": changed(lambda d: d.update(base="x" * 10_000)),
    "use cases without end": changed(lambda d: d.update(removed=["x"] * 100_000)),
    "half a character": changed(lambda d: d.update(base="\ud800")),
}


@pytest.mark.parametrize("content", REFUSED.values(), ids=REFUSED)
def test_a_document_that_is_not_our_report_is_refused(content: bytes) -> None:
    with pytest.raises(ReportRefused):
        report_of_run(ORIGIN, left_by_run(content))


def test_a_refusal_repeats_nothing_of_the_document() -> None:
    with pytest.raises(ReportRefused) as caught:
        checked(changed(lambda d: d.update({"\n::add-mask::x": "@everyone"})))
    assert "add-mask" not in str(caught.value)
    assert "@everyone" not in str(caught.value)


def test_a_number_in_the_archive_decides_nothing() -> None:
    pulls = left_by_run(REPORT.model_dump_json().encode())
    assert pulls.with_head(SHA, repository=ORIGIN.repository, branch=ORIGIN.branch) == (7,)
    assert "number" not in PullReport.model_fields


def test_our_own_report_is_read_from_its_file(tmp_path: Path) -> None:
    (tmp_path / "report.json").write_text(REPORT.model_dump_json())
    assert read_report(tmp_path / "report.json") == REPORT


def test_a_report_that_was_not_made_is_missing(tmp_path: Path) -> None:
    with pytest.raises(DataMissing, match=r"report\.json cannot be read"):
        read_report(tmp_path / "report.json")


def test_a_report_is_posted_on_every_pull_request_of_the_head_and_updated() -> None:
    pulls = PullRequestsInMemory()
    first = post(REPORT, [7, 8], pulls, render)
    assert post(REPORT, [7, 8], pulls, render) == first
    assert [len(pulls.comments[number]) for number in (7, 8)] == [1, 1]


def test_a_comment_begins_with_the_marker_and_fits() -> None:
    pulls = PullRequestsInMemory()
    post(REPORT, [7], pulls, lambda _: "x" * 70_000)
    (said,) = pulls.comments[7]
    assert said.body.startswith(MARKER)
    assert len(said.body) <= LONGEST


OURS = {"h2", "h3", "h4", "p", "table", "thead", "tbody", "tr", "th", "td", "details", "summary", "strong", "b", "em"}
OURS |= {"code", "ul", "ol", "li", "a", "br", "sub", "hr"}
MENTION = re.compile(r"@octocat|@acme|(?<!\w)#1|GH-1|acme/models#1")  # GitHub looks for these in what is shown
ADDRESS = re.compile(r"https?://(?!github\.com)|www\.")  # and for these in what is written


def made_of(body: str) -> set[str]:
    """Names of the HTML elements that Markdown becomes; links that lead elsewhere count as "elsewhere"."""
    shown = MarkdownIt("commonmark", {"html": True}).enable("table").render(body)
    elsewhere = re.search(r"<a href=\"(?!https://github\.com/|#)", shown)
    return set(re.findall(r"<([a-z][a-z0-9]*)", shown.lower())) | ({"elsewhere"} if elsewhere else set())


def words(body: str) -> str:
    """What is shown outside of code, as GitHub's search for mentions sees it."""
    shown = MarkdownIt("commonmark", {"html": True}).enable("table").render(body)
    return html.unescape(re.sub(r"<[^>]*>", " ", re.sub(r"(?s)<code>.*?</code>|<!--.*?-->", " ", shown)))


WRITTEN = [
    "@octocat and @acme/team",
    "![pixel](https://evil.example/pixel.png)",
    "<img src=https://evil.example/p.png onerror=alert(1)>",
    "[click](https://evil.example)",
    "https://evil.example/bare",
    "www.evil.example",
    "</details></td></table><h1>merged</h1>",
    f"{MARKER} <!-- open",
    "-->",
    "| a | b |\n\n# heading\n\n- [ ] task",
    "`code` ```\nfence\n```",
    "#1 and GH-1 and acme/models#1",
    "\u202egnp.exe",
    "\u2066hidden\u2069\u200b",
    "&#64;octocat &lt;b&gt;",
    "\\<b> \\@octocat",
    "::set-output name=x::y",
    "x" * 15_000,
]


@pytest.mark.parametrize("text", WRITTEN, ids=lambda text: text[:16].encode("ascii", "replace").decode())
def test_what_a_stranger_wrote_is_shown_as_words_only(text: str) -> None:
    body = render(hostile(text))
    assert len(body) <= LONGEST
    assert body.count("<!--") == body.count("-->")
    assert body.count(MARKER) == 1
    assert not [sign for sign in "\u202e\u2066\u2069" if sign in body]
    assert made_of(body) <= OURS
    assert not MENTION.search(words(body))
    assert not ADDRESS.search(body)
