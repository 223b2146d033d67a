"""What a person should know about the decisions that made a draft."""

import pandas as pd

from slipway.making.draft import Draft, Request


def notes(draft: Draft, request: Request) -> tuple[str, ...]:
    """What is predicted, how rows are known, what was left out, and what looks too good; a sentence each."""
    return (*_outcome(draft, request), _key(draft), *_left_out(draft), *_too_good(draft))


def _outcome(draft: Draft, request: Request) -> list[str]:
    said = [f"predicts {draft.target}" + ("" if request.target else ", the last column (--target names another)")]
    if draft.positive is not None:
        choice = "" if request.positive else ", the rarer class (--positive names another)"
        said.append(f"positive is {draft.positive!r}, {draft.positives.mean():.1%} of the rows{choice}")
    if draft.dropped:
        said.append(f"{draft.dropped:,} rows without a value in {draft.target} are dropped")
    return said


def _key(draft: Draft) -> str:
    if draft.key == tuple(feature.name for feature in draft.features):
        return "rows are known by all their features (--key names columns that identify one)"
    return f"rows are known by {', '.join(draft.key)}"


def _left_out(draft: Draft) -> list[str]:
    return [f"left out {header!r}: {reason}" for header, reason in draft.left_out.items()]


def _too_good(draft: Draft) -> list[str]:
    if draft.positive is None:
        return []
    suspects = [f.name for f in draft.features if _gives_away(draft.table[f.name], draft.positives)]
    return [f"{name} alone tells {draft.target} in every row: is it known beforehand?" for name in suspects]


def _gives_away(column: pd.Series, positive: pd.Series) -> bool:
    """Whether a column of few values determines the outcome."""
    if column.nunique(dropna=False) > len(column) // 5:
        return False
    shares = positive.groupby(column, dropna=False).mean()
    return bool(shares.isin([0.0, 1.0]).all())
