"""What is promised, and from when somebody is told that it is not kept: every figure of rules and dashboards."""

from dataclasses import dataclass

ANSWERS = 'route=~"predict|invocations|infer|explain|feedback"'
PREDICTIONS = 'route=~"predict|invocations|infer"'
OF = "use_case, environment"

ERROR_BUDGET = 0.001
SLOW_BUDGET = 0.01
SLOW_SECONDS = 0.1  # one of the bounds of the endpoint's histogram
REFUSED_SHARE = 0.05
LEAST_REQUESTS = 20
LEAST_JUDGED = 100
LOOKS_AT_LEAST_HOURS = 36
UNWATCHED_DAYS = 2
RETRAIN_DAYS = 2
WINDOWS = ("5m", "30m", "1h", "2h", "6h", "1d", "3d")


@dataclass(frozen=True)
class Burn:
    """How quickly a month's budget is used up before somebody is told, over a long window and a short one.

    The four pairs and their factors are those of Google's *The Site Reliability Workbook*, chapter 5, table 5-8.
    """

    severity: str
    factor: float
    long: str
    short: str
    wait: str


BURNS = (
    Burn("page", 14.4, "1h", "5m", "2m"),
    Burn("page", 6.0, "6h", "30m", "15m"),
    Burn("ticket", 3.0, "1d", "2h", "1h"),
    Burn("ticket", 1.0, "3d", "6h", "3h"),
)
