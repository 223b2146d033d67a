"""The in-memory twin of an engine for images, for tests and dry runs."""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from slipway.core.errors import EndpointFailed, EngineUnreachable, ImageNotBuilt, ImageNotPushed
from slipway.core.image import Base, Built, Reply

_COPIED = {
    "Dockerfile.serve": ("Dockerfile.serve", "serving", "bundle"),
    "Dockerfile.train": ("Dockerfile.train", "requirements/run.txt", "project"),
}

Predict = Callable[[dict[str, Any]], dict[str, Any] | None]


@dataclass
class InMemoryImages:
    """An engine and a registry in memory.

    Args:
        predict: what every image answers to a row; None refuses the row.
        digests: of the base images that are there, by name; an empty one is an image without.
        reachable, takes: whether the engine answers, and whether the registry takes what is pushed.
        user: the uid every image runs as.
        locked: whether a key is asked for.
    """

    predict: Predict
    digests: Mapping[str, str] = field(default_factory=lambda: {"python:3.11-slim": f"sha256:{'b' * 64}"})
    reachable: bool = True
    takes: bool = True
    user: int = 10001
    locked: bool = True
    tagged: dict[str, str] = field(default_factory=dict)
    arguments: dict[str, dict[str, str]] = field(default_factory=dict)
    pushed: dict[str, str] = field(default_factory=dict)

    def base(self, name: str, say: Callable[[str], None]) -> Base:
        """Find an image to build on."""
        self._answer()
        if "@" in name:
            return Base(name=name.partition("@")[0], digest=name.partition("@")[2], reference=name)
        if name not in self.digests:
            raise _not_built(f"there is no {name}")
        digest = self.digests[name]
        reference = f"{name.partition(':')[0]}@{digest}" if digest else name
        return Base(name=name, digest=digest, reference=reference)

    def build(
        self,
        context: Path,
        *,
        tags: Sequence[str],
        arguments: Mapping[str, str],
        say: Callable[[str], None],
        dockerfile: str = "Dockerfile.serve",
    ) -> Built:
        """Take what lies in the context for an image."""
        self._answer()
        for part in _COPIED[dockerfile]:
            if not (context / part).exists():
                raise _not_built(f"{part} is not in the context")
        say("[1/1] COPY")
        files = [path for path in sorted(context.rglob("*")) if path.is_file()]
        parts = {str(path.relative_to(context)): _sha256(path.read_bytes()) for path in files}
        identity = f"sha256:{_sha256(json.dumps([parts, dict(arguments)]).encode())}"
        self.arguments[identity] = dict(arguments)
        self.tagged.update(dict.fromkeys(tags, identity))
        return Built(identity=identity, created_at="2026-01-02T03:04:05+00:00", size_bytes=len(files))

    @contextmanager
    def start(self, image: str, keys: str) -> Iterator["InMemoryContainer"]:
        """Let an image answer until the block is left."""
        self._answer()
        yield InMemoryContainer(self, {line.partition(":")[2] for line in keys.split()})

    def push(self, tag: str, say: Callable[[str], None]) -> str:
        """Keep a tag as pushed."""
        self._answer()
        if not self.takes or tag not in self.tagged:
            raise ImageNotPushed(f"{tag} could not be pushed", cause="told so", next_step="tell otherwise")
        self.pushed[tag] = f"sha256:{_sha256(self.tagged[tag].encode())}"
        return self.pushed[tag]

    def holds(self, reference: str) -> bool:
        """Whether a digest was pushed."""
        self._answer()
        if not self.takes:
            raise ImageNotPushed(f"{reference} could not be asked for", cause="told so", next_step="tell otherwise")
        repository, _, digest = reference.partition("@")
        return (repository, digest) in {(tag.rpartition(":")[0], kept) for tag, kept in self.pushed.items()}

    def _answer(self) -> None:
        if not self.reachable:
            raise EngineUnreachable("no engine for images", cause="it was told not to answer", next_step="tell it to")


@dataclass(frozen=True)
class InMemoryContainer:
    """An image at work in memory."""

    images: InMemoryImages
    keys: set[str]

    def uid(self) -> int:
        """The user it would run as."""
        return self.images.user

    def ask(self, path: str, body: str, *, key: str | None = None) -> Reply:
        """Answer a row, whoever holds a key."""
        if self.images.locked and _sha256((key or "").encode()) not in self.keys:
            return Reply(status=401, body="{}")
        answer = self.images.predict(json.loads(body)) if path == "/predict" else None
        return Reply(status=404 if path != "/predict" else 422, body="{}") if answer is None else _ok(answer)

    def age(self) -> float:
        """It was started just now."""
        return 0.0

    def time(self, path: str, body: str, *, key: str, repeat: int) -> tuple[float, ...]:
        """Every answer takes a millisecond for each row."""
        rows = json.loads(body).get("rows", [None])
        first = body if rows == [None] else json.dumps(rows[0])
        reply = self.ask("/predict", first, key=key)
        if reply.status != 200:
            raise EndpointFailed(f"{path} answered {reply.status}", cause="told so", next_step="tell otherwise")
        return (float(len(rows)),) * repeat

    def memory(self) -> float | None:
        """Nobody can tell."""
        return None


def _ok(answer: Mapping[str, Any]) -> Reply:
    return Reply(status=200, body=json.dumps(answer))


def _not_built(what: str) -> ImageNotBuilt:
    return ImageNotBuilt(what, cause="it was never made", next_step="make it")


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
