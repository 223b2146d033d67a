"""Text in Slack: mrkdwn and Block Kit, with nothing from outside taken for markup, within Slack's limits."""

import re
from typing import Any

from slipway.report.text import plain, shorten

LONGEST_TEXT = 3000  # characters Slack takes in one section
Block = dict[str, Any]


def escape(text: str) -> str:
    """Text in which Slack sees no mention, link or markup tag: its three control characters are encoded."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def safe(text: str, limit: int = LONGEST_TEXT) -> str:
    """One escaped line of at most ``limit`` characters before escaping."""
    return escape(shorten(plain(text), limit))


def link(label: str, address: str) -> str:
    """A link, or its label alone where the address is none of the web or would end the link early."""
    if not re.fullmatch(r"https?://[^\s<>|]{1,280}", address):
        return safe(label, 60)
    return f"<{escape(address)}|{safe(label, 60)}>"


def links(addresses: dict[str, str]) -> str:
    """All links on a line."""
    return " · ".join(link(label, address) for label, address in addresses.items())


def section(markup: str) -> Block:
    """A section of mrkdwn; what is in it from outside is escaped already."""
    return {"type": "section", "text": {"type": "mrkdwn", "text": shorten(markup, LONGEST_TEXT)}}


def context(markup: str) -> Block:
    """Small print, as ``section``."""
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": shorten(markup, LONGEST_TEXT)}]}


def verbatim(text: str) -> Block:
    """Text in which Slack sees no markup at all."""
    return {"type": "plain_text", "text": shorten(text, LONGEST_TEXT), "emoji": False}


def mention(member: str) -> str:
    """A user's or a user group's id as Slack tells them."""
    return f"<!subteam^{member}>" if member.startswith("S") else f"<@{member}>"
