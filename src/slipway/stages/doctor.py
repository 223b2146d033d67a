"""Examines what this machine has and is told to use; says what each missing piece switches off."""

import threading
import time
from collections.abc import Callable, Sequence

from slipway.core.errors import SlipwayError, ToolFailed, WriteFailed
from slipway.core.value import Value
from slipway.ports import Probes, Registry
from slipway.stages.pieces import WORKSPACE, Configured, Found, Piece, Status, pieces

PATIENCE = 30.0


class Check(Value):
    """What was found out about one piece.

    Attributes:
        required: whether nothing runs without it.
        found: a version, a name, or why it does not work; never a secret.
        switches_off: what cannot be done without it.
        how: how to get or mend it.
    """

    name: str
    status: Status
    required: bool
    found: str
    switches_off: str
    how: str


def examine(
    configured: Configured, probes: Probes, registry: Callable[[], Registry], *, patience: float = PATIENCE
) -> tuple[Check, ...]:
    """Look at every piece at once; what has not answered after ``patience`` seconds is broken.

    Args:
        registry: makes the registry's adapter; called only here, as its import is slow.
    """
    looked_at = pieces(configured, probes, registry)
    found: dict[str, Found] = {}
    threads = [threading.Thread(target=_look, args=(piece, found), daemon=True) for piece in looked_at]
    deadline = time.monotonic() + patience
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    silence = Found(Status.BROKEN, f"no answer within {patience:g} s")
    return tuple(_check(piece, _told(found.get(piece.name, silence), configured)) for piece in looked_at)


def failure(checks: Sequence[Check]) -> SlipwayError | None:
    """The first required piece that is not in order as an error; None when only optional ones are missing."""
    for check in checks:
        if check.required and check.status is not Status.OK:
            kind = WriteFailed if check.name == WORKSPACE else ToolFailed
            return kind(f"{check.name}: {check.found}", cause=f"without it: {check.switches_off}", next_step=check.how)
    return None


def _look(piece: Piece, found: dict[str, Found]) -> None:
    try:
        found[piece.name] = piece.look()
    except SlipwayError as error:
        found[piece.name] = Found(Status.BROKEN, " ".join(error.what.split()))
    except Exception as error:  # one piece that cannot be examined must not hide the others
        found[piece.name] = Found(Status.BROKEN, f"could not be examined: {type(error).__name__}")


def _told(found: Found, configured: Configured) -> Found:
    """What was found, without a secret that some tool repeated."""
    words = found.words
    secrets = (configured.slack_token, configured.slack_webhook, configured.github_token, configured.docker_host)
    for secret in secrets:
        words = words.replace(secret, "***") if secret else words
    return Found(found.status, words)


def _check(piece: Piece, found: Found) -> Check:
    return Check(
        name=piece.name,
        status=found.status,
        required=piece.required,
        found=found.words,
        switches_off=piece.switches_off,
        how=piece.how,
    )
