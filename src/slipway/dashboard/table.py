"""Tables with a caption and headers, which scroll by themselves where they are wider than the screen."""

from collections.abc import Iterable, Sequence

from slipway.dashboard.markup import Child, Html, tag


def table(
    caption: str,
    head: Sequence[Child],
    rows: Sequence[Sequence[Child]],
    *,
    numbers: Iterable[int] = (),
    empty: str = "",
) -> Html:
    """A table; its first column heads the rows. Without rows the sentence ``empty``."""
    if not rows:
        return tag("p", empty, class_="soft")
    right = dict.fromkeys(numbers, "number")
    heads = [tag("th", text, scope="col", class_=right.get(column)) for column, text in enumerate(head)]
    lines = [
        tag("tr", tag("th", row[0], scope="row"), [tag("td", c, class_=right.get(n)) for n, c in enumerate(row[1:], 1)])
        for row in rows
    ]
    made = tag("table", tag("caption", caption), tag("thead", tag("tr", heads)), tag("tbody", lines))
    return tag("div", made, class_="scrolls", tabindex="0", role="region", aria_label=caption)
