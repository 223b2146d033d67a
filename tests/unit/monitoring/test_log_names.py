"""Only files that can hold entries of a span are opened."""

from slipway.core.log_file import LogFile
from slipway.monitoring.log.names import in_span
from tests.support.prediction_logs import DAY, START, name


def file(begun: float, modified: float, *, process: str = "host-7", number: int = 0, end: str = "") -> LogFile:
    return LogFile(name(START + begun, process, number, end), START + modified, 10)


def opened(*files: LogFile) -> list[str]:
    return [each.name for each in in_span(files, START, START + 7 * DAY)]


def test_a_file_that_was_last_written_before_the_span_is_not_opened() -> None:
    assert opened(file(-2 * DAY, -DAY)) == []


def test_a_file_begun_before_the_span_and_written_in_it_is_opened() -> None:
    assert len(opened(file(-9 * DAY, 10), file(3 * DAY, 3 * DAY, number=1))) == 2


def test_a_file_begun_after_the_span_is_not_opened_unless_it_may_hold_what_waited() -> None:
    assert opened(file(9 * DAY, 10 * DAY)) == []
    assert len(opened(file(7.5 * DAY, 10 * DAY))) == 1


def test_the_next_file_of_a_process_ends_the_one_before_even_in_a_copy() -> None:
    copied = [file(-9 * DAY, 6 * DAY), file(-8 * DAY, 6 * DAY, number=1), file(-8 * DAY, 6 * DAY, process="other-9")]
    assert opened(*copied) == sorted(copied[at].name for at in (1, 2))


def test_a_clock_that_was_set_back_between_two_files_ends_nothing() -> None:
    assert len(opened(file(2 * DAY, 2 * DAY), file(-9 * DAY, 3 * DAY, number=1))) == 2


def test_a_name_that_says_nothing_is_opened_and_one_under_way_as_well() -> None:
    odd = LogFile("predictions-copy.jsonl.gz", START - 30 * DAY, 10)
    never = LogFile("predictions-20261399T999999Z-host-7-0.jsonl.gz", START - 30 * DAY, 10)
    assert opened(odd, never, file(DAY, DAY, end=".part")) == sorted(
        [odd.name, never.name, name(START + DAY, end=".part")]
    )
