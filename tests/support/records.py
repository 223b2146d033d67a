"""Small, valid evaluations, records and bundles: what a test does not name is like any other run's."""

import hashlib
import json
from pathlib import Path
from typing import Any

from slipway.core.background import Background
from slipway.core.evaluation import (
    Comparison,
    Decision,
    Evaluation,
    Finding,
    GateResult,
    Incumbents,
    MainMetrics,
    Metric,
    Opponent,
    Outcome,
    Parity,
    Sabotage,
    SelfTest,
    Series,
    SliceResult,
    Verdict,
)
from slipway.core.record import Provenance, Record
from slipway.core.release import Release
from slipway.core.signature import Field, Signature
from slipway.core.task import Task
from slipway.core.value import sha256
from slipway.core.version import Version

USE_CASE = "churn"
GATES = {"absolute": [{"metric": "roc_auc", "min": 0.8}], "anchor": {"metric": "roc_auc", "margin": 0.01}}


def digest(word: str) -> str:
    """A digest that stands for ``word``."""
    return sha256(word)


def metric(name: str = "roc_auc", value: float = 0.84, half_width: float = 0.02) -> Metric:
    return Metric(name=name, value=value, low=value - half_width, high=value + half_width)


def opponent(version: Version) -> Opponent:
    """A registered version as ``incumbents.json`` names it."""
    return Opponent(version=str(version.number), record_digest=version.record_digest, model_digest=version.model_digest)


def comparison(against: str, difference: float = 0.0, finding: Finding | None = None) -> Comparison:
    """ROC AUC with bounds .004 away; by default found better where the lower bound says so."""
    return Comparison(
        against=against,
        metric="roc_auc",
        relative=False,
        difference=difference,
        low=difference - 0.005,
        high=difference + 0.005,
        lower_bound=difference - 0.004,
        upper_bound=difference + 0.004,
        margin=0.01,
        deviation=0.1,
        resolvable=0.006,
        rows_to_settle=1083,
        finding=finding or (Finding.BETTER if difference > 0.004 else Finding.NOT_WORSE),
    )


def incumbents(champion: Version | None = None, anchor: Version | None = None, **changes: Any) -> Incumbents:
    fields: dict[str, Any] = {
        "registry": "reachable",
        "champion": champion and opponent(champion),
        "anchor": anchor and opponent(anchor),
        "main": MainMetrics(reference="main", metrics={"roc_auc": 0.83}),
        "holdout_digest": digest("holdout"),
        "holdout_uses": 0,
    }
    return Incumbents(**(fields | changes))


def slice_result(value: str = "Two year", **changes: Any) -> SliceResult:
    fields: dict[str, Any] = {
        "column": "contract",
        "value": value,
        "rows": 400,
        "rare_rows": 60,
        "metrics": (metric(value=0.8),),
        "tested": True,
        "difference": 0.001,
        "lower_bound": -0.01,
        "upper_bound": 0.012,
        "p_value": 1.0,
    }
    return SliceResult(**(fields | changes))


def self_test() -> SelfTest:
    outcomes = {"absolute: roc_auc": Outcome.FAILED, "champion: roc_auc": Outcome.NOT_APPLICABLE}
    names = {
        "constant": "every row gets the same score",
        "shuffled labels": "trained on labels dealt at random",
        "reversed": "the candidate's scores turned round",
        "broken slice": "the candidate with one slice's scores turned round",
        "NaN": "the candidate with scores that are not numbers",
    }
    sabotages = tuple(Sabotage(name=n, description=d, outcomes=outcomes, refused=True) for n, d in names.items())
    return SelfTest(sabotages=sabotages, failures=())


def gate(name: str = "absolute: roc_auc", outcome: Outcome = Outcome.PASSED) -> GateResult:
    return GateResult(
        gate=name,
        outcome=outcome,
        observed="0.840 (0.820 to 0.860)",
        required="at least 0.800",
        reason=f"roc_auc is 0.840, at least 0.800 was asked: {outcome.value}",
    )


def evaluation(decision: Decision = Decision.PROMOTE, *, model: str = "model", **changes: Any) -> Evaluation:
    """An evaluation whose model digest stands for ``model``; ``changes`` replace whole fields."""
    fields: dict[str, Any] = {
        "use_case": USE_CASE,
        "task": Task.CLASSIFICATION,
        "data_digest": digest("data"),
        "holdout_digest": digest("holdout"),
        "params_digest": digest("params"),
        "model_digest": digest(model),
        "signature_digest": digest("signature"),
        "rows": 1760,
        "train_rows": 5283,
        "estimator": "lightgbm",
        "parity": Parity(rows=1760, largest_relative_difference=3e-7, tolerance=1e-5),
        "incumbents": incumbents(),
        "metrics": (metric(), metric("brier", 0.14, 0.01), metric("log_loss", 0.42, 0.02)),
        "baseline_metrics": (metric(value=0.5, half_width=0.0), metric("brier", 0.195, 0.005)),
        "champion_metrics": (),
        "comparisons": (comparison("baseline", 0.34, Finding.BETTER),),
        "slices": (
            slice_result(),
            slice_result("One year", rows=12, rare_rows=3, tested=False, difference=None).model_copy(
                update={"lower_bound": None, "upper_bound": None, "p_value": None}
            ),
        ),
        "gates": (gate(), gate("champion: roc_auc", Outcome.NOT_APPLICABLE)),
        "self_test": self_test(),
        "charts": (Series(name="calibration", x=(0.1, 0.5, 0.9), y=(0.12, 0.48, 0.88)),),
        "warnings": (),
        "verdict": Verdict(decision=decision, reasons=(f"the gates say {decision.value}",)),
    }
    return Evaluation(**(fields | changes))


