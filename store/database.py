"""A SQLite file: one connection that writes, some that read, one that listens.

Every writing transaction begins IMMEDIATE, because one that starts as a reader is
refused at once when another writer was quicker, however long it would wait. What is
committed is on disk: `synchronous` is FULL, or the file is not used.
"""

import asyncio
import sqlite3
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection, Engine, QueuePool, create_engine, event
from sqlalchemy.exc import DBAPIError

from core.errors import DatabaseUnusable, Invalid
from store.problems import BUSY_TIMEOUT, damaged, missing, problem_of
from store.running import THREADS, Run

P = ParamSpec("P")
R = TypeVar("R")

MODE = 0o600
_WRITER_CACHE = 64 * 1024  # KiB
_READER_CACHE = 4 * 1024  # KiB; small, so that a console's memory stays flat
_WAL_LIMIT = 64 * 1024 * 1024  # bytes of WAL kept after a burst
_FULL = 2  # what PRAGMA synchronous answers


def connect(
    path: Path, cache: int = _READER_CACHE, patience: float = BUSY_TIMEOUT
) -> sqlite3.Connection:
    """Open an existing file with the settings all of Hookline relies on.

    Raises:
        DatabaseUnusable: when durability or WAL cannot be had, as on a network share.
        sqlite3.Error: when the file cannot be opened; `problems` says it in words.
    """
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=rw",
        uri=True,
        timeout=patience,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=256,
    )
    try:
        _prepare(connection, path, cache)
    except BaseException:
        connection.close()
        raise
    return connection


def _prepare(connection: sqlite3.Connection, path: Path, cache: int) -> None:
    for setting in (
        "synchronous = FULL",
        "foreign_keys = ON",
        "secure_delete = ON",  # what is deleted must not stay readable in the file
        "temp_store = MEMORY",
        "trusted_schema = OFF",
        f"cache_size = -{cache}",
        f"journal_size_limit = {_WAL_LIMIT}",
    ):
        connection.execute(f"PRAGMA {setting}")
    [journal] = connection.execute("PRAGMA journal_mode = WAL").fetchone()
    [synchronous] = connection.execute("PRAGMA synchronous").fetchone()
    if (journal, synchronous) != ("wal", _FULL):
        raise DatabaseUnusable(
            f"The database {path} lies where SQLite cannot promise that what is "
            f"committed stays (journal {journal}, synchronous {synchronous}).",
            "Move HOOKLINE_HOME to a local disk.",
        )


class Database:
    """An open SQLite file, and the way to run transactions on it.

    Args:
        path: the file, which exists.
        run: where transactions run: `running.inline` or `running.in_threads()`.
        patience: seconds to wait for whoever else writes.
    """

    def __init__(self, path: Path, run: Run, patience: float = BUSY_TIMEOUT) -> None:
        if not path.exists():
            raise missing(path)
        self.path = path
        self._run = run
        self._turn = threading.Lock()
        self._writer = _engine(
            partial(connect, path, _WRITER_CACHE, patience), "BEGIN IMMEDIATE", 1
        )
        self._readers = _engine(
            partial(connect, path, _READER_CACHE, patience), "BEGIN", THREADS
        )
        self._listener: sqlite3.Connection | None = None

    def __repr__(self) -> str:
        return f"<Database {self.path}>"

    async def write(
        self,
        work: Callable[Concatenate[Connection, P], R],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> R:
        """Run work in a transaction of its own, durable on return.

        Raises:
            StoreProblem: the database cannot be used; nothing was written.
        """
        return await self._run(partial(self.write_now, work, *args, **kwargs))

    async def read(
        self,
        work: Callable[Concatenate[Connection, P], R],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> R:
        """Run work on one snapshot; when nobody waits any more, it ends.

        Raises:
            StoreProblem: the database cannot be used.
        """
        reading = _Reading()
        watched = reading.watch(work)
        try:
            return await self._run(partial(self.read_now, watched, *args, **kwargs))
        except asyncio.CancelledError:
            reading.interrupt()
            raise

    def write_now(
        self,
        work: Callable[Concatenate[Connection, P], R],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> R:
        """As `write`, here and now; threads of this process take turns."""
        with self._turn, _Told(self.path), self._writer.begin() as connection:
            return work(connection, *args, **kwargs)

    def read_now(
        self,
        work: Callable[Concatenate[Connection, P], R],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> R:
        """As `read`, here and now."""
        with _Told(self.path), self._readers.begin() as connection:
            return work(connection, *args, **kwargs)

    def change_mark(self) -> int:
        """A number that is another one after any commit by anybody, in microseconds.

        SQLite counts commits of other connections for each connection, so the one that
        asks does nothing else.
        """
        with _Told(self.path):
            if self._listener is None:
                self._listener = connect(self.path)
            [version] = self._listener.execute("PRAGMA data_version").fetchone()
        return int(version)

    async def close(self) -> None:
        """Close all connections; the last one out folds the WAL into the file."""
        await self._run(self.close_now)

    def close_now(self) -> None:
        """As `close`, here and now."""
        self._readers.dispose()
        self._writer.dispose()
        if self._listener is not None:
            self._listener.close()
            self._listener = None


def _engine(
    creator: Callable[[], sqlite3.Connection], begin: str, connections: int
) -> Engine:
    engine = create_engine(
        "sqlite://",
        creator=creator,
        poolclass=QueuePool,
        pool_size=connections,
        max_overflow=0,
        pool_timeout=BUSY_TIMEOUT,
        hide_parameters=True,  # they hold payloads
    )

    def begin_now(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    event.listen(engine, "begin", begin_now)
    return engine


class _Reading:
    """A read that another thread may break off: a filter that is typed wants no answer
    to its first letters.
    """

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._connection: sqlite3.Connection | None = None

    def watch(
        self, work: Callable[Concatenate[Connection, P], R]
    ) -> Callable[Concatenate[Connection, P], R]:
        """The work; while it goes on, its connection is nobody else's."""

        def watched(connection: Connection, /, *args: P.args, **kwargs: P.kwargs) -> R:
            driver = connection.connection.driver_connection
            try:
                self._set(driver)
                return work(connection, *args, **kwargs)
            finally:
                self._set(None)

        return watched

    def _set(self, connection: Any) -> None:
        with self._turn:
            self._connection = connection

    def interrupt(self) -> None:
        """Break it off, if it is still under way."""
        with self._turn:
            if self._connection is not None:
                self._connection.interrupt()


class _Told:
    """Turns the database's errors into sentences."""

    __slots__ = ("_path",)

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: object, error: BaseException | None, trace: object
    ) -> None:
        if isinstance(error, DBAPIError | sqlite3.Error):
            problem = problem_of(error, self._path)
            if problem is not None:
                raise problem from error
        # SQLite's own words, or a text of ours, with bytes that we never wrote.
        if isinstance(error, UnicodeDecodeError):
            raise damaged(self._path) from error
        if isinstance(error, UnicodeEncodeError):
            raise Invalid(
                "A text holds half of a surrogate pair, which is no character.",
                "Type it again, or convert the file to UTF-8.",
            ) from None
