"""A checkout becomes an image once; what Git does not know stays out, and other code is not taken for it."""

from pathlib import Path

import pytest

from slipway.adapters.docker_twin import InMemoryImages
from slipway.adapters.git import GitTwin
from slipway.adapters.mlflow.twin import InMemoryRegistry
from slipway.core.errors import ImageNotPushed, ParamsInvalid, ToolFailed
from slipway.stages.image import Workshop
from slipway.stages.train_image import Checkout, image_of, noted, train_image

COMMIT = "0123456789abcdef0123456789abcdef01234567"
FILES = ("Dockerfile.train", "params.yaml", "requirements/run.txt", "src/slipway/core/job.py")


@pytest.fixture
def images() -> InMemoryImages:
    return InMemoryImages(lambda row: row)


@pytest.fixture
def checkout(images: InMemoryImages, tmp_path: Path) -> Checkout:
    root = tmp_path / "project"
    for name in (*FILES, "secret.env"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(name)
    workshop = Workshop(
        root=root,
        registry=InMemoryRegistry(tmp_path / "bundles"),
        images=images,
        repository="docker.io/acme",
        base="python:3.11-slim",
        commit=COMMIT,
        dirty=False,
        say=lambda _: None,
    )
    return Checkout(workshop, GitTwin(head=COMMIT, own=FILES), "main")


def test_an_image_is_tagged_by_commit_and_not_pushed_unasked(checkout: Checkout, images: InMemoryImages) -> None:
    assert "`--push` pushes it" in train_image(checkout, push=False)
    assert set(images.tagged) == {f"docker.io/acme/slipway-train:{COMMIT[:12]}", "slipway/slipway-train:latest"}
    assert images.pushed == {}
    [arguments] = images.arguments.values()
    assert (arguments["COMMIT"], arguments["SOURCES"]) == (COMMIT, checkout.sources)


def test_what_git_does_not_know_stays_out(checkout: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    class Looking(InMemoryImages):
        def build(self, context, **rest):  # type: ignore[no-untyped-def]
            seen.extend(str(path.relative_to(context)) for path in sorted(context.rglob("*")) if path.is_file())
            return super().build(context, **rest)

    looking = Checkout(
        Workshop(**{**vars(checkout.workshop), "images": Looking(lambda row: row)}), checkout.vcs, checkout.base
    )
    train_image(looking, push=False)
    assert "project/params.yaml" in seen
    assert "project/.git/HEAD" in seen
    assert not [path for path in seen if "secret" in path]


def test_pushed_once_it_is_not_pushed_again_until_the_code_changes(checkout: Checkout) -> None:
    assert "trainings of this checkout run in docker.io/acme/slipway-train@sha256:" in train_image(checkout, push=True)
    first = noted(checkout.root)
    assert "is pushed already" in train_image(checkout, push=True)
    assert image_of(checkout) == first
    (checkout.root / "params.yaml").write_text("changed")
    with pytest.raises(ParamsInvalid, match="of other code"):
        image_of(checkout)
    train_image(checkout, push=True)
    assert image_of(checkout).digest != first.digest


def test_without_an_image_it_is_said_how_to_make_one(checkout: Checkout) -> None:
    with pytest.raises(ParamsInvalid) as refused:
        image_of(checkout)
    assert "slipway image --train --push" in refused.value.next_step


def test_a_push_that_failed_notes_nothing(checkout: Checkout, images: InMemoryImages) -> None:
    images.takes = False
    with pytest.raises(ImageNotPushed):
        train_image(checkout, push=True)
    with pytest.raises(ParamsInvalid):
        image_of(checkout)


def test_a_folder_that_is_no_repository_is_refused(checkout: Checkout) -> None:
    with pytest.raises(ToolFailed, match="known to Git"):
        train_image(Checkout(checkout.workshop, GitTwin(), "main"), push=False)
