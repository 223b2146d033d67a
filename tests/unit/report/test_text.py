import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from slipway.report.text import BREAK, counted, escape, fold, listing, plain, shorten, table

MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
HOSTILE = st.text(st.sampled_from("ab1|<>&`*_~[](){}!#@$\\\"':/.+-=^ \n\r\t\x00\u202e\u200b"), max_size=60)
OUTSIDE = st.one_of(
    st.text(max_size=80),
    HOSTILE,
    st.sampled_from([
        "<script>alert(1)</script>",
        "a | b\n| c",
        "```\nfence",
        "</details>",
        "@everyone #12 GH-3",
        "https://x.example www.x.example mailto:a@b.c",
        "[text](http://x)",
        "![i](http://x)",
        "1. one",
        "- - -",
        "&lt;b&gt;",
        "$a$ :smile:",
    ]),
)  # fmt: skip


def shown(inline: Token) -> str:
    return "".join(child.content for child in inline.children or ())


def seen(text: str) -> str:
    return text.replace(BREAK, "")


def inlines(markdown: str) -> list[Token]:
    return [token for token in MARKDOWN.parse(markdown) if token.type == "inline"]


@given(OUTSIDE)
@example("&#46;0.5")
@example("_a_ __b__ snake_case")
def test_escaped_text_is_shown_in_a_table_cell_as_it_is(text: str) -> None:
    cells = inlines(table(("Head", "Other"), [(escape(text), "end")]))
    assert [child.type for child in cells[2].children or ()] in ([], ["text"])
    assert [seen(shown(cell)) for cell in cells] == ["Head", "Other", plain(text), "end"]


@given(OUTSIDE)
def test_escaped_text_is_shown_in_a_list_item_as_it_is(text: str) -> None:
    tokens = MARKDOWN.parse(f"- {escape(text) or '(empty)'}")
    assert [t.type for t in tokens] == [
        "bullet_list_open", "list_item_open", "paragraph_open", "inline", "paragraph_close", "list_item_close",
        "bullet_list_close",
    ]  # fmt: skip
    assert seen(shown(tokens[3])) == (plain(text) or "(empty)")


@given(OUTSIDE)
def test_escaped_text_opens_no_tag(text: str) -> None:
    assert not set(escape(text)) & set("<>|`\n\r")


@given(OUTSIDE)
def test_escaped_text_mentions_nobody_and_refers_to_nothing(text: str) -> None:
    visible = "".join(shown(token) for token in inlines(f"x {escape(text)}"))
    assert not re.search(r"[@#]\w|GH-\d", visible, re.IGNORECASE)


@given(OUTSIDE)
def test_escaped_text_leaves_no_address_to_link(text: str) -> None:
    assert not re.search(r"https?://|www\.|mailto:", escape(text))


@pytest.mark.parametrize(
    "text",
    ["plain words", "snake_case", "-0.004", "+0.388", "0.840 (0.820 to 0.860)", "2026-01-02T03:04:05+00:00", "5 %"],
)
def test_harmless_text_stays_readable_in_the_source(text: str) -> None:
    assert escape(text) == text


def test_a_long_text_is_cut_before_it_is_escaped() -> None:
    assert escape("*" * 300, limit=3) == "&#42;&#42;…"


def test_marks_that_turn_the_direction_of_text_are_removed() -> None:
    assert escape("abc\u202egnp.exe") == "abcgnp.exe"


def test_half_a_surrogate_pair_can_be_written() -> None:
    assert escape("a\ud800b").encode() == b"a?b"


def test_text_within_the_limit_is_not_cut() -> None:
    assert shorten("12345", 5) == "12345"


def test_a_listing_says_how_many_it_leaves_out() -> None:
    assert listing(["a", "b", "c"], 2) == "a, b and 1 more"


@pytest.mark.parametrize(("number", "text"), [(1, "1 row"), (0, "0 rows"), (1760, "1,760 rows")])
def test_counts_agree_with_their_noun(number: int, text: str) -> None:
    assert counted(number, "row") == text


def test_what_is_folded_is_still_read_as_markdown() -> None:
    assert "<strong>b</strong>" in MARKDOWN.render(fold("More", "**b**"))
