"""tune: trials of other parameters on folds of the training rows, and what they are worth. No holdout row is read."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from slipway.core.errors import DataMissing, TrainingFailed
from slipway.core.params import TrainParams, UseCaseParams
from slipway.core.tuning import Findings, Parameters, Range, Trial, TrialState, Tuning
from slipway.core.use_case import UseCase
from slipway.core.value import canonical_json, sha256
from slipway.data.folds import Fold, dealt_folds, ordered_folds, training_keys
from slipway.data.preparation import TARGET, TIME
from slipway.evaluation.evidence import Floats
from slipway.evaluation.measure import Measure
from slipway.evaluation.scores import Scores
from slipway.evaluation.selection import best_of, by_fold, chosen_elsewhere, gain_over
from slipway.evaluation.tasks import KITS
from slipway.ports import Search
from slipway.stages.recipe import trainer_of
from slipway.training.interface import Trainer
from slipway.training.spaces import space_of, tunable
from slipway.workspace.files import file_digest, read_frame, replacing
from slipway.workspace.paths import Paths

_PAUSE = 0.2


@dataclass(frozen=True, eq=False)
class Bench:
    """Everything that trials of one study have in common.

    Attributes:
        study: a digest of all that decides what a trial finds.
        inputs: features of the training rows, (n, k); ``target`` float64 (n,).
        folder: where scores of complete trials are kept.
    """

    use_case: UseCase
    params: UseCaseParams
    space: dict[str, Range]
    study: str
    inputs: pd.DataFrame
    target: Floats
    folds: tuple[Fold, ...]
    folder: Path

    @property
    def measure(self) -> Measure:
        return KITS[self.use_case.task].measures[self.params.gates.champion.metric]

    @property
    def present(self) -> Parameters:
        return {name: value for name, value in tunable(self.params.train).items() if name in self.space}

    @property
    def judged(self) -> npt.NDArray[np.intp]:
        """Positions of the rows that are measured on, fold after fold."""
        return np.concatenate([fold.judge for fold in self.folds])

    @property
    def fold_of(self) -> npt.NDArray[np.intp]:
        return np.concatenate([np.full(fold.judge.size, number) for number, fold in enumerate(self.folds)])

    def scores(self, values: Floats) -> Scores:
        """Scores of the first rows of ``judged``, as many as there are values."""
        return Scores(self.target[self.judged[: values.size]], values, self.params.evaluate.threshold)

    def kept(self, number: int) -> Path:
        """NumPy file, float64: a complete trial's scores of the rows of ``judged``."""
        return self.folder / "scores" / f"{number}.npy"


@dataclass(frozen=True)
class Effort:
    """How long trials go on.

    Attributes:
        trials: the number of them over all runs of the study; None for no limit.
        stop: asked between folds.
        say: told of every trial that ended.
    """

    trials: int | None
    stop: Callable[[], bool]
    say: Callable[[Trial, tuple[Trial, ...]], None]


def set_up(use_case: UseCase, paths: Paths, params: UseCaseParams) -> Bench:
    """Read the training rows and divide them into folds.

    Raises:
        DataMissing: prepare has not run, or for another table.
        DataUnfit: the rows cannot be divided.
        ParamsInvalid: the space is not one of the estimator's.
    """
    rows = read_frame(paths.train, made_by=f"slipway prepare {use_case.name}")
    space = space_of(params.train, params.tune.space, use_case.name)
    study = _identity(use_case, paths, params, space)
    names = [feature.name for feature in use_case.features]
    return Bench(
        use_case=use_case,
        params=params,
        space=space,
        study=study,
        inputs=rows[names],
        target=rows[TARGET].to_numpy(),
        folds=_folds(use_case, paths, params, rows),
        folder=paths.tuning / study[:12],
    )


def work(bench: Bench, search: Search, effort: Effort) -> None:
    """Try parameters until there is nothing left to try, or it is to stop; what was begun then is given back."""
    while not effort.stop():
        busy = search.is_busy()
        trial = search.take(effort.trials)
        if trial is not None:
            _try(bench, search, trial, effort)
        elif busy:
            time.sleep(_PAUSE)  # another process may die, and its trial be free
        else:
            return


def conclude(bench: Bench, search: Search) -> Tuning:
    """What the trials so far show."""
    trials = search.trials()
    whole = [(trial, values) for trial in trials if (values := _read_scores(bench, trial)) is not None]
    return Tuning(
        use_case=bench.use_case.name,
        study=bench.study,
        estimator=bench.params.train.estimator,
        metric=bench.measure.name,
        higher_is_better=bench.measure.higher_is_better,
        rows=int(bench.judged.size),
        folds=len(bench.folds),
        ordered_by=bench.use_case.time if bench.params.split.by == "time" else None,
        present=bench.present,
        space=bench.space,
        trials=trials,
        shown=_compared(bench, whole),
        importances=search.importances(),
    )


def _identity(use_case: UseCase, paths: Paths, params: UseCaseParams, space: dict[str, Range]) -> str:
    """Trials count together only where rows, folds, model, metric and the code that trains are the same."""
    told = {
        "rows": file_digest(paths.train),
        "code": _code(paths),
        "features": [feature.name for feature in use_case.features],
        "train": params.train.model_dump(mode="json"),
        "split": params.split.model_dump(mode="json"),
        "space": {name: given.model_dump(mode="json") for name, given in space.items()},
        "metric": [params.gates.champion.metric, params.evaluate.threshold],
        "folds": [params.tune.folds, params.tune.seed],
    }
    return sha256(canonical_json(told))


