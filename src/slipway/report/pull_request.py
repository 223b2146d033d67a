"""The one comment on a pull request: verdicts first, then each use case, the worst on top."""

from collections import Counter
from collections.abc import Collection, Sequence
from itertools import groupby

from slipway.core.pull_report import Dossier, PullReport
from slipway.report.dossier import parts
from slipway.report.figures import dollars, duration
from slipway.report.fitting import Placed, chosen, titles
from slipway.report.markdown import COMMENT_LIMIT
from slipway.report.standing import HEADERS, WORDS, Standing, row, seconds, standing, verdict
from slipway.report.text import escape, fold, listing, paragraphs, table

MARKER = "<!-- slipway:report -->"
_TABLE_SHARE = 0.4
_UNFOLDED_USE_CASES = 3
_MOST_REMOVED = 20


def render(report: PullReport, *, limit: int = COMMENT_LIMIT - 1) -> str:
    """GitHub-flavoured Markdown of at most ``limit`` characters, at least a few thousand, however large the report is.

    The first line is ``MARKER``, by which the comment is found again.
    """
    if not report.dossiers:
        return _joined(_unaffected(report), _removed(report.removed), _footer(report))
    ordered = sorted(report.dossiers, key=lambda dossier: (standing(dossier), dossier.use_case))
    head = _head(report, ordered, int(limit * _TABLE_SHARE))
    placed = [Placed(place, part) for place, one in enumerate(ordered) for part in parts(one, report.price)]

    def whole(kept: Collection[Placed]) -> str:
        left_out = [part for part in placed if part not in kept]
        return _joined(head, *_blocks(ordered, kept), _left_out(report, left_out), _footer(report))

    return chosen(placed, limit, whole)


def _joined(*blocks: str) -> str:
    return paragraphs(MARKER, *blocks) + "\n"


def _head(report: PullReport, ordered: Sequence[Dossier], room: int) -> str:
    counts = Counter(map(standing, ordered))
    title = ", ".join(f"{n:,} {WORDS[kind].partition(' ')[2]}" for kind, n in sorted(counts.items()))
    return paragraphs(f"## Slipway: {title}", _overview(ordered, room), _removed(report.removed))


def _overview(ordered: Sequence[Dossier], room: int) -> str:
    """The table of verdicts, as many rows as there is room for."""
    rows: list[tuple[str, ...]] = []
    for dossier in ordered:
        cells = row(dossier)
        room -= sum(map(len, cells)) + 4 * len(cells)
        if room < 0:
            break
        rows.append(cells)
    rest = Counter(WORDS[standing(dossier)] for dossier in ordered[len(rows) :])
    more = ", ".join(f"{n:,} {words}" for words, n in rest.items())
    return paragraphs(table(HEADERS, rows), f"{rest.total():,} more without a line here: {more}." if more else "")


def _blocks(ordered: Sequence[Dossier], kept: Collection[Placed]) -> list[str]:
    """Each use case's sections; of many use cases, those that need nobody's eye are folded."""
    found = groupby(kept, key=lambda part: part.place)
    return [_block(ordered, place, [part.section.body for part in group]) for place, group in found]


def _block(ordered: Sequence[Dossier], place: int, bodies: Sequence[str]) -> str:
    dossier = ordered[place]
    body = paragraphs(*bodies)
    if len(ordered) <= _UNFOLDED_USE_CASES or standing(dossier) < Standing.HELD:
        return body
    return fold(f"<b>{escape(dossier.use_case, limit=60)}</b>: {verdict(dossier)}", body)


def _left_out(report: PullReport, parts: Sequence[Placed]) -> str:
    if not parts:
        return ""
    where = f"[the run's artifact]({report.run_url})" if report.run_url else "`.slipway/report.json`"
    return f"_Left out for length: {titles(parts)}. All of it is in {where}._"


def _removed(names: Sequence[str]) -> str:
    if not names:
        return ""
    shown = listing([f"**{escape(name, limit=60)}**" for name in names[:_MOST_REMOVED]], _MOST_REMOVED)
    more = f" and {len(names) - _MOST_REMOVED:,} more" if len(names) > _MOST_REMOVED else ""
    return f"Removed: {shown}{more}. Registered versions stay, and what is deployed runs on until it is taken down."


def _unaffected(report: PullReport) -> str:
    words = "only takes use cases away" if report.removed else "reaches no data, parameters or code of a use case"
    return paragraphs(
        "## Slipway: no model is affected",
        f"This change {words}, so nothing was trained and there is nothing to judge. Carry on. 👍",
    )


def _footer(report: PullReport) -> str:
    compared = f"<code>{_short(report.head)}</code> against <code>{_short(report.base)}</code>"
    lines = [compared]
    whole = sum(map(seconds, report.dossiers))
    if report.dossiers:
        cost = dollars(whole / 60 * report.price)
        lines.append(f"{duration(whole)} of stages, about {cost} at {dollars(report.price)} a runner's minute")
    if report.run_url:
        lines.append(f"[the run and its artifacts]({report.run_url})")
    return f"<sub>{' · '.join(lines)}</sub>"


def _short(commit: str) -> str:
    is_hash = len(commit) >= 40 and all(letter in "0123456789abcdef" for letter in commit)
    return escape(commit[:12] if is_hash else commit, limit=60)
