"""The weekly message on all live models."""

from slipway.adapters.slack.words import LONGEST_TEXT, Block, safe, section
from slipway.core.digest import Digest, Lived
from slipway.report.digest import details, heading

_MOST_SECTIONS = 3  # Slack refuses messages of some 13,000 characters, counted with their JSON
_MOST_WORDS = 300


def digest_message(digest: Digest) -> tuple[str, list[Block]]:
    """What a phone's notification shows, and Block Kit: a line a use case, those with alarms first."""
    texts = [f"*{safe(heading(digest), 300)}*"]
    lived = sorted(digest.lived, key=lambda one: (-one.standing, -len(one.alarms), one.use_case))
    for place, one in enumerate(lived):
        line = _line(one)
        if len(texts[-1]) + len(line) + 1 > LONGEST_TEXT - 100:
            if len(texts) == _MOST_SECTIONS:
                texts[-1] += f"\nand {len(lived) - place:,} more"
                break
            texts.append("")
        texts[-1] += f"\n{line}" if texts[-1] else line
    return safe(heading(digest), 300), [section(text) for text in texts]


def _line(one: Lived) -> str:
    icon = ":rotating_light:" if one.standing else ":white_check_mark:" if one.looks else ":grey_question:"
    return f"{icon} *{safe(one.use_case, 80)}* {safe(details(one), _MOST_WORDS)}"
