"""Pictures for docs/: the comment and the Slack thread that a rehearsal left behind, as people see them.

    make rehearse && python scripts/pictures.py

GitHub and Slack have styles of their own; these pictures show what is said and where, not their every pixel.
"""

import argparse
import html
import json
import re
import shutil
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt
from playwright.sync_api import sync_playwright

REHEARSED = Path("build/rehearsal")
PICTURES = Path("docs/images")
COMMENT = (
    "body {font: 14px/1.5 'Segoe UI', 'DejaVu Sans', Arial, sans-serif; color: #1f2328; margin: 0}"
    "main {width: 900px; margin: 16px; padding: 16px 24px; border: 1px solid #d1d9e0; border-radius: 6px}"
    "h2, h3 {border-bottom: 1px solid #d1d9e0; padding-bottom: .2em} h3 {border: 0} table {border-collapse: collapse}"
    "td, th {border: 1px solid #d1d9e0; padding: 6px 10px} tr:nth-child(2n) {background: #f6f8fa}"
    "code, pre {background: #f0f1f2; border-radius: 4px; padding: .1em .3em; font-size: 12px} details {margin: 8px 0}"
)
THREAD = (
    "body {font: 15px/1.45 Lato, 'DejaVu Sans', Arial, sans-serif; color: #1d1c1d; margin: 0}"
    "main {width: 860px; margin: 16px; padding: 12px 20px; border: 1px solid #ddd; border-radius: 8px}"
    "article {padding: 8px 0} .reply {margin-left: 28px; border-left: 3px solid #eee; padding-left: 14px}"
    "b.who {display: block} small {color: #616061} a {color: #1264a3; text-decoration: none}"
    "code {color: #c01343; background: #f6f6f6; border: 1px solid #ddd; border-radius: 3px; padding: 0 3px}"
    ".mention {background: #fdf2ce; color: #1264a3} p {margin: 2px 0; white-space: pre-line}"
)
EMOJI = {
    "white_check_mark": "✅", "x": "❌", "hourglass_flowing_sand": "⏳", "no_entry": "⛔", "package": "📦",
    "rotating_light": "🚨", "rewind": "⏪", "double_vertical_bar": "⏸", "warning": "⚠️", "fast_forward": "⏩",
}  # fmt: skip


def comment_page(markdown: str) -> str:
    """A comment as a page; what is folded stays folded."""
    body = MarkdownIt("commonmark", {"html": True}).enable("table").render(markdown)
    return _page(COMMENT, body)


def thread_page(messages: list[Mapping[str, Any]]) -> str:
    """Messages, each with the replies to it below it."""
    told = [each for root in messages for each in (root, *root.get("replies", ()))]
    return _page(THREAD, "".join(_message(message) for message in told))


def mrkdwn(text: str) -> str:
    """Slack's markup as HTML; its three control characters are encoded already."""
    text = re.sub(r"<(https?://[^|>]+)\|([^>]*)>", r'<a href="\1">\2</a>', text)
    text = re.sub(r"<(@[UW]\w+|!subteam\^S\w+)>", r'<span class="mention">\1</span>', text)
    text = re.sub(r"`([^`\n]+)`", r"<code>\1</code>", text)
    text = re.sub(r"(?<!\w)\*([^*\n]+)\*(?!\w)", r"<b>\1</b>", text)
    return re.sub(r":(\w+):", lambda found: EMOJI.get(found[1], found[0]), text)


def _message(message: Mapping[str, Any]) -> str:
    reply = message.get("thread_ts") not in (None, message["ts"])
    edited = " <small>(edited)</small>" if message.get("edited") else ""
    parts = "".join(_block(block) for block in message.get("blocks", []))
    return f'<article class="{"reply" if reply else "root"}"><b class="who">slipway{edited}</b>{parts}</article>'


def _block(block: Mapping[str, Any]) -> str:
    small = block["type"] == "context"
    texts = block["elements"] if small else [block["text"]]
    lines = "".join(f"<p>{_text(text)}</p>" for text in texts)
    return f"<small>{lines}</small>" if small else lines


def _text(text: Mapping[str, Any]) -> str:
    return mrkdwn(text["text"]) if text["type"] == "mrkdwn" else html.escape(text["text"])


def _page(style: str, body: str) -> str:
    return f"<!doctype html><meta charset=utf-8><style>{style}</style><main>{body}</main>"


def _photograph(pages: Mapping[Path, str], chromium: str) -> Iterator[Path]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--headless", "--no-sandbox"])
        for path, page_text in pages.items():
            page = browser.new_page(device_scale_factor=1.5)
            page.set_content(page_text)
            page.locator("main").screenshot(path=path)
            yield path
        browser.close()


def _pages(rehearsed: Path) -> dict[Path, str]:
    found: dict[Path, str] = {}
    for scenario, name in (("improves_the_model", "report"), ("fails_a_gate", "report-rejected")):
        for comment in sorted((rehearsed / scenario).glob("comment-*-1.md"))[:1]:
            found[PICTURES / f"{name}.png"] = comment_page(comment.read_text(encoding="utf-8"))
    opened = rehearsed / "monitor_drift" / "issue-opened.md"
    if opened.is_file():
        found[PICTURES / "monitor-issue.png"] = comment_page(opened.read_text(encoding="utf-8"))
    for scenario, name, is_thread in (
        ("release_to_cluster", "slack-thread", True),
        ("release_unwell", "slack-failure", True),
        ("monitor_drift", "slack-alarm", False),
    ):
        kept = rehearsed / scenario / "slack.json"
        if kept.is_file():
            roots = next(iter(json.loads(kept.read_text(encoding="utf-8"))["channels"].values()))
            shown = [root for root in roots if bool(root["replies"]) is is_thread]
            found[PICTURES / f"{name}.png"] = thread_page(shown[:1])
    return found


def main() -> int:
    """Make all pictures of which the rehearsal left something."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rehearsed", type=Path, default=REHEARSED)
    pages, chromium = _pages(parser.parse_args().rehearsed), shutil.which("chromium")
    if not pages or chromium is None:
        print("nothing to show: run `make rehearse` first, and install Chromium", file=sys.stderr)
        return 1
    for path in _photograph(pages, chromium):
        print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
