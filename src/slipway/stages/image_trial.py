"""An image is let answer once before anything becomes of it: rightly, not as root, and to nobody without a key."""

import hashlib
import json
import math
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from slipway.core.errors import EndpointFailed
from slipway.core.measured import ServingFigures
from slipway.core.signature import Signature
from slipway.ports import Container, Images
from slipway.stages.serve import trial
from slipway.workspace.bundle import SIGNATURE
from slipway.workspace.files import read_document

REQUESTS = 300
ROWS = 1_000

_WARM_UP = 20
_OF_MANY_ROWS = 3


def try_image(images: Images, identity: str, bundle: Path) -> None:
    """Start an image and hold it to its bundle.

    Raises:
        EndpointFailed: it answers otherwise than the model, or not as it should.
    """
    key = secrets.token_urlsafe(32)
    with images.start(identity, _keys(key)) as container:
        _hold(container, key, bundle)


def try_and_measure(images: Images, identity: str, bundle: Path) -> ServingFigures:
    """The same, and ask it :data:`REQUESTS` times for a row and for :data:`ROWS` rows, from inside the container.

    Raises:
        EndpointFailed: as above, or it refuses one of the requests.
    """
    key, row = secrets.token_urlsafe(32), _example(bundle)
    with images.start(identity, _keys(key)) as container:
        trial(bundle, _KeyHolder(container, key))
        first_answer = container.age()
        _hold(container, key, bundle)
        ones = container.time("/predict", json.dumps(row), key=key, repeat=_WARM_UP + REQUESTS)[_WARM_UP:]
        many = container.time("/predict", json.dumps({"rows": [row] * ROWS}), key=key, repeat=_OF_MANY_ROWS)
        memory = container.memory()
    return ServingFigures(
        requests=len(ones),
        p50_ms=round(nearest_rank(ones, 0.50), 3),
        p99_ms=round(nearest_rank(ones, 0.99), 3),
        thousand_rows_ms=round(nearest_rank(many, 0.50), 3),
        first_answer_s=round(first_answer, 3),
        memory_mb=None if memory is None else round(memory, 1),
    )


def nearest_rank(values: Sequence[float], share: float) -> float:
    """The smallest of the values that at least a ``share`` of them do not exceed; the nearest-rank percentile."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def _hold(container: Container, key: str, bundle: Path) -> None:
    if container.uid() == 0:
        raise _unfit("runs as root", "USER was taken out of Dockerfile.serve")
    status = container.ask("/predict", json.dumps(_example(bundle))).status
    if status != 401:
        raise _unfit(f"answers {status} to a stranger without a key, not 401", "it does not ask for keys")
    trial(bundle, _KeyHolder(container, key))


def _keys(key: str) -> str:
    return f"trial:{hashlib.sha256(key.encode()).hexdigest()}\n"


def _example(bundle: Path) -> dict[str, float | str | None]:
    return read_document(bundle / SIGNATURE, Signature, made_by="slipway run").examples[0]


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
        next_step="look at the last change of Dockerfile.serve and serving/, then run the same command again",
    )
