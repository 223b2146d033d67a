"""The endpoint with one planted fault, as the entry point of an image: `python -m faulty FAULT BUNDLE`.

It runs in an image that is made from the real one; nothing of the tests but this file is in there.
"""

import asyncio
import itertools
import sys
from typing import Any

from serving.answers import Problem
from serving.front.front import Front
from serving.inputs.problems import RequestRefused
from serving.model.service import Service

LEAKED = 4 * 1024 * 1024

honest = Service.predict
in_time = Front._predict
counter = itertools.count(1)
kept: list[bytes] = []


def predict(self: Service, rows: Any) -> list[dict[str, Any]]:
    """What the model says, until it is ready; then with the fault."""
    said: list[dict[str, Any]] = honest(self, rows)
    if not self.ready:
        return said
    asked = next(counter)
    if FAULT == "errors" and asked % 50 == 0:
        raise RuntimeError("a planted fault")
    if FAULT == "refuses" and asked % 20 == 0:
        raise RequestRefused([Problem(field=None, row=0, problem="is not liked", allowed="something else")], 0)
    if FAULT == "leaks":
        kept.append(bytes([asked % 256]) * LEAKED)
    if FAULT == "shifted":
        return [each | {"probability": each["probability"] + 0.1} for each in said]
    return said


async def predict_late(self: Front, *request: Any) -> None:
    """Each request waits by itself: nothing stands in line behind it."""
    await asyncio.sleep(0.2)
    await in_time(self, *request)


FAULT = sys.argv.pop(1)
if FAULT == "crashes":
    sys.exit("a planted fault: it ends at once")
if FAULT == "slow":
    Front.at_once = lambda *_: None  # type: ignore[method-assign]
    Front._predict = predict_late  # type: ignore[method-assign]
Service.predict = predict  # type: ignore[method-assign]

if __name__ == "__main__":
    from serving.__main__ import main

    sys.exit(main())
