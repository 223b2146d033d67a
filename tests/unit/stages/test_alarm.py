import pytest

from slipway.adapters.github_twin import IssuesInMemory
from slipway.adapters.terminal import RecordingNotifier
from slipway.core.errors import GitHubUnavailable
from slipway.core.stage_result import StageResult
from slipway.core.watch import Answer, Retrain, Watch
from slipway.stages.alarm import Told, alarm, previous
from tests.support.looks import CALM, DRIFT, LOSS, YES, drifted, watch

PAGE = "https://github.com/acme/models/actions/runs/7"
DOWN = GitHubUnavailable("could not write the issue", cause="GitHub answers with HTTP 500", next_step="run it again")


class House:
    """Slack and GitHub, kept in memory, and looks one after the other."""

    def __init__(self) -> None:
        self.notifier = RecordingNotifier()
        self.issues = IssuesInMemory()
        self.before: Watch | None = None

    def look(self, watch: Watch) -> Told:
        told = alarm(watch, self.before, self.notifier, self.issues, run_url=PAGE)
        self.before = watch
        return told

    @property
    def told(self) -> list[StageResult]:
        return self.notifier.results

    @property
    def open(self) -> list[str]:
        return [one.title for one in self.issues.issues if one.is_open]


@pytest.fixture
def house() -> House:
    return House()


def test_a_healthy_week_tells_nobody(house: House) -> None:
    for day in range(15, 22):
        told = house.look(watch(made_at=f"2026-11-{day}T04:17:05+00:00"))
        assert told == Told(people=False, issue="")
    assert house.told == []
    assert house.issues.issues == []


def test_an_alarm_opens_one_issue_and_calls_people_once(house: House) -> None:
    for day in range(15, 22):
        house.look(drifted(made_at=f"2026-11-{day}T04:17:05+00:00"))
    assert house.open == ["churn: drift of tenure, loss of ROC AUC"]
    (result,) = house.told
    assert result.status == "alarm"
    assert result.calls
    assert result.links == {"issue": "memory://issues/1", "run and report": PAGE}
    assert "drift of tenure" in result.headline


def test_an_issue_is_brought_up_to_date_by_every_look(house: House) -> None:
    house.look(drifted(made_at="2026-11-20T04:17:05+00:00"))
    house.look(drifted(version=4))
    assert "Version 4" in house.issues.issues[0].body
    assert len(house.issues.issues) == 1


def test_another_alarm_is_told_in_the_same_issue(house: House) -> None:
    house.look(watch(DRIFT))
    house.look(watch(DRIFT, LOSS, made_at="2026-11-22T04:17:05+00:00"))
    assert len(house.told) == 2
    assert house.open == ["churn: drift of tenure, loss of ROC AUC"]


def test_when_the_alarms_are_over_the_issue_is_closed_with_a_comment_and_people_are_told(house: House) -> None:
    house.look(drifted())
    house.look(watch(made_at="2026-11-22T04:17:05+00:00", version=4))
    house.look(watch(made_at="2026-11-23T04:17:05+00:00", version=4))
    assert house.open == []
    assert ["over" in comment for comment in house.issues.issues[0].comments] == [True]
    assert [result.status for result in house.told] == ["alarm", "done"]
    assert "over: drift of tenure, loss of ROC AUC" in house.told[1].headline


def test_an_alarm_that_comes_again_gets_an_issue_of_its_own(house: House) -> None:
    for look in (watch(DRIFT), watch(), watch(DRIFT)):
        house.look(look)
    assert [one.is_open for one in house.issues.issues] == [False, True]
    assert len(house.told) == 3


@pytest.mark.parametrize("answer", [Answer.YES, Answer.WAIT])
def test_a_changed_decision_is_told_without_an_issue(house: House, answer: Answer) -> None:
    house.look(watch())
    house.look(watch(retrain=Retrain(answer=answer, cause=None, since="", reasons=("it is old",))))
    assert [result.headline for result in house.told] == [f"retrain: {answer} (was no): it is old"]
    assert not house.told[0].calls
    assert house.issues.issues == []


def test_a_look_that_was_killed_before_anybody_was_told_is_told_by_the_next(house: House) -> None:
    house.before = drifted(made_at="2026-11-20T04:17:05+00:00")
    house.look(drifted())
    assert len(house.told) == 1


class Killed(BaseException):
    pass


class DyingNotifier(RecordingNotifier):
    def notify(self, result: StageResult) -> None:
        raise Killed


def test_killed_between_the_issue_and_the_message_people_are_told_by_the_next(house: House) -> None:
    with pytest.raises(Killed):
        alarm(drifted(), None, DyingNotifier(), house.issues, run_url=PAGE)
    house.before = drifted()
    house.look(drifted(made_at="2026-11-22T04:17:05+00:00"))
    assert len(house.told) == 1
    assert len(house.issues.issues) == 1


def test_an_issue_that_a_person_closed_is_known_until_something_changes(house: House) -> None:
    house.look(watch(DRIFT))
    house.issues.issues[0].is_open = False
    house.look(watch(DRIFT, made_at="2026-11-22T04:17:05+00:00"))
    assert house.open == []
    assert len(house.told) == 1
    house.look(watch(DRIFT, LOSS, made_at="2026-11-23T04:17:05+00:00"))
    assert house.open == ["churn: drift of tenure, loss of ROC AUC"]
    assert len(house.told) == 2


def test_an_issue_of_somebody_else_is_left_alone(house: House) -> None:
    house.look(watch(DRIFT))
    house.issues.issues[0].bot = False
    house.before = None
    house.look(watch(DRIFT, LOSS))
    assert house.issues.issues[0].title == "churn: drift of tenure"
    assert len(house.issues.issues) == 2


def test_without_github_people_are_told_and_no_issue_is_kept(house: House) -> None:
    told = alarm(drifted(), None, house.notifier, None, run_url="")
    assert told == Told(people=True, issue="")
    assert alarm(drifted(), drifted(), house.notifier, None, run_url="") == Told(people=False, issue="")


def test_a_github_that_fails_hinders_nobody_from_being_told_and_is_not_hidden(house: House) -> None:
    house.issues.failing = DOWN
    with pytest.raises(GitHubUnavailable):
        house.look(drifted())
    assert len(house.told) == 1


def test_the_look_before_is_the_newest_older_one() -> None:
    days = [watch(made_at=f"2026-11-{day}T04:17:05+00:00", retrain=YES if day == 20 else CALM) for day in (21, 20, 19)]
    assert previous(days[0], days) == days[1]
    assert previous(days[2], days) is None
