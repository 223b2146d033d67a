"""Who is at work at a place, and what was done there: what a Lease in the cluster holds."""

from slipway.core.value import Value

DEEDS_KEPT = 100
SERVED = "served"
FAILED = "failed"
CUT_OFF = "cut off"


class Deed(Value):
    """One release, rollback or repair at a place.

    Attributes:
        what: "deploy", "rollback" or "reconcile".
        version, digest: what was to serve.
        release: identity of the run; ``actor`` is who started it.
        at, ended_at: UTC, ISO 8601; ``ended_at`` is "" while it goes on.
        outcome: "served"; "failed", with why after a colon; "cut off" when the run was killed; "" while it goes on.
    """

    what: str
    version: int
    digest: str
    release: str
    actor: str
    at: str
    ended_at: str = ""
    outcome: str = ""


class Claim(Value):
    """The content of a place's Lease.

    Attributes:
        holder: who is at work, in words that name one run; "" when nobody is.
        seconds: for which a claim stands that is not renewed.
        taken_at, renewed_at: UTC, ISO 8601.
        deeds: oldest first, the last hundred.
        mark: which state of the Lease was read; "" when there is none yet.
    """

    holder: str = ""
    seconds: int = 0
    taken_at: str = ""
    renewed_at: str = ""
    deeds: tuple[Deed, ...] = ()
    mark: str = ""

    @property
    def last(self) -> Deed | None:
        """What was begun last."""
        return self.deeds[-1] if self.deeds else None

    def ending(self, outcome: str, at: str) -> "Claim":
        """The same with every deed that still goes on ended."""
        ended = {"outcome": outcome, "ended_at": at}
        return self.model_copy(
            update={"deeds": tuple(d if d.outcome else d.model_copy(update=ended) for d in self.deeds)}
        )

    def beginning(self, deed: Deed) -> "Claim":
        """The same with one deed more."""
        return self.model_copy(update={"deeds": (*self.deeds, deed)[-DEEDS_KEPT:]})

    def mended(self, deed: Deed, outcome: str) -> "Claim":
        """The same with another outcome of one deed."""
        right = deed.model_copy(update={"outcome": outcome})
        return self.model_copy(update={"deeds": tuple(right if each == deed else each for each in self.deeds)})

    def without(self, deed: Deed) -> "Claim":
        """The same without a deed that changed nothing."""
        return self.model_copy(update={"deeds": tuple(each for each in self.deeds if each != deed)})
