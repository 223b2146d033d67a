"""How the raw table of a change differs from the base branch's: the document ``changes.json``."""

from typing import Annotated

from pydantic import Field

from slipway.core.value import Value

Share = Annotated[float, Field(ge=0, le=1)]
Rows = Annotated[int, Field(ge=0, le=10**15)]


class Retyped(Value):
    """A column that holds another type than before, both by their names in Arrow."""

    column: str
    before: str
    after: str


class ColumnChange(Value):
    """A column that both tables have.

    Attributes:
        missing_before, missing_after: shares of rows without a value.
        distance: Jensen-Shannon distance of the two distributions of values that are not missing, base 2, from 0
            (equal) to 1 (nothing in common); None where one of the two has no values or they cannot be compared.
    """

    column: str
    missing_before: Share
    missing_after: Share
    distance: Share | None


class DataChanges(Value):
    """What differs between the base's raw table and this one.

    Attributes:
        reference: the commit whose table is meant by "before".
        known: whether both tables were at hand; if not, ``problem`` says why in words and nothing else is filled in.
        digest_before, digest_after: MD5 by which DVC knows the tables; equal ones are the same table, and then
            ``columns`` is empty.
        columns: those that both tables have, the ones furthest apart first.
    """

    schema_version: int = 1
    use_case: str
    reference: str
    known: bool
    problem: str = ""
    digest_before: str = ""
    digest_after: str = ""
    rows_before: Rows = 0
    rows_after: Rows = 0
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    retyped: tuple[Retyped, ...] = ()
    columns: tuple[ColumnChange, ...] = ()

    @property
    def same(self) -> bool:
        """Whether both commits name the same table."""
        return self.known and bool(self.digest_before) and self.digest_before == self.digest_after
