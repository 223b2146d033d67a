"""From training rows to an ONNX model, its signature, and everybody's scores on the holdout."""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pandas as pd

from slipway.core.background import Background
from slipway.core.errors import SlipwayError, TrainingFailed
from slipway.core.evaluation import Parity
from slipway.core.params import AnyTrainParams
from slipway.core.signature import Interval, Signature
from slipway.core.training import Training
from slipway.core.use_case import UseCase
from slipway.core.value import sha256
from slipway.data.preparation import TARGET, TIME
from slipway.stages.recipe import naive_guess, trainer_of
from slipway.training.background import draw_background
from slipway.training.interface import FittedModel, Trainer
from slipway.training.intervals import prediction_interval
from slipway.training.onnx_codes import coded, score_coded
from slipway.training.onnx_scoring import score
from slipway.training.parity import prove_parity
from slipway.training.signature import infer_signature
from slipway.workspace.files import read_frame, replacing_folder, write_document, write_frame
from slipway.workspace.paths import Paths

_SHUFFLED_ROWS = 20_000


def train(use_case: UseCase, paths: Paths, params: AnyTrainParams, *, in_time: bool = False) -> str:
    """Fit, export, prove parity and score the holdout; returns the headline.

    Args:
        in_time: whether rows are held out in order of time; then so are folds.

    Raises:
        DataMissing: a prepared table is absent or damaged.
        TrainingFailed: the estimator refused the data or its settings.
        ParityBroken: the exported model is not the fitted one.
    """
    rows, holdout = (
        read_frame(path, made_by=f"slipway prepare {use_case.name}") for path in (paths.train, paths.holdout)
    )
    names = [feature.name for feature in use_case.features]
    trainer = trainer_of(use_case, params)
    model = _fit(trainer, rows[names], rows[TARGET].to_numpy())
    exported = model.save()
    candidate = score(exported, holdout, names)
    parity = prove_parity(model.evaluate(holdout), candidate)
    graphs = {"model.onnx": exported} | _shortcut(exported, holdout, names, candidate)
    signature = infer_signature(use_case, rows, _interval(use_case, trainer, rows, params, in_time))
    training = _describe(params.estimator, exported, parity, len(rows))
    _write_model(paths, graphs, signature, draw_background(use_case, rows, params.seed), training)
    shuffled = _fit_on_shuffled_labels(trainer, rows, names, params.seed).evaluate(holdout)
    write_frame(paths.scores, _scores(candidate, naive_guess(use_case, rows, holdout), shuffled))
    difference = parity.largest_relative_difference
    return f"{params.estimator} on {len(rows):,} rows; ONNX within {difference:.0e} of it on {parity.rows:,} rows"


def _shortcut(exported: bytes, holdout: pd.DataFrame, names: list[str], candidate: np.ndarray) -> dict[str, bytes]:
    """The graph for single rows, where there is one, proved to say of every holdout row what the model says."""
    graph = coded(exported)
    if graph is None:
        return {}
    prove_parity(candidate, score_coded(graph, holdout, names))
    return {"coded.onnx": graph}


def _interval(
    use_case: UseCase, trainer: Trainer, rows: pd.DataFrame, params: AnyTrainParams, in_time: bool
) -> Interval | None:
    if not use_case.task.has_interval:
        return None
    inputs, target = rows[[feature.name for feature in use_case.features]], rows[TARGET].to_numpy()
    time = rows[TIME].to_numpy() if in_time else None
    with _failures_told():
        return prediction_interval(trainer, inputs, target, params.seed, relative=params.target == "log", time=time)


def _fit(trainer: Trainer, inputs: pd.DataFrame, target: np.ndarray) -> FittedModel:
    with _failures_told():
        return trainer.train(inputs, target)


@contextmanager
def _failures_told() -> Iterator[None]:
    try:
        yield
    except SlipwayError:
        raise
    except Exception as error:  # a library's own zoo of exceptions ends here
        raise TrainingFailed(
            f"the estimator could not be fitted: {type(error).__name__}: {error}",
            cause="settings that exclude each other, or data the estimator cannot take",
            next_step="look at the section `train` in params.yaml and at the prepared table",
        ) from error


def _fit_on_shuffled_labels(trainer: Trainer, rows: pd.DataFrame, names: list[str], seed: int) -> FittedModel:
    """A model that has learned nothing, for the gates to refuse; a sample of the rows is enough for that."""
    sample = rows.sample(n=min(len(rows), _SHUFFLED_ROWS), random_state=seed)
    labels = np.random.default_rng(seed).permutation(sample[TARGET].to_numpy())
    return _fit(trainer, sample[names], labels)


def _describe(estimator: str, exported: bytes, parity: Parity, rows: int) -> Training:
    return Training(
        estimator=estimator,
        train_rows=rows,
        holdout_rows=parity.rows,
        model_digest=sha256(exported),
        model_bytes=len(exported),
        parity=parity,
    )


def _write_model(
    paths: Paths, graphs: dict[str, bytes], signature: Signature, background: Background, training: Training
) -> None:
    with replacing_folder(paths.model) as folder:
        for name, graph in graphs.items():
            (folder / name).write_bytes(graph)
        write_document(folder / "signature.json", signature)
        write_document(folder / "background.json", background)
        write_document(folder / "training.json", training)


def _scores(candidate: np.ndarray, baseline: np.ndarray, shuffled: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame({"candidate": candidate, "baseline": baseline, "shuffled": shuffled})
