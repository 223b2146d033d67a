"""The order of champions, as every registry keeps it: each version remembers whom it was promoted over."""

from collections.abc import Mapping

from slipway.core.errors import ChampionMoved

CANDIDATE = "candidate"
CHAMPION = "champion"


def predecessor(before: Mapping[int, int | None], champion: int | None, number: int) -> int | None:
    """Whom a rollback of ``number`` will bring back once it has been promoted over ``champion``.

    That is ``champion``, unless it descends from ``number`` itself: then promoting is going back, and ``number``
    keeps its own predecessor, so that the order never runs in a circle.
    """
    ancestor = champion
    while ancestor is not None:
        ancestor = before.get(ancestor)
        if ancestor == number:
            return before.get(number)
    return champion


def refuse_moved(use_case: str, champion: int | None, expected: int | None) -> None:
    """Raise ChampionMoved unless the champion is the one the candidate was judged against."""
    if champion == expected:
        return
    judged = "no champion" if expected is None else f"version {expected}"
    now = "there is none" if champion is None else f"it is version {champion}"
    raise ChampionMoved(
        f"the candidate for {use_case} was judged against {judged} as champion, and now {now}",
        cause="another run promoted a model, or someone rolled back, since the candidate was judged",
        next_step=f"run `slipway run {use_case}` again: the candidate is judged against the present champion",
    )
