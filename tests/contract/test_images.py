"""Docker and its twin keep the same promises."""

import json
import math
from pathlib import Path
from typing import Any

import pytest

from slipway.adapters.docker import DockerImages
from slipway.adapters.docker_twin import InMemoryImages
from slipway.core.errors import EndpointFailed, EngineUnreachable, ImageNotBuilt, ImageNotPushed
from slipway.core.image import Base, Built
from slipway.ports import Images
from tests.support.image_registry import unwell_registry
from tests.support.images import BASE, EXAMPLE, KEY, KEYS, REPOSITORY, docker, write_context

TAG = f"{REPOSITORY}/contract:v1"


def quiet(_: str) -> None:
    pass


def by_hand(row: dict[str, Any]) -> dict[str, Any] | None:
    if "tenure" not in row:
        return None
    shift = 1.0 if row["contract"] == "Two year" else 0.0
    return {"probability": 1 / (1 + math.exp(-(0.05 * row["tenure"] + shift)))}


@pytest.fixture(scope="module", params=[pytest.param("docker", marks=pytest.mark.engine), "twin"])
def images(request: pytest.FixtureRequest) -> Images:
    if request.param == "docker":
        return DockerImages()
    return InMemoryImages(by_hand, digests={BASE: f"sha256:{'b' * 64}"})


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_context(tmp_path_factory.mktemp("image") / "context")


@pytest.fixture(scope="module")
def built(images: Images, context: Path) -> Built:
    return build(images, context)


def build(images: Images, context: Path) -> Built:
    arguments = {"BASE_IMAGE": images.base(BASE, quiet).reference, "MODEL_VERSION": "1"}
    return images.build(context, tags=[TAG], arguments=arguments, say=quiet)


def test_a_base_is_found_with_its_digest(images: Images) -> None:
    base = images.base(BASE, quiet)
    assert base.name == BASE
    assert base.digest.startswith("sha256:")
    assert base.reference.endswith(f"@{base.digest}")


def test_a_pinned_base_is_taken_as_it_is(images: Images) -> None:
    pinned = f"python@sha256:{'a' * 64}"
    assert images.base(pinned, quiet) == Base(name="python", digest=f"sha256:{'a' * 64}", reference=pinned)


def test_a_base_that_nobody_has_is_refused_by_name(images: Images) -> None:
    with pytest.raises(ImageNotBuilt, match="nobody/has-this:1"):
        images.base(f"{REPOSITORY}/nobody/has-this:1", quiet)


def test_the_same_files_make_the_same_image(images: Images, context: Path, built: Built) -> None:
    assert built.identity.startswith("sha256:")
    assert built.size_bytes > 0
    assert build(images, context) == built


def test_a_step_is_told_while_it_is_built(images: Images, context: Path, built: Built) -> None:
    told: list[str] = []
    images.build(context, tags=[TAG], arguments={"BASE_IMAGE": BASE}, say=told.append)
    assert any("COPY" in line for line in told)


def test_a_context_without_a_bundle_makes_no_image(images: Images, context: Path, tmp_path: Path) -> None:
    lacking = tmp_path / "context"
    write_context(lacking)
    for path in (lacking / "bundle").iterdir():
        path.unlink()
    (lacking / "bundle").rmdir()
    with pytest.raises(ImageNotBuilt, match="bundle"):
        build(images, lacking)


def test_an_image_answers_a_key_s_holder_and_nobody_else(images: Images, built: Built) -> None:
    with images.start(built.identity, KEYS) as container:
        assert container.uid() != 0
        reply = container.ask("/predict", EXAMPLE, key=KEY)
        assert (reply.status, container.ask("/predict", EXAMPLE).status) == (200, 401)
        assert json.loads(reply.body)["probability"] == pytest.approx(1 / (1 + math.exp(-0.6)), abs=1e-6)
        assert container.ask("/predict", "{}", key=KEY).status == 422
        assert container.ask("/nothing", EXAMPLE, key=KEY).status == 404


def test_a_pushed_tag_has_a_digest_and_keeps_it(images: Images, built: Built) -> None:
    digest = images.push(TAG, quiet)
    assert len(digest.removeprefix("sha256:")) == 64
    assert images.push(TAG, quiet) == digest


def test_what_was_never_built_is_not_pushed(images: Images) -> None:
    with pytest.raises(ImageNotPushed, match="never-built"):
        images.push(f"{REPOSITORY}/never-built:v1", quiet)


def test_a_registry_is_asked_whether_it_still_has_a_digest(images: Images, built: Built) -> None:
    digest = images.push(TAG, quiet)
    repository = TAG.rpartition(":")[0]
    assert images.holds(f"{repository}@{digest}")
    assert not images.holds(f"{repository}@sha256:{'0' * 64}")
    assert not images.holds(f"{REPOSITORY}/never-pushed@{digest}")


def test_a_container_tells_its_age_its_memory_and_how_long_it_takes(images: Images, built: Built) -> None:
    with images.start(built.identity, KEYS) as container:
        assert container.age() >= 0
        took = container.time("/predict", EXAMPLE, key=KEY, repeat=5)
        assert len(took) == 5
        assert all(milliseconds > 0 for milliseconds in took)
        memory = container.memory()
        assert memory is None or 10 < memory < 10_000
        with pytest.raises(EndpointFailed):
            container.time("/predict", EXAMPLE, key="another", repeat=5)


@pytest.mark.engine
@pytest.mark.parametrize("status", [500, 503, 401, 403, None], ids=["500", "503", "401", "403", "hangs"])
def test_a_registry_that_is_unwell_takes_nothing_and_is_told(context: Path, status: int | None) -> None:
    images = DockerImages(pauses=(0.0,), push_seconds=3.0, quick_seconds=3.0)
    with unwell_registry(status) as registry:
        tag = f"{registry}/contract:v1"
        images.build(context, tags=[tag], arguments={"BASE_IMAGE": BASE}, say=quiet)
        try:
            with pytest.raises(ImageNotPushed) as failed:
                images.push(tag, quiet)
            assert failed.value.exit_code == 64
            assert ("docker login" in failed.value.next_step) == (status in {401, 403})
            with pytest.raises(ImageNotPushed):
                images.holds(f"{registry}/contract@sha256:{'0' * 64}")
        finally:
            docker("image", "rm", "--no-prune", tag)


@pytest.mark.parametrize(
    "absent",
    [
        DockerImages(program=("docker", "--host", "unix:///nobody/listens.sock")),
        DockerImages(program=("no-such-program",)),
        InMemoryImages(by_hand, reachable=False),
    ],
    ids=["no engine", "no command", "twin"],
)
def test_without_an_engine_every_wish_says_so(absent: Images, context: Path) -> None:
    with pytest.raises(EngineUnreachable):
        absent.base(BASE, quiet)
    with pytest.raises(EngineUnreachable):
        absent.build(context, tags=[TAG], arguments={}, say=quiet)
    with pytest.raises(EngineUnreachable), absent.start("sha256:any", KEYS):
        pass
    with pytest.raises(EngineUnreachable):
        absent.push(TAG, quiet)
