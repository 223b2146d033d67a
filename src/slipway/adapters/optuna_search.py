"""Optuna as our Search: what it proposes next, and a journal of all trials that several processes write.

The journal is a file that is only added to, as Optuna advises against SQLite for several processes. Its heartbeats
are unknown to the journal and to ask and tell, which leaves two things to us: the system's own locks, which a killed
process cannot leave behind, keep writers apart; and a trial names its owner, who holds a lock for as long as it lives,
so that a trial of a dead owner is seen at once and asked for again.
"""

import fcntl
import os
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

from slipway.core.errors import SlipwayError, ToolFailed
from slipway.core.tuning import Parameters, Range, Trial, TrialState, falls_behind
from slipway.workspace.files import unwritable

_JOURNAL = "journal.log"
_DEFAULT, _OWNER, _RETRY_OF, _PROBLEM, _SECONDS = "default", "owner", "retry_of", "problem", "seconds"
_QUEUED = "fixed_params"  # Optuna's own mark of a trial whose parameters were given
_SEEDS = 2**32


class OptunaSearch:
    """A study below ``folder``, which any number of processes may have open.

    What is proposed follows from seed, position in the order of proposals, and the trials that were done when it was
    asked for: one process that is killed and starts again proposes what it would have proposed.

    Args:
        present: parameters of the first trial, all inside ``space``.
    """

    def __init__(
        self, folder: Path, space: Mapping[str, Range], present: Parameters, *, seed: int, higher_is_better: bool
    ) -> None:
        self._folder = folder
        self._space = dict(space)
        self._present = {name: present[name] for name in space}
        self._seed = seed
        self._higher_is_better = higher_is_better
        self._owner = uuid4().hex
        self._claim: int | None = None
        with self._alone():
            self._study = self._opened()
            if not any(_DEFAULT in trial.user_attrs for trial in self._all()):
                self._enqueue(self._present, {_DEFAULT: True})

    def take(self, budget: int | None) -> Trial | None:
        """The next trial for this process; see the port."""
        with self._alone():
            self._give_back_of_the_dead()
            if budget is not None and self._used() >= budget:
                return None
            self._study.sampler = self._sampler()
            asked = self._study.ask(_distributions(self._space))
            self._own(asked)
            return self._told(self._all()[asked.number])

    def is_busy(self) -> bool:
        """Whether trials are at work that may come back."""
        with self._alone():
            return any(trial.state.name == "RUNNING" for trial in self._all())

    def step(self, number: int, step: int, value: float) -> bool:
        """Note a fold's value; see the port."""
        with self._alone():
            trial = self._all()[number]
            self._storage.set_trial_intermediate_value(trial._trial_id, step, value)
            if _DEFAULT in trial.user_attrs:
                return False
            others = [
                other.intermediate_values[step]
                for other in self._all()
                if other.number != number and step in other.intermediate_values and _counts(other)
            ]
            return falls_behind(value, others, higher_is_better=self._higher_is_better)

    def complete(self, number: int, value: float, seconds: float) -> None:
        """Note a trial that saw all folds."""
        self._end(number, "COMPLETE", {_SECONDS: seconds}, value)

    def prune(self, number: int, seconds: float) -> None:
        """Note a trial that fell behind."""
        self._end(number, "PRUNED", {_SECONDS: seconds})

    def fail(self, number: int, problem: str, seconds: float) -> None:
        """Note a trial whose parameters cannot be trained with."""
        self._end(number, "FAIL", {_SECONDS: seconds, _PROBLEM: problem})

    def give_back(self, number: int) -> None:
        """Let another, or a later run, begin this trial anew."""
        with self._alone():
            self._ask_again(self._all()[number])

    def trials(self) -> tuple[Trial, ...]:
        """Every trial that is at work or ended; see the port."""
        with self._alone():
            return tuple(self._told(trial) for trial in self._all() if _counts(trial) or trial.state.name == "RUNNING")

    def importances(self) -> dict[str, float]:
        """By functional ANOVA over a random forest (Hutter, Hoos and Leyton-Brown, 2014)."""
        from optuna.importance import FanovaImportanceEvaluator, get_param_importances

        with self._alone():
            values = {trial.value for trial in self._all() if trial.state.name == "COMPLETE"}
            if len(values) < 2:
                return {}
            with _quietly():
                found = get_param_importances(self._study, evaluator=FanovaImportanceEvaluator(seed=self._seed))
        return {name: round(float(share), 6) for name, share in found.items()}

    def close(self) -> None:
        """Stop being an owner; trials that this process still has are free from now on."""
        if self._claim is not None:
            os.close(self._claim)
            self._claim = None
            (self._owners / self._owner).unlink(missing_ok=True)

    @property
    def _owners(self) -> Path:
        return self._folder / "owners"

    @property
    def _storage(self) -> Any:
        return self._study._storage

    def _opened(self) -> Any:
        with _quietly():
            import optuna
            from optuna.storages import JournalStorage
            from optuna.storages.journal import JournalFileBackend

            optuna.logging.set_verbosity(optuna.logging.ERROR)
            path = self._folder / _JOURNAL
            _cut_off_half_a_line(path)
            storage = JournalStorage(JournalFileBackend(str(path), lock_obj=_Locked()))
            direction = "maximize" if self._higher_is_better else "minimize"
            return optuna.create_study(
                storage=storage, study_name=self._folder.name, direction=direction, load_if_exists=True
            )

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold the journal's lock; the system lets go of it however the process ends."""
        handle = _locked_file(self._folder / "journal.lock")
        try:
            _cut_off_half_a_line(self._folder / _JOURNAL)
            with _quietly():
                yield
        except (SlipwayError, KeyboardInterrupt):
            raise
        except OSError as error:
            raise unwritable(self._folder / _JOURNAL, error) from error
        except Exception as error:  # a library's own zoo of exceptions ends here
            raise self._unreadable(error) from error
        finally:
            os.close(handle)

    def _unreadable(self, error: Exception) -> ToolFailed:
        return ToolFailed(
            f"Optuna cannot use {self._folder / _JOURNAL}: {type(error).__name__}: {str(error)[:200]}",
            cause="the journal was edited or damaged, or written by another version of Optuna",
            next_step=f"remove the folder {self._folder} and run the same command again: it begins anew",
        )

    def _all(self) -> list[Any]:
        return list(self._study.get_trials(deepcopy=False))

    def _used(self) -> int:
        return sum(1 for trial in self._all() if trial.state.name == "RUNNING" or _counts(trial))

    def _sampler(self) -> Any:
        from optuna.samplers import TPESampler

        proposed = sum(1 for trial in self._all() if _OWNER in trial.user_attrs and _QUEUED not in trial.system_attrs)
        return TPESampler(multivariate=True, seed=(self._seed * 1_000_003 + proposed) % _SEEDS)

    def _own(self, asked: Any) -> None:
        """From here on the trial is this process's; without an owner it is nobody's."""
        if self._claim is None:
            self._claim = _locked_file(self._owners / self._owner)
        self._storage.set_trial_user_attr(asked._trial_id, _OWNER, self._owner)

    def _give_back_of_the_dead(self) -> None:
        for trial in self._all():
            owner = trial.user_attrs.get(_OWNER)
            if trial.state.name == "RUNNING" and (owner is None or not _is_alive(self._owners / owner)):
                self._ask_again(trial)

    def _ask_again(self, trial: Any) -> None:
        """Queue first, fail then: killed between the two, the next one finds it queued and only fails it.

        A proposal that nobody owned yet is dropped: whoever asks next is proposed the same.
        """
        again = any(other.user_attrs.get(_RETRY_OF) == trial.number for other in self._all())
        params = trial.params if _OWNER in trial.user_attrs else trial.system_attrs.get(_QUEUED)
        if params and not again:
            marks = {_DEFAULT: True} if _DEFAULT in trial.user_attrs else {}
            self._enqueue(params, marks | {_RETRY_OF: trial.number})
        self._end_now(trial.number, "FAIL", {})

    def _enqueue(self, params: Parameters, marks: dict[str, Any]) -> None:
        self._study.enqueue_trial(params, user_attrs=marks)

    def _end(self, number: int, state: str, notes: dict[str, Any], value: float | None = None) -> None:
        with self._alone():
            self._end_now(number, state, notes, value)

    def _end_now(self, number: int, state: str, notes: dict[str, Any], value: float | None = None) -> None:
        from optuna.trial import TrialState as State

        trial = self._all()[number]
        for name, note in notes.items():
            self._storage.set_trial_user_attr(trial._trial_id, name, note)
        values = None if value is None else [value]
        self._storage.set_trial_state_values(trial._trial_id, state=State[state], values=values)

    def _told(self, trial: Any) -> Trial:
        states = {"COMPLETE": TrialState.COMPLETE, "PRUNED": TrialState.PRUNED, "FAIL": TrialState.FAILED}
        began = trial.datetime_start
        return Trial(
            number=trial.number,
            params={name: self._space[name].spelled(trial.params[name]) for name in self._space},
            state=states.get(trial.state.name, TrialState.RUNNING),
            steps=tuple(value for _, value in sorted(trial.intermediate_values.items())),
            value=trial.value if trial.state.name == "COMPLETE" else None,
            seconds=trial.user_attrs.get(_SECONDS),
            began_ms=None if began is None else round(began.timestamp() * 1000),
            default=_DEFAULT in trial.user_attrs,
            problem=trial.user_attrs.get(_PROBLEM, ""),
        )


