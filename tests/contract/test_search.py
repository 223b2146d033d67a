"""Optuna's journal and its twin keep the same promises; what only a journal can promise follows."""

import multiprocessing
from pathlib import Path

import pytest
from optuna import load_study
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend

from slipway.adapters.optuna_search import OptunaSearch
from slipway.adapters.search_twin import RandomSearch
from slipway.core.errors import ToolFailed
from slipway.core.tuning import STARTED_BEFORE_PRUNING, Parameters, Range, TrialState
from slipway.ports import Search

SPACE = {
    "trees": Range(low=10, high=1000, log=True, whole=True),
    "rate": Range(low=0.01, high=0.3, log=True),
    "share": Range(low=0.5, high=1.0),
}
PRESENT: Parameters = {"trees": 200, "rate": 0.04, "share": 1.0}


def optuna(folder: Path, seed: int = 7, *, higher_is_better: bool = True) -> OptunaSearch:
    return OptunaSearch(folder, SPACE, PRESENT, seed=seed, higher_is_better=higher_is_better)


@pytest.fixture(params=["optuna", "twin"])
def search(request: pytest.FixtureRequest, tmp_path: Path) -> Search:
    if request.param == "twin":
        return RandomSearch(SPACE, PRESENT, seed=7, higher_is_better=True)
    return optuna(tmp_path / "study")


def finish(search: Search, value: float) -> int:
    trial = search.take(None)
    assert trial is not None
    search.step(trial.number, 0, value)
    search.complete(trial.number, value, 0.1)
    return trial.number


def test_the_first_trial_is_that_of_the_present_parameters(search: Search) -> None:
    first, second = search.take(None), search.take(None)
    assert first is not None
    assert second is not None
    assert (first.params, first.default, first.state) == (PRESENT, True, TrialState.RUNNING)
    assert not second.default


def test_what_is_proposed_lies_in_the_space_and_is_written_shortly(search: Search) -> None:
    for _ in range(12):
        number = finish(search, 0.5)
        [trial] = [each for each in search.trials() if each.number == number]
        assert set(trial.params) == set(SPACE)
        assert all(SPACE[name].holds(value) for name, value in trial.params.items())
        assert type(trial.params["trees"]) is int
        assert all(value == float(f"{value:.4g}") for value in trial.params.values() if isinstance(value, float))


def test_no_more_trials_are_given_out_than_the_budget_has(search: Search) -> None:
    finish(search, 0.5)
    assert search.take(2) is not None
    assert search.is_busy()
    assert search.take(2) is None


def test_a_trial_that_is_given_back_is_given_out_again_and_counts_once(search: Search) -> None:
    finish(search, 0.5)
    trial = search.take(2)
    assert trial is not None
    search.give_back(trial.number)
    assert not search.is_busy()
    again = search.take(2)
    assert again is not None
    assert again.params == trial.params
    assert len(search.trials()) == 2


def test_the_present_parameters_given_back_are_the_present_parameters_still(search: Search) -> None:
    first = search.take(None)
    assert first is not None
    search.give_back(first.number)
    again = search.take(None)
    assert again is not None
    assert (again.default, again.params) == (True, PRESENT)


def test_every_way_to_end_is_told(search: Search) -> None:
    numbers = []
    for _ in range(3):
        trial = search.take(None)
        assert trial is not None
        search.step(trial.number, 0, 0.4)
        numbers.append(trial.number)
    search.complete(numbers[0], 0.7, 1.5)
    search.prune(numbers[1], 0.5)
    search.fail(numbers[2], "the trees are too high", 0.2)
    told = {trial.number: trial for trial in search.trials()}
    assert [told[number].state for number in numbers] == ["complete", "pruned", "failed"]
    assert (told[numbers[0]].value, told[numbers[0]].seconds, told[numbers[0]].steps) == (0.7, 1.5, (0.4,))
    assert (told[numbers[1]].value, told[numbers[2]].problem) == (None, "the trees are too high")
    assert not search.is_busy()


def test_who_falls_behind_half_of_the_others_should_stop(search: Search) -> None:
    for place in range(STARTED_BEFORE_PRUNING):
        finish(search, 0.5 + place / 10)
    worse, better = search.take(None), search.take(None)
    assert worse is not None
    assert better is not None
    assert search.step(worse.number, 0, 0.65)
    assert not search.step(better.number, 0, 0.75)


def test_what_was_given_back_is_no_measure_for_others(search: Search) -> None:
    taken = [search.take(None) for _ in range(STARTED_BEFORE_PRUNING + 1)]
    numbers = [trial.number for trial in taken if trial is not None]
    for number in numbers:
        search.step(number, 0, 0.9)
        search.give_back(number)
    for _ in numbers:
        again = search.take(None)
        assert again is not None
        assert not search.step(again.number, 0, 0.1)


