import json
from pathlib import Path

import pytest

from serving.bundle.loading import BundleInvalid, load
from serving.bundle.signature import Field, Interval, Signature
from slipway.core import signature as core
from slipway.core.params import LogParams, ServeParams
from slipway.core.record import Record
from slipway.core.value import sha256
from slipway.workspace.bundle import assemble
from tests.support.bundles import CHURN, HOMES, model_bytes, seal, write_bundle

WIDE = HOMES.completed(
    0.5, ServeParams(out_of_range="warn", refused=("area",), log=LogParams(hashed=("area",)))
).model_copy(update={"interval": core.Interval(level=0.9, below=1.5, above=2.5)})
FILES = ("model.onnx", "signature.json", "record.json")


def refusal(folder: Path) -> BundleInvalid:
    with pytest.raises(BundleInvalid) as caught:
        load(folder)
    return caught.value


def change(folder: Path, name: str, **changes: object) -> None:
    path = folder / name
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))
    seal(folder)


def test_a_whole_bundle_is_loaded(folder: Path) -> None:
    bundle = load(folder)
    assert bundle.signature.use_case == "churn"
    assert bundle.model == (folder / "model.onnx").read_bytes()
    assert bundle.record == json.loads((folder / "record.json").read_text())


def test_the_digest_is_that_of_the_manifest(folder: Path) -> None:
    assert load(folder).digest == sha256((folder / "manifest.json").read_bytes())


def test_the_record_digest_is_the_one_the_training_side_computes(folder: Path) -> None:
    record = Record.model_validate_json((folder / "record.json").read_text())
    assert load(folder).record_digest == record.digest


@pytest.mark.parametrize("name", [*FILES, "background.json"])
def test_one_changed_byte_is_refused_and_its_file_named(folder: Path, name: str) -> None:
    content = bytearray((folder / name).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / name).write_bytes(content)
    assert refusal(folder).file == name


@pytest.mark.parametrize("name", [*FILES, "background.json", "manifest.json"])
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    assert str(refusal(folder)) == f"{name}: is missing"


def test_an_extra_file_is_named(folder: Path) -> None:
    (folder / "model.pkl").write_bytes(b"")
    assert str(refusal(folder)) == "model.pkl: is not listed in manifest.json"


def test_a_folder_inside_is_named(folder: Path) -> None:
    (folder / "more").mkdir()
    assert refusal(folder).file == "more"


@pytest.mark.parametrize("name", FILES)
def test_a_manifest_must_list_every_file_that_is_needed(folder: Path, name: str) -> None:
    (folder / name).unlink()
    seal(folder)
    assert str(refusal(folder)) == f"manifest.json: does not list {name}"


@pytest.mark.parametrize(
    "changes", [{"schema_version": 2}, {"files": {"model.onnx": "short"}}, {"files": []}, {"more": 1}]
)
def test_a_malformed_manifest_is_refused(folder: Path, changes: dict[str, object]) -> None:
    seal(folder, **changes)
    assert refusal(folder).file == "manifest.json"


def test_a_manifest_that_is_no_json_is_refused(folder: Path) -> None:
    (folder / "manifest.json").write_bytes(b"\xff{")
    assert refusal(folder).file == "manifest.json"


def test_what_is_no_folder_is_refused(tmp_path: Path) -> None:
    assert "cannot be opened as a folder" in str(refusal(tmp_path / "absent"))


def test_a_malformed_signature_is_refused_with_the_key(folder: Path) -> None:
    change(folder, "signature.json", task="ranking")
    assert str(refusal(folder)).startswith("signature.json: task: ")


@pytest.mark.parametrize("threshold", [None, 0.5])
def test_a_threshold_belongs_to_classifiers_alone(tmp_path: Path, threshold: float | None) -> None:
    signature = CHURN if threshold is None else HOMES
    folder = write_bundle(tmp_path / "bundle", signature)
    change(folder, "signature.json", threshold=threshold)
    assert "threshold" in str(refusal(folder))


