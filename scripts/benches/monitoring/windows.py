"""How often drift is told where there is none, and how often what was planted is seen."""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from scripts.benches.monitoring.changes import CHANGES, Planted
from scripts.benches.monitoring.sample import Sample, tally_of
from scripts.benches.report import Part, bar, part
from slipway.core.params import MonitorParams
from slipway.monitoring.drift import drifts
from slipway.monitoring.faults import faults
from slipway.monitoring.reference import Reference
from slipway.monitoring.standing import name_of
from slipway.monitoring.tally import Tally

SIZES = (500, 2_000)
MOST_BEFORE = {500: 2.0, 2_000: 1.0}
MOST_AFTER = 0.2


def found_in(reference: Reference, tally: Tally, params: MonitorParams) -> set[str]:
    """Names of all drifts and faults of one window."""
    columns, prediction = drifts(reference, tally, params)
    told = {name_of(drift) for drift in (*columns, prediction) if drift.drifted}
    return told | {fault.name for fault in faults(reference, tally, params) if fault.weight != "note"}


def without_drift(samples: Sequence[Sample], windows: int) -> Part:
    """Pairs of windows that follow each other, and a reference of all other rows; each time all dealt anew."""
    rows, bars = [], []
    for sample in samples:
        for size in SIZES:
            before, after, names = _false_alarms(sample, size, windows)
            most = max(names, key=lambda name: names[name], default="-")
            rows.append([sample.use_case.name, size, len(sample.table) - 2 * size, windows, before, after, most])
            where = f"{sample.use_case.name}, {size:,} rows"
            bars.append(bar(f"false alarms, {where}, one window", before, MOST_BEFORE[size], "%"))
            bars.append(bar(f"false alarms, {where}, two in a row", after, MOST_AFTER, "%"))
    columns = ["use case", "rows", "reference", "windows", "alarms, %", "two in a row, %", "most often"]
    return part("Windows without drift", columns, rows, bars=bars)


def _false_alarms(sample: Sample, size: int, windows: int) -> tuple[float, float, dict[str, int]]:
    random, params = np.random.default_rng(size), sample.section.monitor
    alone = both = 0
    names: dict[str, int] = defaultdict(int)
    for _ in range(windows // 2):
        order = random.permutation(len(sample.table))
        reference = sample.reference(order[2 * size :])
        seen = [
            found_in(reference, tally_of(reference, sample.table.iloc[order[at : at + size]]), params)
            for at in (0, size)
        ]
        alone += sum(bool(found) for found in seen)
        both += bool(seen[0] & seen[1])
        for name in (*seen[0], *seen[1]):
            names[name] += 1
    return 100 * alone / (2 * (windows // 2)), 100 * both / (windows // 2), names


def with_changes(samples: Sequence[Sample], windows: int) -> Part:
    """The share of windows in which the changed column is told of, each column in its turn."""
    rows, bars = [], []
    for sample in samples:
        for planted in (one for one in CHANGES if one.columns(sample)):
            for size in SIZES:
                seen, worst = _seen(sample, planted, size, windows)
                rows.append([planted.name, sample.use_case.name, size, windows, seen, worst])
                if planted.sizes[size]:
                    what = f"not seen: {planted.name}, {sample.use_case.name}, {size:,} rows"
                    bars.append(bar(what, 100 - seen, round(100 - 100 * planted.sizes[size], 1), "%"))
    columns = ["change", "use case", "rows", "windows", "seen, %", "least seen column"]
    return part("Windows with a change in one column", columns, rows, bars=bars)


def _seen(sample: Sample, planted: Planted, size: int, windows: int) -> tuple[float, str]:
    random, params = np.random.default_rng(size), sample.section.monitor
    names, hits = planted.columns(sample), defaultdict(list)
    for number in range(windows):
        name = names[number % len(names)]
        order = random.permutation(len(sample.table))
        reference = sample.reference(order[size:])
        window = sample.table.iloc[order[:size]].copy()
        window[name] = planted.change(window[name].to_numpy(), sample.table[name].dropna(), random)
        told = found_in(reference, tally_of(reference, window), params)
        hits[name].append(any(each.split(" ")[-1] == name for each in told))
    least = min(hits, key=lambda name: float(np.mean(hits[name])))
    every = [hit for of_column in hits.values() for hit in of_column]
    return 100 * float(np.mean(every)), f"{least} {100 * np.mean(hits[least]):.0f} %"
