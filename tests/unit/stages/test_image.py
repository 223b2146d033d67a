"""A version becomes an image that was tried; only then it is pushed and noted."""

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from slipway.adapters.docker_twin import InMemoryImages
from slipway.adapters.mlflow.twin import InMemoryRegistry
from slipway.core.errors import (
    BundleInvalid,
    EndpointFailed,
    ImageNotBuilt,
    ImageNotPushed,
    ParamsInvalid,
    VersionUnknown,
)
from slipway.core.measured import ImageFigures
from slipway.core.version import Version
from slipway.stages.history import told
from slipway.stages.image import Workshop, choose, image, sealed_image
from slipway.stages.image_trial import nearest_rank
from slipway.workspace.bundle import digest, read_record
from slipway.workspace.files import read_document
from slipway.workspace.paths import Paths
from tests.support.bundles import CHURN, model_bytes, write_bundle
from tests.support.images import write_sources

COMMIT = "0123456789abcdef0123456789abcdef01234567"


def as_the_model(row: dict[str, Any]) -> dict[str, Any]:
    return {"probability": 1 / (1 + math.exp(-(0.05 * row["tenure"] + (row["contract"] == "Two year"))))}


@pytest.fixture
def images() -> InMemoryImages:
    return InMemoryImages(as_the_model)


@pytest.fixture
def workshop(images: InMemoryImages, tmp_path: Path) -> Workshop:
    registry = InMemoryRegistry(tmp_path / "bundles")
    for number in (1, 2):
        bundle = write_bundle(tmp_path / str(number), model=model_bytes(CHURN, 0.05 * number))
        registry.register(read_record(bundle), bundle, [])
    registry.promote("churn", 1, expected_champion=None)
    return Workshop(
        root=write_sources(tmp_path / "project"),
        registry=registry,
        images=images,
        repository="docker.io/acme",
        base="python:3.11-slim",
        commit=COMMIT,
        dirty=False,
        say=lambda _: None,
    )


def first(workshop: Workshop) -> Version:
    return workshop.registry.versions("churn")[0]


def test_the_champion_is_chosen_unless_another_is_named(workshop: Workshop) -> None:
    assert choose(workshop.registry, "churn", None, candidate=False).number == 1
    assert choose(workshop.registry, "churn", None, candidate=True).number == 2
    assert choose(workshop.registry, "churn", 2, candidate=False).number == 2


@pytest.mark.parametrize(("use_case", "number"), [("churn", 7), ("homes", None)])
def test_a_version_that_is_not_there_is_refused(workshop: Workshop, use_case: str, number: int | None) -> None:
    with pytest.raises(VersionUnknown):
        choose(workshop.registry, use_case, number, candidate=False)


def test_an_image_is_tagged_by_version_and_commit_and_not_pushed_unasked(
    workshop: Workshop, images: InMemoryImages
) -> None:
    assert "docker.io/acme/churn:v1 is built" in image(workshop, first(workshop), push=False)
    assert set(images.tagged) == {"docker.io/acme/churn:v1", f"docker.io/acme/churn:{COMMIT[:12]}"}
    assert (images.pushed, first(workshop).release) == ({}, None)


def test_a_pushed_image_is_the_release_of_its_version(
    workshop: Workshop, images: InMemoryImages, tmp_path: Path
) -> None:
    said = image(workshop, first(workshop), push=True)
    release = first(workshop).release
    assert release is not None
    assert {release.digest} == set(images.pushed.values())
    assert (release.image, release.tags, release.commit) == ("docker.io/acme/churn", ("v1", COMMIT[:12]), COMMIT)
    assert release.base == f"python@sha256:{'b' * 64}"
    assert release.bundle_digest == digest(tmp_path / "1")
    assert said.endswith(f"docker.io/acme/churn@{release.digest}")
    assert told(first(workshop)).endswith(f"pushed as docker.io/acme/churn@{release.digest}")


def test_an_image_is_told_what_is_in_it(workshop: Workshop, images: InMemoryImages, tmp_path: Path) -> None:
    image(workshop, first(workshop), push=False)
    [arguments] = images.arguments.values()
    assert arguments["TITLE"] == CHURN.title
    assert (arguments["MODEL_VERSION"], arguments["COMMIT"]) == ("1", COMMIT)
    assert arguments["RECORD_DIGEST"] == first(workshop).record_digest
    assert arguments["BUNDLE_DIGEST"] == digest(tmp_path / "1")
    assert (arguments["BASE_NAME"], arguments["BASE_DIGEST"]) == ("python:3.11-slim", f"sha256:{'b' * 64}")


def test_pushing_twice_is_pushing_once(workshop: Workshop) -> None:
    image(workshop, first(workshop), push=True)
    before = first(workshop).release
    image(workshop, first(workshop), push=True)
    assert first(workshop).release == before


def test_a_push_that_failed_and_is_run_again_converges(workshop: Workshop, images: InMemoryImages) -> None:
    images.takes = False
    with pytest.raises(ImageNotPushed):
        image(workshop, first(workshop), push=True)
    assert first(workshop).release is None
    images.takes = True
    image(workshop, first(workshop), push=True)
    assert first(workshop).release is not None


def test_code_that_differs_from_its_commit_says_so(workshop: Workshop, images: InMemoryImages) -> None:
    image(replace(workshop, dirty=True), first(workshop), push=False)
    assert f"docker.io/acme/churn:{COMMIT[:12]}-dirty" in images.tagged


