"""The statements that databases write differently. For SQLite, so far."""

from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Any

from sqlalchemy import ColumnCollection, ColumnElement, Connection, Executable, Table
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.sqlite import Insert, insert
from sqlalchemy.sql.compiler import SQLCompiler

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


class ForMany:
    """A statement compiled once, to be run for many rows at a time.

    SQLAlchemy looks at each value of each row again; in a worker's batches that cost
    more than the database did. Rows name all parameters and hold plain values.
    """

    def __init__(self, statement: Executable) -> None:
        compiled = statement.compile(dialect=sqlite.dialect())  # type: ignore[attr-defined]
        assert isinstance(compiled, SQLCompiler)
        assert compiled.positiontup is not None
        self._sql = str(compiled)
        self._in_order = itemgetter(*compiled.positiontup)

    def __call__(
        self, connection: Connection, rows: Sequence[Mapping[str, Any]]
    ) -> int:
        """Run it; returns how many rows it changed."""
        values = [self._in_order(row) for row in rows]
        return connection.exec_driver_sql(self._sql, values).rowcount
