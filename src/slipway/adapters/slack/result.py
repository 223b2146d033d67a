"""A stage's result as a message."""

from collections.abc import Sequence

from slipway.adapters.slack.words import Block, context, links, mention, safe, section, verbatim
from slipway.core.stage_result import StageResult
from slipway.report.text import plain

_LONGEST_CAUSE = 1000


def fallback(result: StageResult, mentions: Sequence[str] = ()) -> str:
    """What a phone's notification shows, as Slack's mrkdwn."""
    verb = "skipped" if result.skipped else result.status
    told = safe(f"{result.use_case} {result.stage} {verb}: {_headline(result)}")
    return " ".join((told, *_called(result, mentions)))


def blocks(result: StageResult, mentions: Sequence[str] = ()) -> list[Block]:
    """Block Kit: who and how long, what was found and, after a failure, why, what to do and whom it calls."""
    took = f" · {result.seconds:.1f} s" if result.seconds else ""
    title = f"{_icon(result)} *{safe(result.use_case, 200)}* · {safe(result.stage, 200)}{took}"
    parts: list[Block] = [section(title)]
    if headline := _headline(result):
        parts.append({"type": "section", "text": verbatim(headline)})
    if cause := plain(result.cause):
        parts.append({"type": "context", "elements": [verbatim(f"Likely cause: {cause[:_LONGEST_CAUSE]}")]})
    if called := _called(result, mentions):
        parts.append(section(" ".join(called)))
    if result.links:
        parts.append(context(links(result.links)))
    if next_step := plain(result.next_step):
        parts.append({"type": "context", "elements": [verbatim(f"Next step: {next_step}")]})
    return parts


def _icon(result: StageResult) -> str:
    if result.calls:
        return ":x:" if result.status == "failed" else ":rotating_light:"
    return ":fast_forward:" if result.skipped else ":white_check_mark:"


def _called(result: StageResult, mentions: Sequence[str]) -> list[str]:
    return [mention(member) for member in mentions] if result.calls else []


def _headline(result: StageResult) -> str:
    """With the verdict, where the headline does not begin with it."""
    headline = plain(result.headline)
    return headline if headline.startswith(result.verdict) else f"{result.verdict}: {headline}"
