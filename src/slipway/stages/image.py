"""image: a registered version becomes an image that was tried, and when it is pushed, the version's release."""

import re
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from slipway.core.errors import ImageNotPushed, ParamsInvalid, VersionUnknown
from slipway.core.image import Base, Built
from slipway.core.measured import ImageFigures
from slipway.core.release import Release
from slipway.core.signature import Signature
from slipway.core.value import canonical_json, sha256
from slipway.core.version import Version, numbered
from slipway.ports import Images, Registry
from slipway.stages.image_trial import try_and_measure, try_image
from slipway.workspace.bundle import SIGNATURE, digest, read_record, verify
from slipway.workspace.files import file_digest, read_document, write_document
from slipway.workspace.paths import Paths

LOCAL_REPOSITORY = "slipway"
UNREGISTERED = "candidate"
DOCKERFILE = "Dockerfile.serve"
SOURCES = (DOCKERFILE, ".dockerignore", "serving")

_REPOSITORY = re.compile(r"[a-z0-9]+([.-][a-z0-9]+)*(:\d{1,5})?(/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*")


@dataclass(frozen=True)
class Workshop:
    """What images are made with.

    Attributes:
        root: of the project; the endpoint's code is taken from here.
        repository: below which images are tagged; None for images that stay on this machine.
        base: what is built on.
        commit: of ``root``, or "unknown"; ``dirty`` when the code there differs from it.
    """

    root: Path
    registry: Registry
    images: Images
    repository: str | None
    base: str
    commit: str
    dirty: bool
    say: Callable[[str], None]


@dataclass(frozen=True)
class _Subject:
    """What an image is made of, and what it is told about itself.

    Attributes:
        number: the registered version, or :data:`UNREGISTERED`.
        created: when it was registered or decided; the same subject makes the same image.
        bring: writes the bundle to a new folder.
    """

    use_case: str
    number: str
    created: str
    record_digest: str
    bring: Callable[[Path], object]


def image(workshop: Workshop, version: Version, *, push: bool) -> str:
    """Build, try and perhaps push a version's image; says what came of it.

    Done twice it is done once: a version whose release was made of the same bundle, code and base is left alone while
    its registry still has it.

    Raises:
        ParamsInvalid: the repository cannot be one, or there is none to push to.
        BundleInvalid: what the registry holds is not whole.
        EngineUnreachable, ImageNotBuilt, ImageNotPushed: as they say.
        EndpointFailed: the image does not answer as the model does, or not as it should; nothing is pushed.
    """
    repository = f"{repository_of(workshop, push=push)}/{version.use_case}"
    tags = _tags(workshop, version)
    with tempfile.TemporaryDirectory(prefix="slipway-image-") as folder:
        subject = _registered(workshop, version)
        context = _context(workshop, subject, Path(folder))
        base = workshop.images.base(workshop.base, workshop.say)
        inputs = _Inputs(repository, base.reference, digest(context / "bundle"), _sources_digest(context))
        if push and _is_released(workshop, version, inputs):
            return f"version {version.number} of {version.use_case} is released already, of the same bundle and code"
        built = _built(workshop, subject, context, base, [f"{repository}:{tag}" for tag in tags])
        workshop.say("trying it")
        try_image(workshop.images, built.identity, context / "bundle")
    if not push:
        return f"{repository}:{tags[0]} is built and answers as the model does; `--push` pushes it"
    release = Release(
        image=repository,
        digest=pushed(workshop, repository, tags),
        tags=tags,
        commit=workshop.commit,
        built_at=built.created_at,
        base=base.reference,
        size_bytes=built.size_bytes,
        bundle_digest=inputs.bundle_digest,
        sources_digest=inputs.sources_digest,
    )
    workshop.registry.set_release(version.use_case, version.number, release)
    return f"version {version.number} of {version.use_case} is released as {release.reference}"


def sealed_image(workshop: Workshop, paths: Paths) -> str:
    """Build, try and measure the image of the bundle at hand, registered or not; writes ``paths.image``.

    Returns:
        The headline.

    Raises:
        BundleInvalid: there is no whole bundle at hand.
        EngineUnreachable, ImageNotBuilt, EndpointFailed: as above.
    """
    begun = time.monotonic()
    paths.image.unlink(missing_ok=True)
    verify(paths.bundle)
    tag = f"{LOCAL_REPOSITORY}/{paths.use_case}:{UNREGISTERED}"
    with tempfile.TemporaryDirectory(prefix="slipway-image-") as folder:
        subject = _at_hand(paths)
        context = _context(workshop, subject, Path(folder))
        base = workshop.images.base(workshop.base, workshop.say)
        built = _built(workshop, subject, context, base, [tag])
        workshop.say("trying and measuring it")
        serving = try_and_measure(workshop.images, built.identity, context / "bundle")
    figures = ImageFigures(
        image=tag,
        size_bytes=built.size_bytes,
        base_bytes=base.size_bytes,
        seconds=round(time.monotonic() - begun, 3),
        serving=serving,
    )
    write_document(paths.image, figures)
    return (
        f"{built.size_bytes / 1e6:,.0f} MB, answers as the model does: a row in {serving.p50_ms:.2g} ms "
        f"(p99 {serving.p99_ms:.2g} ms), first after {serving.first_answer_s:.1f} s"
    )


