"""Equal input, equal bytes: in another process, with another number of threads, on a table large enough for several."""

import os
import subprocess
import sys

import pytest

PROGRAM = """
import hashlib, numpy as np, pandas as pd
import os
from slipway.core.params import CatBoostParams, LightGBMParams
from slipway.core.task import Task
from slipway.features.encoders import ENCODERS
from slipway.training.catalog import make_trainer
from slipway.training.onnx_scoring import score
from slipway.workspace.files import written

random = np.random.default_rng(5)
rows = pd.DataFrame({"a": random.normal(size=60_000).astype("float32"), "b": random.choice(list("xyz"), 60_000)})
target = (rows.a + (rows.b == "x") + random.normal(size=60_000) > 0).to_numpy().astype("float64")
params = {
    "lightgbm": LightGBMParams(estimator="lightgbm", n_estimators=30, subsample=0.7, colsample_bytree=0.9),
    "catboost": CatBoostParams(estimator="catboost", iterations=30, subsample=0.7, rsm=0.9),
}[os.environ["ESTIMATOR"]]
model = make_trainer(params, Task.CLASSIFICATION, ENCODERS["lightgbm"](["a"], ["b"]), written).train(rows, target)
scores = model.evaluate(rows).tobytes() + score(model.save(), rows, ["a", "b"]).tobytes()
print(hashlib.sha256(model.save() + scores).hexdigest())
"""


def digest(estimator: str, cores: int) -> str:
    """LightGBM has as many threads as the environment says, CatBoost as there are cores that the process may use."""
    environment = {**os.environ, "OMP_NUM_THREADS": str(cores), "ESTIMATOR": estimator}
    done = subprocess.run([sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.mark.parametrize("estimator", ["lightgbm", "catboost"])
def test_the_number_of_threads_changes_nothing(estimator: str) -> None:
    assert digest(estimator, 1) == digest(estimator, 2)
