"""A release as people follow it: what was announced, and what its stages told since."""

from pydantic import Field

from slipway.core.stage_result import StageResult
from slipway.core.value import Value

STAGES = ("collect", "validate", "prepare", "train", "evaluate", "register", "image", "staging", "production")


class Announcement(Value):
    """What a release sets out to do.

    Attributes:
        release: its identity; all results with the same one belong together.
        reason: why it was started, in words.
        links: what can be opened, label to address.
    """

    release: str
    use_cases: tuple[str, ...] = ()
    reason: str = ""
    commit: str = ""
    actor: str = ""
    links: dict[str, str] = Field(default_factory=dict)


class ReleaseThread(Value):
    """A release so far, with the last result of each stage of each use case."""

    announcement: Announcement
    results: tuple[StageResult, ...] = ()

    def told(self, result: StageResult) -> "ReleaseThread":
        """The thread after a result, which takes the place of the same stage's one before."""
        places = [(known.use_case, known.stage) for known in self.results]
        key = (result.use_case, result.stage)
        results = [result if place == key else known for place, known in zip(places, self.results, strict=True)]
        added = () if key in places else (result,)
        return self.model_copy(update={"results": (*results, *added)})

    @property
    def use_cases(self) -> tuple[str, ...]:
        """Those announced, then those that were not and told a result."""
        return tuple(dict.fromkeys((*self.announcement.use_cases, *(result.use_case for result in self.results))))