def test_the_present_parameters_are_measured_to_the_end(search: Search) -> None:
    first = search.take(None)
    assert first is not None
    for _ in range(STARTED_BEFORE_PRUNING + 1):
        finish(search, 0.9)
    assert not search.step(first.number, 0, 0.1)


def test_importances_are_shares_and_need_trials_that_differ(search: Search) -> None:
    finish(search, 0.5)
    assert search.importances() == {}
    for place in range(8):
        finish(search, 0.5 + place / 100)
    found = search.importances()
    assert set(found) == set(SPACE)
    assert sum(found.values()) == pytest.approx(1, abs=1e-4)


def proposals(search: Search, count: int) -> list[Parameters]:
    found = []
    for _ in range(count):
        trial = search.take(None)
        assert trial is not None
        search.complete(trial.number, trial.params["rate"], 0.1)
        found.append(trial.params)
    return found


@pytest.mark.parametrize("kind", ["optuna", "twin"])
def test_equal_seeds_propose_the_same_and_others_do_not(kind: str, tmp_path: Path) -> None:
    def made(name: str, seed: int) -> Search:
        if kind == "twin":
            return RandomSearch(SPACE, PRESENT, seed=seed, higher_is_better=True)
        return optuna(tmp_path / name, seed)

    one, same, other = (proposals(made(name, seed), 14) for name, seed in (("a", 7), ("b", 7), ("c", 8)))
    assert one == same
    assert one[1:] != other[1:]


def test_trials_outlive_the_process_that_made_them(tmp_path: Path) -> None:
    before = optuna(tmp_path / "study")
    finish(before, 0.5)
    before.close()
    [trial] = optuna(tmp_path / "study").trials()
    assert trial.value == 0.5


def test_a_trial_of_a_process_that_is_gone_is_done_by_another_with_the_same_proposals_after_it(tmp_path: Path) -> None:
    whole = proposals(optuna(tmp_path / "whole"), 13)
    begun = optuna(tmp_path / "study")
    proposals(begun, 11)
    assert begun.take(None) is not None
    begun.close()
    after = optuna(tmp_path / "study")
    assert proposals(after, 2) == whole[11:]
    assert len(after.trials()) == 13


def test_a_trial_of_a_process_that_lives_is_left_to_it(tmp_path: Path) -> None:
    mine, theirs = optuna(tmp_path / "study"), optuna(tmp_path / "study")
    first, second = mine.take(None), theirs.take(None)
    assert first is not None
    assert second is not None
    assert first.number != second.number
    assert len(mine.trials()) == 2


def test_half_a_line_at_the_end_of_the_journal_is_cut_off(tmp_path: Path) -> None:
    finish(optuna(tmp_path / "study"), 0.5)
    journal = tmp_path / "study" / "journal.log"
    with journal.open("ab") as file:
        file.write(b'{"op_code":4,"trial_')
    again = optuna(tmp_path / "study")
    finish(again, 0.6)
    assert [trial.value for trial in optuna(tmp_path / "study").trials()] == [0.5, 0.6]


def test_a_damaged_journal_is_told_with_what_to_do(tmp_path: Path) -> None:
    finish(optuna(tmp_path / "study"), 0.5)
    journal = tmp_path / "study" / "journal.log"
    journal.write_bytes(b"nonsense\n" + journal.read_bytes())
    with pytest.raises(ToolFailed, match=r"journal\.log") as refused:
        optuna(tmp_path / "study")
    assert "begins anew" in refused.value.next_step


def _take_all(folder: Path, budget: int) -> None:
    search = optuna(folder)
    while (trial := search.take(budget)) is not None:
        search.step(trial.number, 0, 0.5)
        search.complete(trial.number, 0.5, 0.0)


def test_processes_share_a_budget_exactly(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    hands = [context.Process(target=_take_all, args=(tmp_path / "study", 25)) for _ in range(3)]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()
    assert [hand.exitcode for hand in hands] == [0, 0, 0]
    trials = optuna(tmp_path / "study").trials()
    assert [trial.number for trial in trials] == list(range(25))
    assert [trial.default for trial in trials].count(True) == 1


def test_a_process_killed_between_queueing_and_failing_leaves_one_repetition(tmp_path: Path) -> None:
    """What such a process wrote is written here with Optuna's own words."""
    begun = optuna(tmp_path / "study")
    proposals(begun, 2)
    left = begun.take(None)
    assert left is not None
    begun.close()
    storage = JournalStorage(JournalFileBackend(str(tmp_path / "study" / "journal.log")))
    study = load_study(study_name="study", storage=storage)
    study.enqueue_trial(study.get_trials()[left.number].params, user_attrs={"retry_of": left.number})
    again = optuna(tmp_path / "study")
    repeated, following = proposals(again, 2)
    assert repeated == left.params
    assert following != left.params
