"""What a candidate's image weighs, and how it serves."""

from slipway.core.value import Value


class ServingFigures(Value):
    """How one container answered a bounded number of requests, one after another.

    Attributes:
        requests: requests of one row that the two percentiles are of.
        p50_ms, p99_ms: milliseconds of a request of one row, sent by a client on this machine: nearest rank.
        thousand_rows_ms: milliseconds of one request of a thousand rows.
        first_answer_s: seconds from the start of the container to its first right answer.
        memory_mb: the container's memory in megabytes (10^6 bytes) after all that; None where the engine cannot tell.
    """

    requests: int
    p50_ms: float
    p99_ms: float
    thousand_rows_ms: float
    first_answer_s: float
    memory_mb: float | None = None


class ImageFigures(Value):
    """What `slipway image --sealed` writes to ``.slipway/NAME/image.json``.

    Attributes:
        image: the tag it was built under.
        size_bytes: of the whole image, unpacked.
        base_bytes: of the image it stands on; None where the engine cannot tell.
        seconds: that building, trying and measuring took.
        serving: None where it was not measured.
    """

    image: str
    size_bytes: int
    base_bytes: int | None = None
    seconds: float
    serving: ServingFigures | None = None
