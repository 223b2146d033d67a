"""Whose token it is, and what it may do."""

from slack_sdk.web import SlackResponse

from slipway.adapters.slack.client import Undelivered, web_client, within
from slipway.adapters.slack.refusals import redacted
from slipway.core.answer import Answer
from slipway.report.text import plain

WRITE, READ = "chat:write", ("channels:history", "groups:history")


def identity(token: str, *, base_url: str, patience: float) -> Answer:
    """Whose token it is, as Slack's auth.test tells; a refusal, silence or a missing scope is an answer too."""
    secret = token.strip()
    client = web_client(secret, base_url, patience)
    try:
        reply = within(patience, secret, client.auth_test)
    except Undelivered as error:
        return Answer(ok=False, said=str(error))
    whose = redacted(plain(f"{reply.get('user', '?')} in {reply.get('team', '?')}"), secret)
    missing = _missing(reply)
    return Answer(ok=not missing, said=f"{whose}, {missing}" if missing else whose)


def _missing(reply: SlackResponse) -> str:
    """What the token may not do that we need; "" where Slack does not say what it may."""
    headers = {name.lower(): value for name, value in reply.headers.items()}
    if "x-oauth-scopes" not in headers:
        return ""
    told = headers["x-oauth-scopes"]
    scopes = {scope.strip() for scope in (told if isinstance(told, str) else ",".join(told)).split(",")}
    if WRITE not in scopes:
        return f"without the scope {WRITE}: it cannot post"
    return "" if scopes & set(READ) else f"without the scope {READ[0]} (or {READ[1]}): no threads"
