"""A fair sample of rows that pass by once."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from slipway.monitoring.batch import Batch


class Sample:
    """Keeps at most ``size`` rows, each with the same chance, by the smallest of random numbers dealt to them.

    The method is Efraimidis and Spirakis, Weighted random sampling with a reservoir (2006), with equal weights.
    """

    def __init__(self, size: int, seed: int = 0) -> None:
        self._size = size
        self._dice = np.random.default_rng(seed)
        self._lots = np.empty(0)
        self._frame: pd.DataFrame | None = None

    def add(self, batch: Batch, score: str) -> None:
        """Let a batch's rows take part; ``score`` names the column of what was answered."""
        lots = self._dice.random(batch.rows)
        limit = self._lots.max() if len(self._lots) == self._size else 1.0
        taken = np.flatnonzero(lots < limit)
        if not len(taken):
            return
        columns: Mapping[str, object] = {name: values[taken] for name, values in batch.columns.items()}
        frame = pd.DataFrame({**columns, score: batch.scores[taken]})
        joined = frame if self._frame is None else pd.concat([self._frame, frame], ignore_index=True)
        every = np.concatenate([self._lots, lots[taken]])
        kept = np.sort(np.argsort(every, kind="stable")[: self._size])
        self._lots, self._frame = every[kept], joined.iloc[kept].reset_index(drop=True)

    def table(self) -> pd.DataFrame:
        """The sample, in the order in which its rows came."""
        return pd.DataFrame() if self._frame is None else self._frame
