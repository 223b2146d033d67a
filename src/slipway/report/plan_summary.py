"""What a change affects, for the summary of a workflow's job."""

from collections.abc import Sequence

from slipway.core.plan import Plan
from slipway.report.text import escape, listing, paragraphs, plain, shorten, table

MOST_REASONS = 3
MOST_FILES = 5


def summary(plan: Plan) -> str:
    """Markdown: a line a use case, then what is new, gone or reaches nothing."""
    return paragraphs(
        "## What this change affects",
        _table(plan) if plan.affected else "Nothing: no use case is affected.",
        *(escape(line, limit=1_000) for line in notes(plan)),
    )


def notes(plan: Plan) -> tuple[str, ...]:
    """Sentences about the plan as a whole, as plain text, each on one line."""
    found = (
        _sentence(plan.words),
        _sentence(f"added since: {', '.join(plan.added)}") if plan.added else "",
        _sentence(f"removed since: {', '.join(plan.removed)}") if plan.removed else "",
        _silent(plan.silent),
    )
    return tuple(line for line in found if line)


def _table(plan: Plan) -> str:
    stages: dict[str, list[str]] = {}
    for entry in plan.affected:
        stages.setdefault(entry.use_case, []).append(entry.stage)
    rows = [[escape(name), escape(", ".join(found)), _why(plan, name)] for name, found in stages.items()]
    return table(["use case", "stages", "why"], rows)


def _why(plan: Plan, name: str) -> str:
    reasons = plan.reasons(name)
    shown = [escape(reason) for reason in reasons[:MOST_REASONS]]
    return "<br>".join(shown + ([f"and {len(reasons) - MOST_REASONS} more"] if len(reasons) > MOST_REASONS else []))


def _silent(files: Sequence[str]) -> str:
    """Folders in place of files where they are many: documentation, tests and workflows train nothing."""
    if not files:
        return ""
    places = list(dict.fromkeys(_place(path) for path in files)) if len(files) > MOST_FILES else list(files)
    return _sentence(f"affects nothing: {listing([shorten(plain(p), 120) for p in places], MOST_FILES)}")


def _place(path: str) -> str:
    """``docs/``, and ``src/slipway/cli/``: of code, the first folder says too little."""
    parts = path.split("/")[:-1][: 3 if path.startswith("src/") else 1]
    return f"{'/'.join(parts)}/" if parts else path


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}." if text else ""
