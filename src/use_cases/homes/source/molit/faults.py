"""Everything the API may answer instead of trades, and what each means for whoever asked.

The codes are those of the Korean public data portal, whose gateway sends them with HTTP 200.
"""

from slipway.core.errors import SourceUnavailable

NO_DATA = "03"
QUOTA_USED = "22"
TOO_FAST = "23"
KEY_UNKNOWN = "30"
KEY_EXPIRED = "31"

WORDS = {
    "01": "the ministry's application failed",
    "02": "the ministry's database failed",
    NO_DATA: "there are no trades of this month",
    "04": "the gateway did not reach the ministry",
    "05": "the ministry did not answer the gateway in time",
    "10": "a parameter of the request is wrong",
    "11": "a parameter of the request is missing",
    "12": "there is no such service, or no longer",
    "20": "access is denied",
    "21": "the key is blocked for a time",
    QUOTA_USED: "the key's daily quota of requests is used up",
    TOO_FAST: "more requests came in a second than are allowed",
    KEY_UNKNOWN: "the key is not registered",
    KEY_EXPIRED: "the key has expired",
    "32": "this machine's address is not registered for the key",
    "33": "the request was not signed",
    "99": "the gateway failed and does not say why",
}
PASSING = frozenset({"01", "02", "04", "05", TOO_FAST, "99"})
"""What another attempt may get over."""

ABOUT_THE_KEY = "docs/use-cases/homes.md tells how to get a key; set MOLIT_SERVICE_KEY and run the same command again"
CURES = {
    "20": ("the key was made for another service", f"apply for this service at data.go.kr. {ABOUT_THE_KEY}"),
    "21": ("too much was asked with it", "wait for an hour, then run the same command again"),
    QUOTA_USED: (
        "every request counts, and the count starts anew at midnight in Korea",
        "run the same command again tomorrow: it goes on with the months that are missing",
    ),
    KEY_UNKNOWN: (
        "the key was encoded twice on its way, was cut short, or was given out less than an hour or two ago",
        f"copy the key called Decoding from data.go.kr, without %. {ABOUT_THE_KEY}",
    ),
    KEY_EXPIRED: ("keys are given out for a time only", f"extend it at data.go.kr. {ABOUT_THE_KEY}"),
    "32": ("the key was limited to other addresses", "add this machine's address at data.go.kr"),
}


class Fault(Exception):
    """One answer that brought no trades.

    Attributes:
        code: the gateway's, or "" where it was none that the gateway documents.
        passes: whether another attempt may get over it.
        wait: seconds that the other side asks for, or 0.
    """

    def __init__(self, code: str, words: str, *, passes: bool, wait: float = 0.0) -> None:
        super().__init__(words)
        self.code = code
        self.words = words
        self.passes = passes
        self.wait = wait


def coded(code: str, said: str = "") -> Fault:
    """The fault of a documented code; one that is not documented is told in the API's own words."""
    code = code.strip().zfill(2)
    words = WORDS.get(code, f"the API refuses with a code that is not documented{f', {said[:80]!r}' if said else ''}")
    return Fault(code, f"{words} (code {code})", passes=code in PASSING)


def passing(words: str, *, wait: float = 0.0) -> Fault:
    """A fault of the way there: another attempt may get over it."""
    return Fault("", words, passes=True, wait=wait)


def told(fault: Fault, where: str, attempts: int) -> SourceUnavailable:
    """The fault as the error that ends a collection."""
    cause, step = CURES.get(fault.code, _usual(fault))
    tried = f" ({attempts} attempts)" if attempts > 1 else ""
    return SourceUnavailable(f"{where}: {fault.words}{tried}", cause=cause, next_step=step)


def _usual(fault: Fault) -> tuple[str, str]:
    if fault.passes:
        return (
            "the portal or the network is having a bad time",
            "run the same command again later: it goes on with the months that are missing",
        )
    return "the API has changed, or was asked wrongly", "compare the request with the API's page at data.go.kr"
