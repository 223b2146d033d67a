"""How much a model's predictions hang on each of its inputs."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from slipway.core.importances import Importances
from slipway.training.onnx_scoring import score

_ROWS = 1_000
_DEALS = 3


def importances(model: bytes, inputs: pd.DataFrame, names: Sequence[str], seed: int = 0) -> Importances:
    """Mean absolute change of the prediction when one column's values are dealt to other rows, as shares of the total.

    It needs no labels and no kind of model. After Breiman, Random Forests (2001), with the change of the prediction in
    the place of the change of the error: an input that no prediction depends on has none.

    Args:
        model: a serialized ONNX graph, as ``score`` takes it.
        inputs: the columns ``names``, (n, k); at most 1,000 rows of them are looked at.
    """
    rows = inputs[list(names)].sample(n=min(len(inputs), _ROWS), random_state=seed).reset_index(drop=True)
    dice = np.random.default_rng(seed)
    order = [dice.permutation(len(rows)) for _ in range(_DEALS)]
    dealt = [rows.assign(**{name: rows[name].to_numpy()[deal]}) for name in names for deal in order]
    said = score(model, pd.concat([rows, *dealt], ignore_index=True), names).reshape(-1, len(rows))
    moved = np.abs(said[1:] - said[0]).mean(axis=1).reshape(len(names), _DEALS).mean(axis=1)
    total = moved.sum()
    shares = moved / total if total > 0 else moved
    return Importances(rows=len(rows), shares={name: float(share) for name, share in zip(names, shares, strict=True)})
