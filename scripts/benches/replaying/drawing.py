"""Quality over time of one stream under each policy, as a picture."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib import pyplot as plt

INK, FAINT = "#1f2328", "#9aa4ad"
COLOURS = {"never": "#9aa4ad", "monthly": "#b35900", "ours": "#0b6e99"}
WORDS = {"never": "never", "monthly": "every month", "ours": "as the monitor decides"}


@dataclass(frozen=True)
class Line:
    """A policy's metric by month (n,), and the months in which it retrained: promoted or not."""

    policy: str
    values: Sequence[float]
    retrainings: int
    promoted: Sequence[int]
    refused: Sequence[int]


@dataclass(frozen=True)
class Picture:
    """What is drawn; ``planted_month`` None where nothing was planted."""

    title: str
    metric: str
    higher_is_better: bool
    planted_month: int | None
    lines: Sequence[Line]


def draw(picture: Picture, path: Path) -> None:
    """Write an SVG; equal input gives an equal file."""
    mpl.rcParams.update({"svg.hashsalt": picture.title, "font.size": 9, "svg.fonttype": "none", "text.color": INK})
    figure, (above, below) = plt.subplots(
        2, 1, figsize=(7.2, 4.2), sharex=True, height_ratios=(4, 1), layout="constrained"
    )
    for line in picture.lines:
        months = np.arange(1, len(line.values) + 1)
        label = f"{WORDS[line.policy]} ({line.retrainings})"
        above.plot(months, line.values, color=COLOURS[line.policy], label=label, lw=1.6, alpha=0.9)
    for height, line in enumerate(reversed([line for line in picture.lines if line.policy != "never"])):
        below.plot(line.promoted, [height] * len(line.promoted), "o", color=COLOURS[line.policy], ms=5)
        below.plot(line.refused, [height] * len(line.refused), "x", color=COLOURS[line.policy], ms=5)
    for axes in (above, below):
        axes.axvline(
            np.nan if picture.planted_month is None else picture.planted_month - 0.5, color=INK, lw=0.8, ls=":"
        )
    _finish(above, below, picture)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, metadata={"Date": None, "Creator": None})
    plt.close(figure)


def _finish(above: Any, below: Any, picture: Picture) -> None:
    names = [WORDS[line.policy] for line in picture.lines if line.policy != "never"]
    above.set_title(f"{picture.title}; retrainings in brackets", loc="left", fontsize=10, pad=20)
    above.set_ylabel(f"{picture.metric}, {'higher' if picture.higher_is_better else 'lower'} is better")
    above.grid(axis="y", color=FAINT, lw=0.3)
    above.legend(frameon=False, fontsize=8, loc="lower left", bbox_to_anchor=(-0.01, 0.98), ncols=3)
    below.set_yticks(range(len(names)), list(reversed(names)), fontsize=7)
    below.set_ylim(-0.6, len(names) - 0.4)
    below.set_xlabel("month; retrained in it, or at its end: ● released, × not released")
    for axes in (above, below):
        axes.spines[["top", "right"]].set_visible(False)
