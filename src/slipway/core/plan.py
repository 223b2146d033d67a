"""What a change affects: stages of use cases, each with its reasons."""

from collections.abc import Iterable
from dataclasses import dataclass

IMAGE = "image"
FOLLOWS = "comes after "


@dataclass(frozen=True)
class Affected:
    """One stage of one use case that would run, and the reasons in words; few, the last may say how many more."""

    use_case: str
    stage: str
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Plan:
    """What a change affects.

    Attributes:
        affected: by use case, then in the order of stages; the last stage of a use case is its image.
        added, removed: use cases that only the present state has, or only the base.
        base: full hash of the commit compared with; None when there was none to compare with.
        words: what was compared with, or why everything is affected; one line.
        silent: changed files that reach no stage of any use case; empty when nothing was compared.
    """

    affected: tuple[Affected, ...]
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    base: str | None = None
    words: str = ""
    silent: tuple[str, ...] = ()

    @property
    def use_cases(self) -> tuple[str, ...]:
        """Those whose model may become another one."""
        return _names(entry for entry in self.affected if entry.stage != IMAGE)

    @property
    def images(self) -> tuple[str, ...]:
        """Those whose image may become another one: of all that are affected."""
        return _names(self.affected)

    def reasons(self, use_case: str) -> tuple[str, ...]:
        """Why a use case is affected, each cause once and without those that only tell of an earlier stage."""
        causes: dict[str, str] = {}
        for entry in self.affected:
            for reason in entry.reasons if entry.use_case == use_case else ():
                causes.setdefault(reason.partition(" (")[0], reason)
        return tuple(reason for reason in causes.values() if not reason.startswith(FOLLOWS))


def _names(entries: Iterable[Affected]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(entry.use_case for entry in entries))
