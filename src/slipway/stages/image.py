"""image: a registered version becomes an image that was tried, and when it is pushed, the version's release."""

import hashlib
import json
import re
import secrets
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from slipway.core.errors import EndpointFailed, ImageNotPushed, ParamsInvalid, VersionUnknown
from slipway.core.image import Base, Built
from slipway.core.release import Release
from slipway.core.signature import Signature
from slipway.core.version import Version, numbered
from slipway.ports import Container, Images, Registry
from slipway.stages.serve import trial
from slipway.workspace.bundle import SIGNATURE, digest
from slipway.workspace.files import read_document

LOCAL_REPOSITORY = "slipway"
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


def image(workshop: Workshop, version: Version, *, push: bool) -> str:
    """Build, try and perhaps push a version's image; says what came of it.

    Done twice it is done once: the same files make the same image, and the release names what was pushed last.

    Raises:
        ParamsInvalid: the repository cannot be one, or there is none to push to.
        BundleInvalid: what the registry holds is not whole.
        EngineUnreachable, ImageNotBuilt, ImageNotPushed: as they say.
        EndpointFailed: the image does not answer as the model does, or not as it should; nothing is pushed.
    """
    repository = f"{_repository(workshop, push=push)}/{version.use_case}"
    tags = _tags(workshop, version)
    with tempfile.TemporaryDirectory(prefix="slipway-image-") as folder:
        context = _context(workshop, version, Path(folder))
        base = workshop.images.base(workshop.base, workshop.say)
        built = _built(workshop, version, context, base, [f"{repository}:{tag}" for tag in tags])
        workshop.say("trying it")
        _try(workshop.images, built, context / "bundle")
        bundle_digest = digest(context / "bundle")
    if not push:
        return f"{repository}:{tags[0]} is built and answers as the model does; `--push` pushes it"
    release = Release(
        image=repository,
        digest=_pushed(workshop, repository, tags),
        tags=tags,
        commit=workshop.commit,
        built_at=built.created_at,
        base=base.reference,
        size_bytes=built.size_bytes,
        bundle_digest=bundle_digest,
    )
    workshop.registry.set_release(version.use_case, version.number, release)
    return f"version {version.number} of {version.use_case} is released as {release.reference}"


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


def _repository(workshop: Workshop, *, push: bool) -> str:
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


def _context(workshop: Workshop, version: Version, context: Path) -> Path:
    workshop.say(f"fetching the bundle of {version.use_case} version {version.number}")
    for name in SOURCES:
        source = workshop.root / name
        if source.is_dir():
            shutil.copytree(source, context / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copyfile(source, context / name)
    workshop.registry.fetch_bundle(version.use_case, version.number, context / "bundle")
    return context


def _built(workshop: Workshop, version: Version, context: Path, base: Base, tags: list[str]) -> Built:
    title = read_document(context / "bundle" / SIGNATURE, Signature, made_by="slipway run").title
    arguments = {
        "BASE_IMAGE": base.reference,
        "BASE_NAME": base.name,
        "BASE_DIGEST": base.digest,
        "TITLE": title,
        "MODEL_VERSION": str(version.number),
        "COMMIT": workshop.commit,
        "CREATED": version.registered_at,
        "RECORD_DIGEST": version.record_digest,
        "BUNDLE_DIGEST": digest(context / "bundle"),
    }
    return workshop.images.build(context, tags=tags, arguments=arguments, say=workshop.say)


def _try(images: Images, built: Built, bundle: Path) -> None:
    key = secrets.token_urlsafe(32)
    with images.start(built.identity, f"trial:{hashlib.sha256(key.encode()).hexdigest()}\n") as container:
        if container.uid() == 0:
            raise _unfit("runs as root", "USER was taken out of Dockerfile.serve")
        example = read_document(bundle / SIGNATURE, Signature, made_by="slipway run").examples[0]
        status = container.ask("/predict", json.dumps(example)).status
        if status != 401:
            raise _unfit(f"answers {status} to a stranger without a key, not 401", "it does not ask for keys")
        trial(bundle, _KeyHolder(container, key))


@dataclass(frozen=True)
class _KeyHolder:
    """A container as the endpoint that somebody with a key sees."""

    container: Container
    key: str
    url: str = "http://127.0.0.1:8080"

    def post(self, path: str, body: str) -> str:
        reply = self.container.ask(path, body, key=self.key)
        if reply.status != 200:
            raise _unfit(f"answered {reply.status} to {path}: {reply.body[:500]}", "it refuses a row of its own model")
        return reply.body

    def wait(self) -> None:
        raise NotImplementedError


def _unfit(what: str, cause: str) -> EndpointFailed:
    return EndpointFailed(
        f"the image {what}; nothing was pushed",
        cause=cause,
        next_step=f"look at the last change of {DOCKERFILE} and serving/, then run the same command again",
    )


def _pushed(workshop: Workshop, repository: str, tags: tuple[str, ...]) -> str:
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
