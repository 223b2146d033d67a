"""How GitHub is called: within a time, again where that helps, with every failure translated once."""

import http.client
import math
import random
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar
from urllib.parse import urlsplit

import requests
from github import GithubException
from github.GithubException import RateLimitExceededException

from slipway.core.errors import GitHubRefused, GitHubUnavailable, ReportRefused, SlipwayError

PATIENCE = 60.0
_T = TypeVar("_T")

_NEXT_STEPS = {
    401: "check GITHUB_TOKEN: it is wrong, or has expired",
    403: "give the token the permission that is missing (pull-requests: write, issues: write, actions: read or write)",
    404: "check GITHUB_REPOSITORY and the number, and that the token may see the repository",
    422: "look at what GitHub says about it",
}


@dataclass(frozen=True)
class Calls:
    """Makes calls; a whole call with all its attempts ends within ``patience`` seconds."""

    token: str = field(repr=False)
    patience: float = PATIENCE
    pause: float = 1.0

    def make(self, what: str, action: Callable[[], _T]) -> _T:
        """Do ``action`` until it succeeds, or trying again does not help or would take too long.

        ``action`` is repeated as a whole, so it has to find for itself what an earlier attempt has done.

        Raises:
            GitHubUnavailable: no answer, an answer of 5xx, or a limit of our rate that outlasts patience.
            GitHubRefused: any other refusal.
        """
        deadline = time.monotonic() + self.patience
        pause = self.pause
        before: Exception | None = None
        while True:
            try:
                return _until(deadline, action)
            except SlipwayError:
                raise
            except Exception as error:
                wait = _wait(error, pause * (0.5 + random.random()))  # noqa: S311  # no secret hangs on it
                if time.monotonic() + wait >= deadline:
                    told = before if before and isinstance(error, TimeoutError) else error
                    raise self._translated(what, told) from None
                before = error
            time.sleep(wait)
            pause *= 2

    def _translated(self, what: str, error: Exception) -> SlipwayError:
        told = _told(what, error)
        token = self.token.strip()
        words = (told.what, told.cause, told.next_step)
        what, cause, step = (text.replace(token, "***") if token else text for text in words)
        return type(told)(what, cause=cause, next_step=step)


def refused(error: GithubException) -> bool:
    """Whether it is an answer for good: not a passing failure, and not a limit of our rate."""
    return error.status < 500 and not _is_limited(error)


def download(address: str, base_url: str, at_most: int) -> bytes:
    """Fetch an archive from the store that GitHub names, without our token.

    Raises:
        ReportRefused: there is more than ``at_most`` bytes.
    """
    if urlsplit(address).scheme not in {"https", urlsplit(base_url).scheme}:
        raise GitHubRefused(
            "GitHub sends us to an address that is not of the web to download the artifact",
            cause="a proxy in between changes answers",
            next_step="check GITHUB_API_URL and the network",
        )
    with urllib.request.urlopen(address, timeout=10) as response:  # noqa: S310  # checked above
        content: bytes = response.read(at_most + 1)
    if len(content) > at_most:
        raise too_large(at_most)
    return content


def too_large(at_most: int) -> ReportRefused:
    """The refusal of an archive."""
    return ReportRefused(
        f"the artifact has more than the {at_most:,} bytes that are read",
        cause="the pull request changed what its workflow uploads",
        next_step="look at the artifact of the run before trusting the pull request",
    )


def _until(deadline: float, action: Callable[[], _T]) -> _T:
    """Act on a thread that is left behind at the deadline: a socket's timeout starts anew with every byte."""
    outcome: list[_T] = []
    failure: list[Exception] = []

    def act() -> None:
        try:
            outcome.append(action())
        except Exception as error:
            failure.append(error)

    worker = threading.Thread(target=act, daemon=True)
    worker.start()
    worker.join(max(0.0, deadline - time.monotonic()))
    if failure:
        raise failure[0]
    if not outcome:
        raise TimeoutError
    return outcome[0]


def _wait(error: Exception, pause: float) -> float:
    """Seconds after which trying again makes sense; infinite where it never does."""
    match error:
        case GithubException():
            return _asked_wait(error, pause)
        case urllib.error.HTTPError():
            return pause if error.code >= 500 or error.code == 429 else math.inf
        case requests.exceptions.InvalidHeader() | requests.exceptions.InvalidURL():
            return math.inf
        case requests.RequestException() | urllib.error.URLError() | OSError() | http.client.HTTPException():
            return pause
        case _:
            return math.inf


def _asked_wait(error: GithubException, pause: float) -> float:
    headers = _headers(error)
    if error.status >= 500:
        return max(pause, _seconds(headers.get("retry-after", "0")))
    if refused(error):
        return math.inf
    if "retry-after" in headers:
        return max(pause, _seconds(headers["retry-after"]))
    if headers.get("x-ratelimit-remaining") == "0":
        return max(pause, _seconds(headers.get("x-ratelimit-reset", "")) - time.time() + 1)
    return 5 * pause  # a limit that does not say for how long: we begin slower than after a failure


def _is_limited(error: GithubException) -> bool:
    if error.status == 429:
        return True
    limited = isinstance(error, RateLimitExceededException) or "retry-after" in _headers(error)
    return error.status == 403 and limited


def _headers(error: GithubException) -> Mapping[str, str]:
    return {name.lower(): value for name, value in (error.headers or {}).items()}


def _seconds(value: str) -> float:
    return float(value) if value.isdigit() else math.inf


def _told(what: str, error: Exception) -> SlipwayError:
    """What failed, in words that quote only what GitHub itself says; of the unforeseen the kind alone."""
    match error:
        case GithubException():
            return _told_of_answer(what, error)
        case TimeoutError() | requests.Timeout():
            cause = "GitHub did not answer in time"
        case requests.ConnectionError() | urllib.error.URLError() | OSError():
            cause = "GitHub cannot be reached: the network, a proxy in between, or GITHUB_API_URL is wrong"
        case _:
            cause = f"an answer that we did not foresee ({type(error).__name__})"
    return GitHubUnavailable(f"could not {what}", cause=cause, next_step="see githubstatus.com, run it again")


def _told_of_answer(what: str, error: GithubException) -> SlipwayError:
    if error.status >= 500:
        cause = f"GitHub answers with HTTP {error.status}"
        return GitHubUnavailable(f"could not {what}", cause=cause, next_step="see githubstatus.com, run it again")
    if not refused(error):
        cause = "GitHub limits our rate, and asks to wait longer than we do"
        return GitHubUnavailable(f"could not {what}", cause=cause, next_step="run it again later")
    said = " ".join(str((error.data or {}).get("message", "")).split())[:200] if isinstance(error.data, dict) else ""
    step = _NEXT_STEPS.get(error.status, "look at what GitHub says about it")
    return GitHubRefused(f"could not {what}", cause=f"GitHub refuses (HTTP {error.status}): {said}", next_step=step)
