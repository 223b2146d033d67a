"""What kind of question a model answers."""

from enum import StrEnum


class Task(StrEnum):
    """The kind of prediction; everything that depends on it is looked up by it."""

    CLASSIFICATION = "classification"
    REGRESSION = "regression"

    @property
    def has_threshold(self) -> bool:
        """Whether scores are turned into decisions."""
        return self is Task.CLASSIFICATION

    @property
    def has_interval(self) -> bool:
        """Whether a score is a value that may be off by so much."""
        return self is Task.REGRESSION

    @property
    def is_amount(self) -> bool:
        """Whether the target is an amount, which can be put on a logarithmic scale and cut into bands."""
        return self is Task.REGRESSION
