"""The candidate is judged with what its endpoint would be like, against what the champion's is like."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from slipway.core.evaluation import Decision, Evaluation, GateResult, Opponent, Outcome, Parity
from slipway.core.expectation import Validation
from slipway.core.params import (
    AbsoluteGate,
    BaselineGate,
    EvaluateParams,
    GateParams,
    LightGBMParams,
    ReferenceGate,
    ServeParams,
    SliceGate,
    SplitParams,
    UseCaseParams,
)
from slipway.core.signature import Signature
from slipway.core.training import Training
from slipway.data.preparation import TARGET
from slipway.stages.evaluate import evaluate
from slipway.workspace.files import write_document, write_frame
from slipway.workspace.paths import Paths
from tests.support import records
from tests.support.use_cases import CHURN

ROWS = 600
MARGIN = 0.2


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    """Everything that earlier stages leave; champion is version 3, a model of tenure alone."""
    made = Paths(tmp_path, "churn")
    dice = np.random.default_rng(5)
    tenure = dice.normal(0, 2, ROWS).astype("float32")
    share = 1 / (1 + np.exp(-tenure.astype(float)))
    target = (dice.random(ROWS) < share).astype(float)
    write_frame(made.holdout, pd.DataFrame({"tenure": tenure, "contract": "Month-to-month", TARGET: target}))
    guesses = dice.uniform(0.3, 0.6, ROWS)
    write_frame(made.scores, pd.DataFrame({"candidate": share, "baseline": target.mean(), "shuffled": guesses}))
    write_document(made.validation, Validation(use_case="churn", rows=ROWS, columns=3, data_digest="d", results=()))
    judged = records.write_bundle(made.incumbents / "champion", records.record())
    champion = Opponent(version="3", record_digest="r", model_digest=judged.evaluation.model_digest)
    incumbents = records.incumbents().model_copy(update={"champion": champion})
    write_document(made.incumbents / "incumbents.json", incumbents)
    trained(made, records.signature())
    return made


def trained(paths: Paths, signature: Signature, model_digest: str = "another") -> None:
    """Say that training made this signature, and a model of that digest."""
    write_document(paths.model / "signature.json", signature)
    parity = Parity(rows=ROWS, largest_relative_difference=0.0, tolerance=1e-5)
    training = Training(
        estimator="lightgbm", train_rows=9, holdout_rows=ROWS, model_digest=model_digest, model_bytes=9, parity=parity
    )
    write_document(paths.model / "training.json", training)


def judged(paths: Paths, *, threshold: float = 0.3, **serve: object) -> Evaluation:
    lax = ReferenceGate(metric="roc_auc", margin=MARGIN)
    gates = GateParams(
        absolute=(AbsoluteGate(metric="roc_auc", min=0.6),),
        baseline=BaselineGate(metric="roc_auc"),
        champion=lax,
        anchor=lax,
        slices=SliceGate(metric="roc_auc"),
    )
    params = UseCaseParams(
        split=SplitParams(),
        train=LightGBMParams(estimator="lightgbm"),
        evaluate=EvaluateParams(threshold=threshold),
        gates=gates,
        serve=ServeParams.model_validate(serve),
    )
    evaluate(CHURN, paths, params)
    return Evaluation.model_validate_json(paths.evaluation.read_text())


def api_gate(evaluation: Evaluation) -> GateResult:
    return next(result for result in evaluation.gates if result.gate == "api")


def without_contract() -> Signature:
    return records.signature().model_copy(update={"inputs": records.signature().inputs[:1]})


def test_a_model_behind_the_champions_signature_changes_no_api_and_is_promoted(paths: Paths) -> None:
    evaluation = judged(paths)
    assert (evaluation.api_changes, evaluation.verdict.decision) == ((), Decision.PROMOTE)


def test_an_input_that_callers_send_and_the_candidate_lacks_is_rejected_by_name(paths: Paths) -> None:
    trained(paths, without_contract())
    evaluation = judged(paths)
    assert evaluation.verdict.decision is Decision.REJECT
    assert "contract is unknown now" in evaluation.verdict.reasons[0]
    assert [(change.field, change.breaking) for change in evaluation.api_changes] == [("contract", True)]


@pytest.mark.parametrize(("acknowledged", "decision"), [(3, Decision.PROMOTE), (2, Decision.REJECT)])
def test_only_the_present_champions_number_acknowledges_a_broken_api(
    paths: Paths, acknowledged: int, decision: Decision
) -> None:
    trained(paths, without_contract())
    assert judged(paths, breaks_api_of_version=acknowledged).verdict.decision is decision


def test_a_champion_whose_signature_cannot_be_read_is_told_and_the_candidate_waits(paths: Paths) -> None:
    (paths.incumbents / "champion" / "signature.json").write_text("{")
    evaluation = judged(paths)
    assert api_gate(evaluation).outcome is Outcome.UNDECIDED
    assert "what callers of version 3 send is not known" in api_gate(evaluation).reason
    assert evaluation.verdict.decision is Decision.HOLD


def test_the_champions_own_model_behind_its_own_signature_is_held(paths: Paths) -> None:
    champion = records.write_bundle(paths.incumbents / "champion", records.record())
    trained(paths, records.signature(), champion.evaluation.model_digest)
    assert judged(paths).verdict.reasons[0] == "the candidate is the champion, byte for byte"


@pytest.mark.parametrize(
    "setting",
    [{"threshold": 0.4}, {"out_of_range": "warn"}, {"log": {"hashed": ("contract",)}}],
    ids=["threshold", "out of range", "log"],
)
def test_every_setting_of_the_endpoint_makes_the_champions_model_a_new_candidate(
    paths: Paths, setting: dict[str, object]
) -> None:
    champion = records.write_bundle(paths.incumbents / "champion", records.record())
    trained(paths, records.signature(), champion.evaluation.model_digest)
    before = judged(paths)
    after = judged(paths, **setting)  # type: ignore[arg-type]
    assert after.verdict.decision is Decision.PROMOTE
    assert before.signature_digest != after.signature_digest
