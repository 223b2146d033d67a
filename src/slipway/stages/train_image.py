"""image --train: this checkout and what it needs become an image that trainings elsewhere run in."""

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from slipway.core.errors import DataMissing, ParamsInvalid, SlipwayError, ToolFailed
from slipway.core.image import Base
from slipway.core.training_image import TrainingImage
from slipway.core.value import canonical_json, sha256
from slipway.ports import VersionControl
from slipway.stages.image import LOCAL_REPOSITORY, Workshop, pushed, repository_of
from slipway.workspace.files import file_digest, read_document, write_document

DOCKERFILE = "Dockerfile.train"
REQUIREMENTS = "requirements/run.txt"
REPOSITORY = "slipway-train"
NOTE = ".slipway/train-image.json"


@dataclass(frozen=True)
class Checkout:
    """The code that goes in.

    Attributes:
        base: the Git reference that candidates are compared with; it goes along.
    """

    workshop: Workshop
    vcs: VersionControl
    base: str

    @property
    def root(self) -> Path:
        return self.workshop.root

    @property
    def files(self) -> tuple[str, ...]:
        """Tracked files only: what Git does not know may be a secret that lies about. Raises ToolFailed."""
        found = self.vcs.tracked()
        if not found:
            raise ToolFailed(
                f"nothing in {self.root} is known to Git, so nobody knows what belongs into an image",
                cause="it is no Git repository, or Git is not installed",
                next_step="clone the project with Git, or `git init` and `git add` its files",
            )
        return found

    @property
    def sources(self) -> str:
        """Hex SHA-256 over the commit, names and contents."""
        contents = {name: file_digest(self.root / name) for name in self.files}
        return sha256(canonical_json([self.workshop.commit, contents]))


def train_image(checkout: Checkout, *, push: bool) -> str:
    """Build the image, and push it where asked to; says what came of it. Pushed once, it is not pushed again.

    Raises:
        ParamsInvalid: the repository cannot be one, or there is none to push to.
        ToolFailed: there is no Git repository.
        EngineUnreachable, ImageNotBuilt, ImageNotPushed: as they say.
    """
    workshop = checkout.workshop
    repository = f"{repository_of(workshop, push=push)}/{REPOSITORY}"
    base, sources = workshop.images.base(workshop.base, workshop.say), checkout.sources
    if push and _is_pushed(checkout, repository, base, sources):
        return f"{noted(checkout.root).reference} is pushed already, of the same checkout"
    tag = f"{repository}:{_tag(workshop)}"
    with tempfile.TemporaryDirectory(prefix="slipway-image-") as folder:
        context = _context(checkout, Path(folder))
        arguments = {
            "BASE_IMAGE": base.reference,
            "BASE_NAME": base.name,
            "BASE_DIGEST": base.digest,
            "TITLE": "training",
            "COMMIT": workshop.commit,
            "SOURCES": sources,
        }
        built = workshop.images.build(
            context,
            tags=[tag, f"{LOCAL_REPOSITORY}/{REPOSITORY}:latest"],
            arguments=arguments,
            say=workshop.say,
            dockerfile=DOCKERFILE,
        )
    if not push:
        return f"{tag} is built, {built.size_bytes / 1e6:,.0f} MB; `--push` pushes it"
    made = TrainingImage(
        image=repository,
        digest=pushed(workshop, repository, (_tag(workshop),)),
        commit=workshop.commit,
        dirty=workshop.dirty,
        sources=sources,
        base=base.reference,
        built_at=built.created_at,
        size_bytes=built.size_bytes,
    )
    write_document(checkout.root / NOTE, made)
    return f"trainings of this checkout run in {made.reference}"


def noted(root: Path) -> TrainingImage:
    """The image that was pushed last from here; raises DataMissing where none was."""
    return read_document(root / NOTE, TrainingImage, made_by="slipway image --train --push")


def image_of(checkout: Checkout) -> TrainingImage:
    """The pushed image of this very checkout.

    Raises:
        ParamsInvalid: none was pushed, or one of other code.
    """
    try:
        found = noted(checkout.root)
    except DataMissing as error:
        raise _not_pushed("no image of this checkout was pushed", "it was not built yet, or elsewhere") from error
    if found.sources != checkout.sources:
        raise _not_pushed("the image that was pushed last is of other code than what is here", "files were changed")
    return found


def _not_pushed(what: str, cause: str) -> SlipwayError:
    return ParamsInvalid(
        what, cause=cause, next_step="`slipway image --train --push` makes one; `--image REFERENCE` names another"
    )


def _is_pushed(checkout: Checkout, repository: str, base: Base, sources: str) -> bool:
    try:
        found = noted(checkout.root)
    except DataMissing:
        return False
    same = (found.image, found.base, found.sources) == (repository, base.reference, sources)
    return same and checkout.workshop.images.holds(found.reference)


def _context(checkout: Checkout, folder: Path) -> Path:
    checkout.workshop.say("copying the checkout")
    for name in (DOCKERFILE, REQUIREMENTS):
        _copy(checkout.root / name, folder / name)
    project = folder / "project"
    for name in checkout.files:
        _copy(checkout.root / name, project / name)
    checkout.vcs.graft(project, checkout.base)
    return folder


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(source, target)


def _tag(workshop: Workshop) -> str:
    return workshop.commit[:12] + ("-dirty" if workshop.dirty else "")