class _Locked:
    """Optuna's own lock around the journal: whoever writes holds ours already."""

    def acquire(self) -> bool:
        return True

    def release(self) -> None:
        return


def _counts(trial: Any) -> bool:
    """Whether a trial has used up a part of the budget; one that was given back has not."""
    return trial.state.name in {"COMPLETE", "PRUNED"} or (trial.state.name == "FAIL" and _PROBLEM in trial.user_attrs)


def _distributions(space: Mapping[str, Range]) -> dict[str, Any]:
    from optuna.distributions import FloatDistribution, IntDistribution

    return {
        name: IntDistribution(int(given.low), int(given.high), log=given.log)
        if given.whole
        else FloatDistribution(given.low, given.high, log=given.log)
        for name, given in space.items()
    }


def _locked_file(path: Path) -> int:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise unwritable(path, error) from error
    fcntl.flock(handle, fcntl.LOCK_EX)
    return handle


def _is_alive(claim: Path) -> bool:
    try:
        handle = os.open(claim, os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    else:
        with suppress(OSError):
            claim.unlink()
        return False
    finally:
        os.close(handle)


def _cut_off_half_a_line(path: Path) -> None:
    """A process that was killed, or a full disk, may have left one at the end."""
    with suppress(FileNotFoundError), path.open("rb+") as journal:
        size = journal.seek(0, os.SEEK_END)
        if size == 0:
            return
        journal.seek(size - 1)
        if journal.read(1) != b"\n":
            journal.seek(0)
            journal.truncate(journal.read().rfind(b"\n") + 1)


@contextmanager
def _quietly() -> Iterator[None]:
    """Optuna warns of what is experimental, which its pin in the requirements answers."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