def _code(paths: Paths) -> dict[str, str]:
    """Digests of what DVC watches for the stage train, by path."""
    folders = ("src/slipway/features", "src/slipway/training", f"src/use_cases/{paths.use_case}")
    files = [path for folder in folders for path in sorted((paths.root / folder).rglob("*.py"))]
    pins = paths.root / "requirements" / "run.txt"
    return {str(path.relative_to(paths.root)): file_digest(path) for path in (*files, pins) if path.is_file()}


def _folds(use_case: UseCase, paths: Paths, params: UseCaseParams, rows: pd.DataFrame) -> tuple[Fold, ...]:
    """In order of time where the holdout is; else by the raw table's key, which is all that is read of it."""
    if params.split.by == "time":
        return ordered_folds(rows[TIME], params.tune.folds)
    made_by = f"slipway run {use_case.name} --until collect"
    keys = training_keys(read_frame(paths.raw, made_by=made_by, columns=list(use_case.key)), use_case, params.split)
    if len(keys) != len(rows):
        raise DataMissing(
            f"{paths.train} was prepared from another table than {paths.raw}",
            cause="data or split changed since",
            next_step=f"run `slipway run {use_case.name} --until prepare`",
        )
    return dealt_folds(keys, params.tune.folds, params.split.salt)


def _try(bench: Bench, search: Search, trial: Trial, effort: Effort) -> None:
    """One trial, fold after fold, to its end or to where it falls behind.

    Raises:
        TrainingFailed: these are the present parameters, with which there is nothing to compare others.
    """
    began = time.monotonic()
    try:
        ended = _measure(bench, search, trial, effort.stop, began)
    except TrainingFailed as error:
        if trial.default:
            search.give_back(trial.number)
            raise
        search.fail(trial.number, error.what, time.monotonic() - began)
        ended = True
    if ended:
        known = search.trials()
        effort.say(next(each for each in known if each.number == trial.number), known)


def _measure(bench: Bench, search: Search, trial: Trial, stop: Callable[[], bool], began: float) -> bool:
    """Whether the trial came to an end; if not, it was given back."""
    trainer = _trainer(bench, trial.params)
    values, measured = np.empty(0), None
    for step, fold in enumerate(bench.folds):
        if stop():
            search.give_back(trial.number)
            return False
        values = np.concatenate([values, _scored(trainer, bench, fold)])
        measured = bench.measure.compared_value(bench.scores(values))
        known = measured is not None and np.isfinite(measured)
        behind = known and search.step(trial.number, step, float(measured or 0.0))
        if behind and values.size < bench.judged.size:
            search.prune(trial.number, time.monotonic() - began)
            return True
    if measured is None or not np.isfinite(measured):
        raise _unfit(f"{bench.measure.name} is not defined for what it predicts")
    _keep_scores(bench, trial.number, values)
    search.complete(trial.number, measured, time.monotonic() - began)
    return True


def _trainer(bench: Bench, chosen: Parameters) -> Trainer:
    return trainer_of(bench.use_case, with_parameters(bench.params.train, chosen))


def with_parameters(train: TrainParams, chosen: Parameters) -> TrainParams:
    """The same estimator with other parameters."""
    return type(train).model_validate(train.model_dump() | chosen)


def _scored(trainer: Trainer, bench: Bench, fold: Fold) -> Floats:
    try:
        model = trainer.train(bench.inputs.iloc[fold.learn], bench.target[fold.learn])
        return np.asarray(model.evaluate(bench.inputs.iloc[fold.judge]), dtype="float64")
    except Exception as error:  # a library's own zoo of exceptions ends here
        raise _unfit(f"{type(error).__name__}: {str(error)[:200]}") from error


def _unfit(what: str) -> TrainingFailed:
    return TrainingFailed(
        what,
        cause="settings that exclude each other, or data the estimator cannot take",
        next_step="look at the sections `train` and `tune` in params.yaml and at the prepared table",
    )


def _keep_scores(bench: Bench, number: int, values: Floats) -> None:
    """Before the trial is called complete, so that every complete one has them."""
    with replacing(bench.kept(number)) as temporary, temporary.open("wb") as file:
        np.save(file, values)


def _read_scores(bench: Bench, trial: Trial) -> Floats | None:
    if trial.state is not TrialState.COMPLETE:
        return None
    try:
        values = np.load(bench.kept(trial.number))
    except (OSError, ValueError):  # removed or damaged by hand: the trial still counts, and is not compared
        return None
    return values if values.shape == bench.judged.shape else None


def _compared(bench: Bench, whole: list[tuple[Trial, Floats]]) -> Findings:
    ordered = sorted(whole, key=lambda pair: not pair[0].default)  # of equals, what is there already is best
    if not ordered or not ordered[0][0].default:
        return Findings()
    measure, fold_of = bench.measure, bench.fold_of
    models = [bench.scores(values) for _, values in ordered]
    best = best_of(models, measure)
    present, winner = models[0], models[best]
    folds = zip(by_fold(present, fold_of, measure), by_fold(winner, fold_of, measure), strict=True)
    return Findings(
        best=ordered[best][0].number,
        apparent=gain_over(winner, present, measure),
        gain=gain_over(chosen_elsewhere(models, fold_of, measure), present, measure),
        by_fold=tuple(folds),
    )
