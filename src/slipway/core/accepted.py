"""What the data looked like that somebody accepted: the document ``accepted.json`` in a use case's folder."""

from pydantic import Field

from slipway.core.value import Value


class AcceptedColumn(Value):
    """How one column was distributed.

    Attributes:
        missing: the share of rows without a value.
        up_to: for numbers, some values, and the share of all rows that lie at or below each.
        shares: for text, the most frequent values, and the share of all rows that have each.
    """

    column: str
    missing: float
    up_to: tuple[tuple[float, float], ...] = ()
    shares: dict[str, float] = Field(default_factory=dict)


class AcceptedData(Value):
    """One raw table in outline. ``data_digest`` is the SHA-256 of its file."""

    schema_version: int = 1
    use_case: str
    rows: int
    data_digest: str
    columns: tuple[AcceptedColumn, ...]
