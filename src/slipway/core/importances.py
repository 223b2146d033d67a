"""How much each input counts: the document ``importances.json`` beside a version's reference."""

from slipway.core.value import Value


class Importances(Value):
    """By how much predictions move when an input is dealt out anew.

    Attributes:
        rows: that were looked at.
        shares: input to its share of the total, from 0 to 1; all 0 where nothing moves.
    """

    schema_version: int = 1
    rows: int
    shares: dict[str, float]
