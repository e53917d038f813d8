"""The statements that databases write differently. For SQLite, so far."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import ColumnCollection, ColumnElement, Table
from sqlalchemy.dialects.sqlite import Insert, insert

Excluded = ColumnCollection[str, ColumnElement[Any]]


def insert_new(table: Table) -> Insert:
    """Insert rows, and leave alone those whose key is there already."""
    return insert(table).on_conflict_do_nothing()


def upsert(
    table: Table, changes: Callable[[Excluded], Mapping[str, ColumnElement[Any]]]
) -> Insert:
    """Insert rows, or change those whose key is there already.

    `changes` is given the row that was to be inserted.
    """
    statement = insert(table)
    return statement.on_conflict_do_update(
        index_elements=list(table.primary_key), set_=dict(changes(statement.excluded))
    )
