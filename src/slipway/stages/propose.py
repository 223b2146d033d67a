"""propose: what a search found as a change to params.yaml that a pull request can carry."""

import difflib
from dataclasses import dataclass
from pathlib import Path

from slipway.core.errors import ParamsInvalid
from slipway.core.params import TrainParams
from slipway.core.tuning import Tuning
from slipway.making.params_values import with_values
from slipway.workspace.files import write_text
from slipway.workspace.params import parse_params
from slipway.workspace.sections import FILE


@dataclass(frozen=True)
class Change:
    """The text of params.yaml as it would be; equal to what it is where nothing is proposed."""

    before: str
    after: str

    @property
    def diff(self) -> str:
        """Unified, as `git apply` takes it; empty where nothing is proposed."""
        lines = difflib.unified_diff(
            self.before.splitlines(keepends=True),
            self.after.splitlines(keepends=True),
            f"a/{FILE}",
            f"b/{FILE}",
        )
        return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def proposed(root: Path, tuning: Tuning, tuned: TrainParams) -> Change:
    """The change that brings a search's best parameters into params.yaml.

    Raises:
        ParamsInvalid: the file no longer says what was tuned, or cannot be changed without changing something else.
    """
    before = (root / FILE).read_bytes().decode("utf-8")
    name = tuning.use_case
    section = parse_params(before).use_cases.get(name)
    if section is None or section.train != tuned:
        raise ParamsInvalid(
            f"{FILE}: use_cases.{name}.train was changed since the search began",
            cause="somebody edited it meanwhile",
            next_step=f"run `slipway tune {name}` again: it starts from what is there now",
        )
    after = with_values(before, ("use_cases", name, "train"), tuning.proposal) if tuning.proposal else before
    parse_params(after)
    return Change(before, after)


def apply(root: Path, change: Change) -> None:
    """Write params.yaml, all or nothing; nothing where nothing is proposed."""
    if change.after != change.before:
        write_text(root / FILE, change.after)
