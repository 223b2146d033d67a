"""A scenario as people see it: each job a line, with its mark and a bar on one axis of time."""

from collections.abc import Sequence

from tests.workflows.rehearsal.log import Job

_MARKS = {"success": "✔", "failure": "✘", "skipped": "–", "cancelled": "◌"}
_WIDTH = 60


def draw(title: str, jobs: Sequence[Job], results: dict[str, str], began: float) -> str:
    """One run; jobs in the order in which they started, skipped ones last."""
    total = max([job.ended - began for job in jobs] + [1e-9])
    names = [*(job.name for job in jobs), *(name for name in results if name not in {job.name for job in jobs})]
    wide = max(map(len, names), default=0)
    lines = [f"{title}  {total:.1f} s"]
    lines += [
        f"  {_MARKS.get(job.result, '?')} {job.name:{wide}}  {_bar(job, began, total)} {job.seconds:5.1f} s"
        for job in jobs
    ]
    lines += [f"  {_MARKS['skipped']} {name:{wide}}" for name in names[len(jobs) :]]
    return "\n".join(lines)


def _bar(job: Job, began: float, total: float) -> str:
    start = min(round((job.began - began) / total * _WIDTH), _WIDTH - 1)
    length = max(1, round(job.seconds / total * _WIDTH))
    return (" " * max(start, 0) + "█" * min(length, _WIDTH - max(start, 0))).ljust(_WIDTH)
