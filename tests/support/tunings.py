"""Trials and what a search shows, made up."""

from slipway.core.tuning import Findings, Gain, Range, Trial, TrialState, Tuning

SPACE = {
    "num_leaves": Range(low=4, high=64, log=True, whole=True),
    "learning_rate": Range(low=0.01, high=0.3, log=True),
}


def trial(number: int, value: float, *, default: bool = False, leaves: int = 8, rate: float = 0.04) -> Trial:
    """A complete one."""
    return Trial(
        number=number,
        params={"num_leaves": leaves, "learning_rate": rate},
        state=TrialState.COMPLETE,
        steps=(value,),
        value=value,
        seconds=1.0,
        began_ms=1_780_000_000_000 + number,
        default=default,
    )


def tuning(
    *,
    trials: tuple[Trial, ...] = (),
    study: str = "study",
    best: int | None = None,
    gain: tuple[float, float, float] | None = None,
    relative: bool = False,
) -> Tuning:
    """What a search over churn shows; ``gain`` is value, low and high."""
    told = None if gain is None else Gain(value=gain[0], low=gain[1], high=gain[2], relative=relative)
    return Tuning(
        use_case="churn",
        study=study,
        estimator="lightgbm",
        metric="roc_auc",
        higher_is_better=True,
        rows=5285,
        folds=5,
        ordered_by=None,
        present={"num_leaves": 8, "learning_rate": 0.04},
        space=SPACE,
        trials=trials,
        shown=Findings(best=best, apparent=told, gain=told, by_fold=((0.83, 0.84),)),
        importances={"num_leaves": 0.75, "learning_rate": 0.25},
    )
