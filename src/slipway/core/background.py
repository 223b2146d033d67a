"""What an explanation starts from: the document ``background.json`` in every bundle."""

from slipway.core.signature import Row
from slipway.core.value import Value


class Background(Value):
    """Real training rows, each a complete input; the mean of their scores is what contributions are counted from."""

    schema_version: int = 1
    rows: tuple[Row, ...]
