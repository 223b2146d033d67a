"""retrain: a training is started where a look says so."""

from pathlib import Path

from slipway.core.watch import Answer, Watch
from slipway.ports import Workflows
from slipway.report.text import plain, shorten
from slipway.workspace.files import read_document

WORKFLOW = "train.yml"
LOOK = "watch.json"
_LONGEST_REASON = 300  # GitHub takes much more; people read one line


def looks_below(folder: Path) -> tuple[Watch, ...]:
    """The looks that `slipway monitor` left below a folder, by use case; raises DataMissing for a damaged one.

    Of two looks at one use case the newer counts.
    """
    found = [read_document(path, Watch, made_by="slipway monitor NAME") for path in sorted(folder.rglob(LOOK))]
    return tuple({look.use_case: look for look in sorted(found, key=_by_age)}.values())


def retrain(look: Watch, workflows: Workflows) -> str:
    """Start the training of a use case on what its source has now; says so in a line.

    Started twice, the second training waits for the first and finds everything done.

    Raises:
        GitHubUnavailable, GitHubRefused: nothing was started.
    """
    reason = reason_of(look)
    workflows.dispatch(WORKFLOW, {"use_case": look.use_case, "reason": reason, "fresh": "true"})
    return f"{look.use_case}: {WORKFLOW} started: {reason}"


def is_asked_for(look: Watch) -> bool:
    """Whether the look says that its use case should be retrained now."""
    return look.retrain.answer is Answer.YES


def reason_of(look: Watch) -> str:
    """One line of visible characters, told in Slack when the training begins."""
    first = next(iter(look.retrain.reasons), "") or look.retrain.cause or "no reason given"
    return shorten(f"monitor: {plain(first)}", _LONGEST_REASON)


def _by_age(look: Watch) -> tuple[str, str]:
    return look.use_case, look.made_at
