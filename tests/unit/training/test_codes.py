import json

import numpy as np
import onnx
import onnxruntime
import pytest

from slipway.core.params import LightGBMParams, LinearParams
from slipway.core.task import Task
from slipway.training.onnx_codes import CODES, coded, score_coded
from slipway.training.onnx_scoring import score
from tests.unit.training.test_export import NAMES, fitted, rows

TREES, LINEAR = LightGBMParams(estimator="lightgbm", n_estimators=60), LinearParams(estimator="linear")


@pytest.mark.parametrize("task", list(Task))
def test_the_graph_that_takes_codes_says_exactly_what_the_model_says(task: Task) -> None:
    model, unseen = fitted(TREES, task).save(), rows(3000, seed=5)
    unseen.loc[:50, "plan"] = "unheard of"
    shortcut = coded(model)
    assert shortcut is not None
    assert (score_coded(shortcut, unseen, NAMES) == score(model, unseen, NAMES)).all()


def test_it_takes_numbers_only_and_tells_which_category_is_which() -> None:
    shortcut = coded(fitted(TREES, Task.CLASSIFICATION).save())
    session = onnxruntime.InferenceSession(shortcut, providers=["CPUExecutionProvider"])
    assert {node.name: node.type for node in session.get_inputs()} == {
        "age": "tensor(float)", "fee": "tensor(float)", "plan": "tensor(int64)",
    }  # fmt: skip
    codes = json.loads(session.get_modelmeta().custom_metadata_map[CODES])
    assert set(codes) == {"plan"}
    assert {"basic", "plus", "pro"} <= set(codes["plan"]["table"])
    assert codes["plan"]["other"] not in codes["plan"]["table"].values()


def test_there_is_none_where_categories_are_not_looked_up_one_by_one() -> None:
    assert coded(fitted(LINEAR, Task.CLASSIFICATION).save()) is None


def test_equal_models_have_equal_shortcuts_and_stay_as_they_are() -> None:
    model = fitted(TREES, Task.CLASSIFICATION).save()
    assert coded(model) == coded(model)
    assert [node.op_type for node in onnx.load_from_string(model).graph.node].count("LabelEncoder") == 1


def test_a_shortcut_of_another_model_is_found_out() -> None:
    model, other = fitted(TREES, Task.CLASSIFICATION).save(), fitted(TREES, Task.REGRESSION).save()
    shortcut = coded(other)
    assert shortcut is not None
    assert not np.allclose(score_coded(shortcut, rows(50), NAMES), score(model, rows(50), NAMES))
