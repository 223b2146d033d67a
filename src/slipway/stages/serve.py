"""Let the endpoint answer: once as a trial, or until somebody stops it."""

import json
import math
import shlex
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from slipway.core.days import day_number
from slipway.core.errors import EndpointFailed, VersionUnknown
from slipway.core.signature import Field, Signature
from slipway.core.task import Task
from slipway.ports import Endpoint, Registry
from slipway.workspace.files import read_document

TOLERANCE = 1e-6
DEFAULT_PORT = 8080

_ANSWERED = {Task.CLASSIFICATION: "probability", Task.REGRESSION: "value"}


@dataclass(frozen=True)
class Trial:
    """A question put to the endpoint, and its answer.

    Attributes:
        curl: the line that asks it again, to paste into a shell.
        answer: the JSON it answered.
    """

    curl: str
    answer: str


def trial(bundle: Path, endpoint: Endpoint, *, shown_at: str | None = None) -> Trial:
    """Send the signature's first example and hold the answer to the model's own.

    Args:
        shown_at: the address in the curl line, where the endpoint will be kept; by default where it is now.

    Raises:
        EndpointFailed: it answers otherwise than ``model.onnx`` by more than :data:`TOLERANCE`.
        DataMissing: there is no bundle.
    """
    signature = _signature(bundle)
    example = signature.examples[0]
    answer = endpoint.post("/predict", json.dumps(example))
    _compare(_answered(answer, signature.task), _judged(bundle / "model.onnx", signature, example))
    return Trial(curl=curl_line(shown_at or endpoint.url, example), answer=answer)


def bundle_to_serve(use_case: str, registry: Registry, into: Path) -> tuple[Path, str]:
    """Fetch the champion's bundle into the folder ``into``; returns it and the version's name.

    Raises:
        VersionUnknown: nothing was promoted yet.
        BundleInvalid: what the registry holds is not whole.
        RegistryUnreachable: the registry does not answer.
    """
    champion = registry.aliased(use_case, "champion")
    if champion is None:
        raise VersionUnknown(
            f"{use_case} has no champion to serve",
            cause="no candidate was promoted yet",
            next_step=f"run `slipway run {use_case}`, or serve what was judged last with `slipway serve --candidate`",
        )
    return registry.fetch_bundle(use_case, champion.number, into), str(champion.number)


def serve_forever(bundle: Path, endpoint: Endpoint, say: Callable[[str], None]) -> None:
    """Say where the endpoint listens and how to ask it, and stay until Ctrl-C.

    Raises:
        EndpointFailed: it ended by itself.
    """
    example = _signature(bundle).examples[0]
    say(f"{endpoint.url} answers; its documents are at {endpoint.url}/docs. Ctrl-C stops it. Try:")
    say(curl_line(endpoint.url, example))
    try:
        endpoint.wait()
    except KeyboardInterrupt:
        say("stopped")


def curl_line(url: str, row: dict[str, Any]) -> str:
    """A line for a shell that sends a row to ``url``, quoted whatever the row holds."""
    header = shlex.quote("content-type: application/json")
    return f"curl -s {url}/predict -H {header} -d {shlex.quote(json.dumps(row, ensure_ascii=False))}"


def _judged(model: Path, signature: Signature, row: dict[str, Any]) -> float:
    """What the model says of a row when it is scored as it was judged."""
    import pandas as pd

    from slipway.training.onnx_scoring import score

    cells = {field.name: _cell(field, row[field.name]) for field in signature.inputs}
    return float(score(model.read_bytes(), pd.DataFrame(cells), [field.name for field in signature.inputs])[0])


def _cell(field: Field, value: Any) -> Any:
    import numpy as np

    if field.type == "date":
        return np.array([day_number(value)], np.float32)
    return np.array([value], np.float32) if field.type == "number" else np.array([value or ""], object)


def _signature(bundle: Path) -> Signature:
    return read_document(bundle / "signature.json", Signature, made_by="slipway run")


def _answered(answer: str, task: Task) -> float:
    try:
        return float(json.loads(answer)[_ANSWERED[task]])
    except (ValueError, KeyError, TypeError) as error:
        raise _wrong(f"answered without a {_ANSWERED[task]}: {answer[:200]}") from error


def _compare(answered: float, expected: float) -> None:
    if not math.isclose(answered, expected, rel_tol=TOLERANCE, abs_tol=TOLERANCE):
        raise _wrong(f"answered {answered:.9g} where the model itself says {expected:.9g}")


def _wrong(what: str) -> EndpointFailed:
    return EndpointFailed(
        f"the endpoint {what}",
        cause="another model answers at this address, or the endpoint fills the model's inputs otherwise",
        next_step="stop what listens there and run the same command again; if it stays, see serving/model/session.py",
    )