def test_without_a_repository_of_git_there_is_no_tag_of_a_commit(workshop: Workshop, images: InMemoryImages) -> None:
    image(replace(workshop, commit="unknown"), first(workshop), push=False)
    assert set(images.tagged) == {"docker.io/acme/churn:v1"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"predict": lambda _: {"probability": 0.123}},
        {"predict": lambda _: None},
        {"locked": False},
        {"user": 0},
    ],
    ids=["answers otherwise", "refuses its own row", "asks for no key", "runs as root"],
)
def test_an_image_that_fails_its_trial_is_not_pushed(
    workshop: Workshop, images: InMemoryImages, wrong: dict[str, Callable[..., Any]]
) -> None:
    for name, value in wrong.items():
        setattr(images, name, value)
    with pytest.raises(EndpointFailed):
        image(workshop, first(workshop), push=True)
    assert (images.pushed, first(workshop).release) == ({}, None)


def test_nothing_is_pushed_to_a_repository_nobody_named(workshop: Workshop, images: InMemoryImages) -> None:
    with pytest.raises(ParamsInvalid, match="no repository to push to"):
        image(replace(workshop, repository=None), first(workshop), push=True)
    assert images.tagged == {}


def test_without_a_repository_an_image_stays_here(workshop: Workshop, images: InMemoryImages) -> None:
    image(replace(workshop, repository=None), first(workshop), push=False)
    assert "slipway/churn:v1" in images.tagged


@pytest.mark.parametrize("repository", ["https://docker.io/acme", "docker.io/Acme", "bob:hunter2@docker.io", "a b"])
def test_a_repository_that_cannot_be_one_is_refused_without_showing_it(workshop: Workshop, repository: str) -> None:
    with pytest.raises(ParamsInvalid) as refused:
        image(replace(workshop, repository=repository), first(workshop), push=False)
    assert repository not in str(refused.value)


def test_a_base_that_nobody_has_ends_it(workshop: Workshop) -> None:
    with pytest.raises(ImageNotBuilt):
        image(replace(workshop, base="python:0"), first(workshop), push=False)


def test_a_release_of_the_same_inputs_is_left_alone(workshop: Workshop, images: InMemoryImages) -> None:
    image(workshop, first(workshop), push=True)
    images.arguments.clear()
    said = image(replace(workshop, commit="f" * 40), first(workshop), push=True)
    assert "released already" in said
    assert images.arguments == {}


@pytest.mark.parametrize("change", ["code", "base", "repository", "lost"])
def test_what_a_release_is_made_of_makes_another_when_it_changes(
    workshop: Workshop, images: InMemoryImages, change: str
) -> None:
    image(workshop, first(workshop), push=True)
    if change == "code":
        (workshop.root / "serving" / "answers.py").write_text("changed = True\n")
    elif change == "base":
        images.digests = {"python:3.11-slim": f"sha256:{'c' * 64}"}
    elif change == "repository":
        workshop = replace(workshop, repository="docker.io/other")
    else:
        images.pushed.clear()
    images.arguments.clear()
    assert "is released as" in image(workshop, first(workshop), push=True)
    assert images.arguments


def test_a_registry_that_does_not_say_what_it_has_changes_nothing(workshop: Workshop, images: InMemoryImages) -> None:
    image(workshop, first(workshop), push=True)
    before = first(workshop).release
    images.takes = False
    with pytest.raises(ImageNotPushed):
        image(workshop, first(workshop), push=True)
    assert first(workshop).release == before


@pytest.fixture
def sealed(workshop: Workshop) -> Paths:
    paths = Paths(workshop.root, "churn")
    write_bundle(paths.bundle)
    return paths


def test_what_is_sealed_is_tried_and_measured_without_a_registry(
    workshop: Workshop, images: InMemoryImages, sealed: Paths, tmp_path: Path
) -> None:
    nobody = replace(workshop, registry=InMemoryRegistry(tmp_path / "none", reachable=False))
    assert "answers as the model does" in sealed_image(nobody, sealed)
    figures = read_document(sealed.image, ImageFigures, made_by="")
    assert figures.image == "slipway/churn:candidate"
    assert figures.serving is not None
    assert (figures.serving.requests, figures.serving.p50_ms, figures.serving.thousand_rows_ms) == (300, 1.0, 1000.0)
    [arguments] = images.arguments.values()
    assert arguments["MODEL_VERSION"] == "candidate"
    assert arguments["RECORD_DIGEST"] == read_record(sealed.bundle).digest
    assert set(images.tagged) == {"slipway/churn:candidate"}
    assert images.pushed == {}


def test_the_same_sealed_bundle_makes_the_same_image(workshop: Workshop, images: InMemoryImages, sealed: Paths) -> None:
    sealed_image(workshop, sealed)
    sealed_image(workshop, sealed)
    assert len(images.arguments) == 1


def test_a_sealed_image_that_fails_its_trial_has_no_figures(
    workshop: Workshop, images: InMemoryImages, sealed: Paths
) -> None:
    sealed_image(workshop, sealed)
    images.predict = lambda _: {"probability": 0.123}
    with pytest.raises(EndpointFailed):
        sealed_image(workshop, sealed)
    assert not sealed.image.exists()


def test_a_sealed_bundle_with_a_changed_byte_makes_no_image(
    workshop: Workshop, images: InMemoryImages, sealed: Paths
) -> None:
    (sealed.bundle / "model.onnx").write_bytes(b"other")
    with pytest.raises(BundleInvalid, match=r"model\.onnx was changed"):
        sealed_image(workshop, sealed)
    assert images.tagged == {}


@pytest.mark.parametrize(("share", "value"), [(0.5, 2.0), (0.51, 3.0), (0.99, 4.0), (0.0, 1.0), (1.0, 4.0)])
def test_a_percentile_is_one_of_the_values(share: float, value: float) -> None:
    assert nearest_rank([4.0, 1.0, 3.0, 2.0], share) == value
