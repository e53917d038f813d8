"""Event patterns as SQL, as `core.matching` means them."""

from typing import Any

from sqlalchemy import Column, ColumnElement, true


def fits(column: Column[Any], pattern: str) -> ColumnElement[bool]:
    """Whether a column's event type matches: a name, `prefix.*`, or `*`."""
    if pattern == "*":
        return true()
    if pattern.endswith("*"):
        prefix = pattern[:-1]
        # A range instead of LIKE: no wildcards to escape, and case counts.
        return column.between(prefix, prefix + "\U0010ffff")
    return column == pattern
