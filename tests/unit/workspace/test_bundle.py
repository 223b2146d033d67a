"""A bundle is whole or it is refused, by the name of the file that is wrong."""

import json
from pathlib import Path
from typing import Any

import pytest

from slipway.core.background import Background
from slipway.core.errors import BundleInvalid
from slipway.workspace import bundle
from tests.support.bundles import COMPARABLES, outlook
from tests.support.records import record, signature, write_bundle, write_model


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    folder = tmp_path / "bundle"
    write_bundle(folder, record())
    return folder


def parts(tmp_path: Path) -> dict[str, Any]:
    digest = write_model(tmp_path / "made.onnx")
    (tmp_path / "made.json").write_text(signature().model_dump_json())
    judged = record()
    evaluation = judged.evaluation.model_copy(update={"model_digest": digest})
    (tmp_path / "rows.json").write_text(Background(rows=signature().examples).model_dump_json())
    return {
        "model": tmp_path / "made.onnx",
        "signature": tmp_path / "made.json",
        "background": tmp_path / "rows.json",
        "record": judged.model_copy(update={"evaluation": evaluation}),
    }


def test_an_assembled_bundle_verifies_and_holds_its_five_files(tmp_path: Path) -> None:
    made = parts(tmp_path)
    bundle.assemble(tmp_path / "bundle", **made)
    bundle.verify(tmp_path / "bundle")
    names = {path.name for path in (tmp_path / "bundle").iterdir()}
    assert names == {"model.onnx", "signature.json", "background.json", "record.json", "manifest.json"}
    assert bundle.read_record(tmp_path / "bundle") == made["record"]


def test_what_only_some_models_have_travels_in_the_manifest_too(tmp_path: Path) -> None:
    (tmp_path / "outlook.json").write_text(outlook().model_dump_json())
    (tmp_path / "comparables.json").write_text(COMPARABLES.model_dump_json())
    further = [tmp_path / "outlook.json", tmp_path / "comparables.json"]
    bundle.assemble(tmp_path / "bundle", **parts(tmp_path), further=further)
    assert {"outlook.json", "comparables.json"} <= bundle.verify(tmp_path / "bundle").files.keys()


@pytest.mark.parametrize("name", ["outlook.json", "comparables.json"])
def test_a_document_that_is_none_is_refused_by_name(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("{}")
    with pytest.raises(BundleInvalid, match=name.replace(".", r"\.")):
        bundle.assemble(tmp_path / "bundle", **parts(tmp_path), further=[tmp_path / name])
    assert not (tmp_path / "bundle").exists()


def test_equal_bundles_have_equal_digests_and_others_do_not(tmp_path: Path) -> None:
    made = parts(tmp_path)
    first = bundle.assemble(tmp_path / "a", **made)
    again = bundle.assemble(tmp_path / "b", **made)
    made["signature"].write_text(signature().model_copy(update={"title": "another"}).model_dump_json())
    other = bundle.assemble(tmp_path / "c", **made)
    assert first == again != other


def test_a_record_of_another_model_is_refused_and_the_bundle_before_stays(tmp_path: Path, whole: Path) -> None:
    before = bundle.digest(whole)
    with pytest.raises(BundleInvalid, match=r"record\.json is the record of another model"):
        bundle.assemble(whole, **parts(tmp_path) | {"record": record(model="another")})
    assert bundle.digest(whole) == before


@pytest.mark.parametrize("part", ["model", "signature", "background"])
def test_a_part_that_is_not_there_is_named(tmp_path: Path, part: str) -> None:
    with pytest.raises(BundleInvalid, match="absent is not there"):
        bundle.assemble(tmp_path / "bundle", **parts(tmp_path) | {part: tmp_path / "absent"})


def test_a_background_that_is_none_is_named(tmp_path: Path) -> None:
    made = parts(tmp_path)
    made["background"].write_text('{"rows": 7}')
    with pytest.raises(BundleInvalid, match=r"background\.json cannot be read as a Background"):
        bundle.assemble(tmp_path / "bundle", **made)


def test_a_bundle_from_before_there_were_explanations_is_whole(whole: Path) -> None:
    (whole / "background.json").unlink()
    manifest = json.loads((whole / "manifest.json").read_text())
    del manifest["files"]["background.json"]
    (whole / "manifest.json").write_text(json.dumps(manifest))
    bundle.verify(whole)


@pytest.mark.parametrize("name", ["model.onnx", "signature.json", "background.json", "record.json"])
def test_a_changed_file_is_named(whole: Path, name: str) -> None:
    content = (whole / name).read_bytes()
    (whole / name).write_bytes(content + b" ")
    with pytest.raises(BundleInvalid, match=f"{name} was changed"):
        bundle.verify(whole)


@pytest.mark.parametrize("name", ["model.onnx", "signature.json", "background.json", "record.json", "manifest.json"])
def test_a_missing_file_is_named(whole: Path, name: str) -> None:
    (whole / name).unlink()
    with pytest.raises(BundleInvalid, match=f"{name} is missing"):
        bundle.verify(whole)


def test_a_file_that_nobody_listed_is_named(whole: Path) -> None:
    (whole / "extra.py").write_text("")
    with pytest.raises(BundleInvalid, match=r"extra\.py is not in the manifest"):
        bundle.verify(whole)


def test_a_manifest_that_leaves_the_model_out_is_refused(whole: Path) -> None:
    manifest = json.loads((whole / "manifest.json").read_text())
    del manifest["files"]["model.onnx"]
    (whole / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(BundleInvalid, match=r"model\.onnx is not in the manifest"):
        bundle.verify(whole)


def test_a_manifest_that_is_no_json_is_named(whole: Path) -> None:
    (whole / "manifest.json").write_text("{")
    with pytest.raises(BundleInvalid, match=r"manifest\.json cannot be read"):
        bundle.verify(whole)


def test_a_folder_that_does_not_exist_is_no_bundle(tmp_path: Path) -> None:
    with pytest.raises(BundleInvalid):
        bundle.verify(tmp_path / "absent")