@pytest.mark.parametrize(
    ("signature", "interval"),
    [
        (CHURN, {"level": 0.9, "below": 1.0, "above": 1.0}),
        (HOMES, {"level": 1.5, "below": 1.0, "above": 1.0}),
        (HOMES, {"level": 0.9, "below": -1.0, "above": 1.0}),
    ],
    ids=["of a classifier", "of more than all", "turned inside out"],
)
def test_an_interval_that_cannot_be_is_refused(
    tmp_path: Path, signature: core.Signature, interval: dict[str, float]
) -> None:
    folder = write_bundle(tmp_path / "bundle", signature)
    change(folder, "signature.json", interval=interval)
    assert "interval" in str(refusal(folder))


def test_a_signature_from_before_there_were_ranges_intervals_and_logs_is_read(folder: Path) -> None:
    document = json.loads((folder / "signature.json").read_text())
    old = {name: value for name, value in document.items() if name not in {"out_of_range", "interval"}}
    old["inputs"] = [{k: v for k, v in field.items() if k != "log"} for field in document["inputs"]]
    (folder / "signature.json").write_text(json.dumps(old))
    seal(folder)
    signature = load(folder).signature
    assert (signature.out_of_range, signature.interval, signature.inputs[0].log) == ("refuse", None, "plain")


def test_a_signature_without_examples_is_refused(folder: Path) -> None:
    change(folder, "signature.json", examples=[])
    assert "example" in str(refusal(folder))


def test_a_record_without_evaluation_is_refused(folder: Path) -> None:
    (folder / "record.json").write_text("{}")
    seal(folder)
    assert str(refusal(folder)).startswith("record.json: evaluation: ")


def test_a_record_of_another_model_is_refused(folder: Path) -> None:
    (folder / "model.onnx").write_bytes(model_bytes(HOMES))
    seal(folder)
    assert str(refusal(folder)) == "record.json: is the record of another model than model.onnx"


def test_what_the_training_side_assembles_is_loaded(folder: Path, tmp_path: Path) -> None:
    record = Record.model_validate_json((folder / "record.json").read_text())
    made = tmp_path / "made"
    digest = assemble(
        made,
        model=folder / "model.onnx",
        signature=folder / "signature.json",
        background=folder / "background.json",
        record=record,
    )
    bundle = load(made)
    assert (bundle.digest, bundle.record_digest) == (digest, record.digest)
    assert bundle.background == CHURN.examples


def test_a_bundle_from_before_there_were_explanations_has_no_background(folder: Path) -> None:
    (folder / "background.json").unlink()
    seal(folder)
    assert load(folder).background == ()


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({"tenure": 1.0}, "rows.1: is not a complete input"),
        (CHURN.examples[0] | {"more": 1.0}, "rows.1: is not a complete input"),
        (CHURN.examples[0] | {"tenure": None}, "rows.1.tenure: is not what signature.json allows"),
        (CHURN.examples[0] | {"tenure": "12"}, "rows.1.tenure: is not what signature.json allows"),
        (CHURN.examples[0] | {"contract": "Lifetime"}, "rows.1.contract: is not what signature.json allows"),
        (CHURN.examples[0] | {"tenure": True}, "rows.1.tenure"),
    ],
)
def test_a_background_row_that_is_no_input_is_refused(folder: Path, row: core.Row, told: str) -> None:
    change(folder, "background.json", rows=[CHURN.examples[0], row])
    assert str(refusal(folder)).startswith(f"background.json: {told}")


def test_a_background_of_another_schema_is_refused(folder: Path) -> None:
    change(folder, "background.json", schema_version=2)
    assert refusal(folder).file == "background.json"


@pytest.mark.parametrize("signature", [CHURN, HOMES, WIDE], ids=["churn", "homes", "with every setting"])
def test_serving_and_training_declare_the_same_signature(signature: core.Signature) -> None:
    assert set(Signature.model_fields) == set(core.Signature.model_fields)
    assert set(Field.model_fields) == set(core.Field.model_fields)
    assert set(Interval.model_fields) == set(core.Interval.model_fields)
    document = signature.model_dump_json()
    read = json.loads(Signature.model_validate_json(document).model_dump_json())
    assert read == {"refused": [], "beside": {}} | json.loads(document)
