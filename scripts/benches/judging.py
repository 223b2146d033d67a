"""evaluate on a million scored rows; ``scripts/bench_evaluate.py`` says what is judged."""

from scripts import bench_evaluate
from scripts.benches.report import Part, bar, part


def measure() -> Part:
    """Judge once for each number of rows; the bars are for the last."""
    measured = bench_evaluate.measure()
    last = measured[-1]
    return part(
        "Judging scored rows: all intervals, slices, paired gates and the self-test",
        ["rows", "seconds", "peak memory, GB"],
        [[m["rows"], float(m["seconds"]), float(m["peak_gb"])] for m in measured],
        bars=[
            bar(f"judging {last['rows']:,} rows", last["seconds"], 20, "s"),
            bar(f"memory for judging {last['rows']:,} rows", last["peak_gb"], 2, "GB"),
        ],
    )