@dataclass(frozen=True)
class _Inputs:
    """All that decides what is in an image, and where it goes."""

    repository: str
    base: str
    bundle_digest: str
    sources_digest: str


def _is_released(workshop: Workshop, version: Version, inputs: _Inputs) -> bool:
    release = version.release
    if release is None:
        return False
    noted = _Inputs(release.image, release.base, release.bundle_digest, release.sources_digest)
    return noted == inputs and workshop.images.holds(release.reference)


def _sources_digest(context: Path) -> str:
    """Hex SHA-256 over names and contents of the endpoint's own files in a context."""
    paths = [path for name in SOURCES for path in (context / name, *(context / name).rglob("*")) if path.is_file()]
    files = {str(path.relative_to(context)): file_digest(path) for path in paths}
    return sha256(canonical_json(files))


def _registered(workshop: Workshop, version: Version) -> _Subject:
    use_case, number = version.use_case, version.number
    return _Subject(
        use_case=use_case,
        number=str(number),
        created=version.registered_at,
        record_digest=version.record_digest,
        bring=lambda into: workshop.registry.fetch_bundle(use_case, number, into),
    )


def _at_hand(paths: Paths) -> _Subject:
    record = read_record(paths.bundle)
    return _Subject(
        use_case=paths.use_case,
        number=UNREGISTERED,
        created=record.provenance.decided_at,
        record_digest=record.digest,
        bring=lambda into: shutil.copytree(paths.bundle, into),
    )


def choose(registry: Registry, use_case: str, number: int | None, *, candidate: bool) -> Version:
    """The version to make an image of: a number's, the candidate, or else the champion.

    Raises:
        VersionUnknown: there is no such version.
    """
    if number is not None:
        return numbered(registry.versions(use_case), use_case, number)
    alias = "candidate" if candidate else "champion"
    found = registry.aliased(use_case, alias)
    if found is None:
        raise VersionUnknown(
            f"{use_case} has no {alias} to make an image of",
            cause="nothing was registered yet" if candidate else "no candidate was promoted yet",
            next_step=f"run `slipway run {use_case}`, or name a version that `slipway history {use_case}` lists",
        )
    return found


def repository_of(workshop: Workshop, *, push: bool) -> str:
    """Below which images are tagged; raises ParamsInvalid when it cannot be one, or there is none to push to."""
    if workshop.repository is None and push:
        raise ParamsInvalid(
            "there is no repository to push to",
            cause="SLIPWAY_IMAGE_REPOSITORY is not set",
            next_step="set it to a repository that takes your images, such as docker.io/acme, and run it again",
        )
    repository = (workshop.repository or LOCAL_REPOSITORY).rstrip("/")
    if not _REPOSITORY.fullmatch(repository):  # its value is not shown: it may hold a password
        raise ParamsInvalid(
            "SLIPWAY_IMAGE_REPOSITORY is no repository of images",
            cause="it holds a scheme, a tag, a login, or capital letters",
            next_step="give host and path alone, such as docker.io/acme; `docker login` keeps the login",
        )
    return repository


def _tags(workshop: Workshop, version: Version) -> tuple[str, ...]:
    """By version, and by commit where there is one; code that differs from its commit says so."""
    tags = [f"v{version.number}"]
    if re.fullmatch("[0-9a-f]{40,64}", workshop.commit):
        tags.append(workshop.commit[:12] + ("-dirty" if workshop.dirty else ""))
    return tuple(tags)


def _context(workshop: Workshop, subject: _Subject, context: Path) -> Path:
    workshop.say(f"bringing the bundle of {subject.use_case} {subject.number}")
    for name in SOURCES:
        source = workshop.root / name
        if source.is_dir():
            shutil.copytree(source, context / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copyfile(source, context / name)
    subject.bring(context / "bundle")
    return context


def _built(workshop: Workshop, subject: _Subject, context: Path, base: Base, tags: list[str]) -> Built:
    title = read_document(context / "bundle" / SIGNATURE, Signature, made_by="slipway run").title
    arguments = {
        "BASE_IMAGE": base.reference,
        "BASE_NAME": base.name,
        "BASE_DIGEST": base.digest,
        "TITLE": title,
        "MODEL_VERSION": subject.number,
        "COMMIT": workshop.commit,
        "CREATED": subject.created,
        "RECORD_DIGEST": subject.record_digest,
        "BUNDLE_DIGEST": digest(context / "bundle"),
    }
    return workshop.images.build(context, tags=tags, arguments=arguments, say=workshop.say)


def pushed(workshop: Workshop, repository: str, tags: tuple[str, ...]) -> str:
    """Push tags of one image; returns its digest. Raises ImageNotPushed."""
    digests = set()
    for tag in tags:
        workshop.say(f"pushing {repository}:{tag}")
        digests.add(workshop.images.push(f"{repository}:{tag}", workshop.say))
    if len(digests) != 1:
        raise ImageNotPushed(
            f"the tags of {repository} were pushed with different digests: {', '.join(sorted(digests))}",
            cause="somebody moved a tag on this engine while it was pushed",
            next_step="run the same command again",
        )
    return digests.pop()
