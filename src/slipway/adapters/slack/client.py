"""One delivery to Slack, of as many calls as it needs, within a bound of time."""

import logging
import threading
import time
from collections.abc import Callable
from typing import TypeVar

from slack_sdk import WebClient, WebhookClient

from slipway.adapters.slack.refusals import reason, redacted
from slipway.adapters.slack.retries import handlers

PATIENCE = 10.0
PAUSE = 0.5
T = TypeVar("T")


class Undelivered(Exception):
    """Slack did not take a call; its text holds no secret."""


def within(patience: float, secret: str, deliver: Callable[[], T]) -> T:
    """Deliver on a thread that is left behind when patience ends: a socket's timeout starts anew with every byte.

    Raises:
        Undelivered: whatever went wrong, without ``secret``.
    """
    outcome: list[T | Undelivered] = []
    worker = threading.Thread(target=lambda: outcome.append(_attempt(secret, deliver)), daemon=True)
    worker.start()
    worker.join(patience)
    if not outcome:
        raise Undelivered(f"no answer within {patience:g} s; check the network and status.slack.com")
    if isinstance(outcome[0], Undelivered):
        raise outcome[0]
    return outcome[0]


def web_client(token: str, base_url: str, patience: float, pause: float = PAUSE) -> WebClient:
    """A client of the Web API that retries for ``patience`` seconds from now, all its calls together."""
    return WebClient(
        token=token,
        base_url=base_url,
        timeout=max(1, round(patience)),
        retry_handlers=list(handlers(time.monotonic() + patience, pause)),
        logger=_silent(),
    )


def webhook_client(url: str, patience: float, pause: float = PAUSE) -> WebhookClient:
    """A client of an incoming webhook that retries for ``patience`` seconds from now."""
    return WebhookClient(
        url,
        timeout=max(1, round(patience)),
        retry_handlers=list(handlers(time.monotonic() + patience, pause)),
        logger=_silent(),
    )


def _silent() -> logging.Logger:
    """What the client would log, we report ourselves, once and without headers."""
    return logging.Logger("slack_sdk", level=logging.CRITICAL)


def _attempt(secret: str, deliver: Callable[[], T]) -> T | Undelivered:
    try:
        return deliver()
    except Undelivered as error:
        return error
    except Exception as error:  # whatever happens in a notifier ends as a line in the log
        return Undelivered(redacted(reason(error), secret))