def provenance(**changes: Any) -> Provenance:
    fields: dict[str, Any] = {
        "commit": "0123456789abcdef0123456789abcdef01234567",
        "dirty": False,
        "branch": "main",
        "requirements_digest": digest("requirements"),
        "python": "3.11.9",
        "platform": "Linux x86_64",
        "libraries": {"lightgbm": "4.6.0", "onnxruntime": "1.23.0"},
        "decided_at": "2026-01-02T03:04:05+00:00",
    }
    return Provenance(**(fields | changes))


def record(decision: Decision = Decision.PROMOTE, *, model: str = "model", **changes: Any) -> Record:
    """A record of an evaluation; ``changes`` are fields of the evaluation."""
    params = {"train": {"estimator": "lightgbm", "seed": 7}, "gates": GATES}
    return Record(evaluation=evaluation(decision, model=model, **changes), provenance=provenance(), params=params)


def release(digest: str = "sha256:" + "0" * 64) -> Release:
    return Release(
        image="registry.example.org/acme/churn",
        digest=digest,
        tags=("v1", "0123456789ab"),
        commit="0123456789abcdef0123456789abcdef01234567",
        built_at="2026-01-02T03:04:05+00:00",
        base="python:3.11-slim",
        size_bytes=300_000_000,
        bundle_digest="f" * 64,
    )


def signature(use_case: str = USE_CASE) -> Signature:
    """Two inputs, one of each type, that ``write_model`` understands."""
    return Signature(
        use_case=use_case,
        title="Who leaves next month",
        task=Task.CLASSIFICATION,
        inputs=(
            Field(name="tenure", type="number", nullable=True, unit="months", low=0.0, high=72.0),
            Field(name="contract", type="category", nullable=False, categories=("Month-to-month", "Two year")),
        ),
        output="churn_probability",
        threshold=0.3,
        examples=(
            {"tenure": 12.0, "contract": "Two year"},
            {"tenure": None, "contract": "Month-to-month"},
        ),
    )


def write_model(path: Path, word: str = "model") -> str:
    """Write a small ONNX model with the inputs of ``signature``; the digest of its bytes differs by ``word``.

    Its prediction is a double of shape (rows, 1): sigmoid of tenure times a weight, plus one for "Two year".
    """
    import onnx
    from onnx import TensorProto, helper

    weight = int(hashlib.sha256(word.encode()).hexdigest()[:6], 16) / 2**24
    nodes = [
        helper.make_node("LabelEncoder", ["contract"], ["code"], domain="ai.onnx.ml",
                         keys_strings=["Two year"], values_floats=[1.0], default_float=0.0),
        helper.make_node("Mul", ["tenure", "weight"], ["scaled"]),
        helper.make_node("Add", ["scaled", "code"], ["sum"]),
        helper.make_node("Sigmoid", ["sum"], ["share"]),
        helper.make_node("Cast", ["share"], ["prediction"], to=TensorProto.DOUBLE),
    ]  # fmt: skip
    graph = helper.make_graph(
        nodes,
        "small",
        [
            helper.make_tensor_value_info("tenure", TensorProto.FLOAT, [None, 1]),
            helper.make_tensor_value_info("contract", TensorProto.STRING, [None, 1]),
        ],
        [helper.make_tensor_value_info("prediction", TensorProto.DOUBLE, [None, 1])],
        initializer=[helper.make_tensor("weight", TensorProto.FLOAT, [1], [weight])],
    )
    opsets = [helper.make_opsetid("", 18), helper.make_opsetid("ai.onnx.ml", 3)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=9)
    content: bytes = model.SerializeToString()
    onnx.checker.check_model(model)
    path.write_bytes(content)
    return sha256(content)


def write_bundle(folder: Path, judged: Record, word: str = "model") -> Record:
    """Write a bundle folder for a record; returned is the record with the digest of the model written.

    manifest.json holds the SHA-256 of each of model.onnx, signature.json, background.json and record.json.
    """
    folder.mkdir(parents=True, exist_ok=True)
    model_digest = write_model(folder / "model.onnx", word)
    judged = judged.model_copy(
        update={"evaluation": judged.evaluation.model_copy(update={"model_digest": model_digest})}
    )
    (folder / "signature.json").write_text(signature(judged.evaluation.use_case).model_dump_json(indent=2) + "\n")
    (folder / "background.json").write_text(Background(rows=signature().examples).model_dump_json(indent=2) + "\n")
    (folder / "record.json").write_text(judged.model_dump_json(indent=2) + "\n")
    files = {path.name: sha256(path.read_bytes()) for path in sorted(folder.iterdir()) if path.name != "manifest.json"}
    (folder / "manifest.json").write_text(json.dumps({"files": files, "schema_version": 1}, indent=2) + "\n")
    return judged
