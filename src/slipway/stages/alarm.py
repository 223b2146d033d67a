"""alarm: what a look found is told where it differs from the look before, and kept as one issue while it lasts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from slipway.core.errors import GitHubRefused, GitHubUnavailable, SlipwayError
from slipway.core.issue import Issue, mark_of, told_in, written
from slipway.core.stage_result import StageResult
from slipway.core.watch import Answer, Watch
from slipway.ports import Issues, Notifier
from slipway.report.watch import render
from slipway.report.watch_words import headline, verdict

STAGE = "monitor"
_NEXT = "open the issue or the run's report: it says what moved, by how much, and since when"


@dataclass(frozen=True)
class Told:
    """What became of a look: whether people were told, and the issue that stands, if any."""

    people: bool
    issue: str


def previous(watch: Watch, kept: Sequence[Watch]) -> Watch | None:
    """The look before this one, of those that are kept; this one may be among them."""
    earlier = [look for look in kept if look.made_at < watch.made_at]
    return max(earlier, key=lambda look: look.made_at, default=None)


def alarm(watch: Watch, before: Watch | None, notifier: Notifier, issues: Issues | None, *, run_url: str) -> Told:
    """Open, update or close the issue, and tell people what is new; done again, it is done once.

    What was told last stands in the issue, hidden, and is written there after the telling: killed in between, people
    are told twice rather than never. Where there is no issue, the look before says what was told. An issue that a
    person closed is taken as known for as long as nothing changes.

    Args:
        before: the look before; None where this is the first.
        issues: None where there is no repository.
        run_url: a page about this look; "" where there is none.

    Raises:
        GitHubUnavailable, GitHubRefused: people were told, and the issue is as it was.
    """
    keeper = _Keeper(watch, issues, run_url)
    news = _differs(watch, before) if keeper.issue is None else keeper.is_news
    if watch.alarms and not keeper.is_known:
        keeper.write(told=told_in(keeper.issue.body) if keeper.issue else "")
        news = news or keeper.is_new
    if news:
        notifier.notify(_result(watch, before, keeper.url, run_url))
    if not keeper.is_known:
        keeper.settle()
    if keeper.trouble is not None:
        raise keeper.trouble
    return Told(people=news, issue=keeper.url)


def _differs(watch: Watch, before: Watch | None) -> bool:
    return _state(watch) != (_state(before) if before else ([], Answer.NO.value))


def _state(watch: Watch) -> tuple[list[str], str]:
    """What people are told changes of."""
    return sorted(set(watch.alarms)), watch.retrain.answer.value


class _Keeper:
    """The issue of a use case through one look; a GitHub that fails is remembered and asked no more."""

    def __init__(self, watch: Watch, issues: Issues | None, run_url: str) -> None:
        self._watch, self._issues = watch, issues
        self._text = render(watch, run_url=run_url)
        self._mark = mark_of(*_state(watch))
        self.trouble: SlipwayError | None = None
        self.is_new = False
        latest = self._asked(lambda there: there.latest(watch.use_case))
        closed_as_known = latest is not None and not latest.is_open and told_in(latest.body) == self._mark
        self.is_known = closed_as_known and bool(watch.alarms)
        self.issue = latest if latest is not None and (latest.is_open or self.is_known) else None

    @property
    def url(self) -> str:
        return self.issue.url if self.issue else ""

    @property
    def is_news(self) -> bool:
        return self.issue is not None and told_in(self.issue.body) != self._mark

    def write(self, *, told: str) -> None:
        body = written(self._watch.use_case, self._text, told)
        self.is_new = self.issue is None
        kept = self._asked(lambda there: there.put(self._watch.use_case, self._title, body))
        self.is_new = self.is_new and kept is not None
        self.issue = kept or self.issue

    def settle(self) -> None:
        """Note in the issue what was told; close it where there is no alarm any more."""
        if self.issue is None:
            return
        if self._watch.alarms:
            self.write(told=self._mark)
            return
        body = written(self._watch.use_case, self._text, self._mark)
        comment = f"The alarms are over, as of version {self._watch.version} at {self._watch.made_at}."
        self._asked(lambda there: there.close(self._watch.use_case, self._title, body, comment))

    @property
    def _title(self) -> str:
        alarms = self._watch.alarms
        return f"{self._watch.use_case}: {', '.join(alarms)}"[:200] if alarms else f"{self._watch.use_case}: no alarm"

    def _asked(self, question: Callable[[Issues], Issue | None]) -> Issue | None:
        if self._issues is None or self.trouble is not None:
            return None
        try:
            return question(self._issues)
        except (GitHubUnavailable, GitHubRefused) as error:
            self.trouble = error
            return None


def _result(watch: Watch, before: Watch | None, issue: str, run_url: str) -> StageResult:
    pages = {"issue": issue, "run and report": run_url}
    return StageResult(
        use_case=watch.use_case,
        stage=STAGE,
        status="alarm" if watch.alarms else "done",
        headline=headline(watch, before),
        seconds=0.0,
        next_step=_NEXT if watch.alarms else "",
        links={label: address for label, address in pages.items() if address},
    )


def summary_line(watch: Watch, told: Told) -> str:
    """For the terminal."""
    where = f", {told.issue}" if told.issue else ""
    return f"{verdict(watch)}; {'people were told' if told.people else 'nobody is told'}{where}"
