"""What went wrong between Slack and us, in words that hold no secret."""

from http.client import HTTPException
from urllib.error import URLError

from slack_sdk.errors import SlackApiError, SlackClientError

from slipway.report.text import plain

_NEXT_STEPS = {
    "invalid_auth": "check SLACK_BOT_TOKEN",
    "not_authed": "check SLACK_BOT_TOKEN",
    "token_revoked": "make a new bot token and set SLACK_BOT_TOKEN",
    "token_expired": "make a new bot token and set SLACK_BOT_TOKEN",
    "account_inactive": "make a new bot token and set SLACK_BOT_TOKEN",
    "not_in_channel": "invite the app to the channel",
    "channel_not_found": "check SLACK_CHANNEL, and invite the app if the channel is private",
    "is_archived": "set SLACK_CHANNEL to a channel that is not archived",
}


def reason(error: Exception) -> str:
    """Cause and next step; of unforeseen errors the kind only, as their text may quote the token."""
    match error:
        case SlackApiError():
            return _refusal(error)
        case TimeoutError():
            return "Slack did not answer in time; check the network and status.slack.com"
        case URLError():
            return f"Slack cannot be reached: {error.reason}; check the network and any proxy"
        case HTTPException() | OSError() | SlackClientError():
            return f"the connection to Slack broke ({type(error).__name__}); check the network and any proxy"
        case _:
            return f"the call failed ({type(error).__name__}); check SLACK_BOT_TOKEN and SLACK_CHANNEL"


def _refusal(error: SlackApiError) -> str:
    status = error.response.status_code
    if status == 429 or status >= 500:
        return status_words(status)
    if error.response.get("error") == "missing_scope":
        needed = plain(str(error.response.get("needed") or "chat:write"))[:200]
        return f"Slack refused: missing_scope; give the app the scope {needed} and install it again"
    code = plain(str(error.response.get("error", "unknown_error")))[:200]
    return f"Slack refused: {code}; {_NEXT_STEPS.get(code, 'see the error in the documentation of chat.postMessage')}"


def status_words(status: int) -> str:
    """What a status other than 200 means."""
    if status == 429:
        return "Slack limits our rate and asks to wait longer than we do; results that come later are sent"
    if status >= 500:
        return f"Slack answers with HTTP {status}; see status.slack.com"
    if status in {403, 404, 410}:
        return f"Slack refused with HTTP {status}; make a new webhook and set SLACK_WEBHOOK_URL"
    return f"Slack refused with HTTP {status}; the message was not to its liking"


def redacted(text: str, token: str | None) -> str:
    """The text without the token."""
    return text.replace(token, "***") if token else text
