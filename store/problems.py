"""SQLite's errors as sentences; the one place that knows them.

What is not listed is a mistake of ours, and passes through as it is.
"""

import sqlite3
from collections.abc import Callable
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from core.errors import DatabaseLocked, DatabaseUnusable, NotInitialised, StoreProblem

BUSY_TIMEOUT = 10.0  # seconds to wait for whoever else writes


def missing(path: Path) -> StoreProblem:
    """There is no database: nobody made one, or its folder is not there."""
    return NotInitialised(
        f"There is no database {path} yet.", "Run 'hookline init' to make one."
    )


def problem_of(error: DBAPIError | sqlite3.Error, path: Path) -> StoreProblem | None:
    """What is wrong with the database and what to do, or None if it is not that."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    if not isinstance(cause, sqlite3.Error):
        return None
    if any(words in str(cause) for words in _NOT_AS_DECLARED):
        return damaged(path)
    code = getattr(cause, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
    describe = _PROBLEMS.get(code & 0xFF)  # the rest of the code says which kind of it
    return describe(path) if describe else None


def _locked(path: Path) -> StoreProblem:
    return DatabaseLocked(
        f"Another process has been writing to the database {path} for longer than "
        f"Hookline waits ({BUSY_TIMEOUT:.0f} seconds).",
        f"Try again; 'fuser {path}' says who it is.",
    )


def _not_a_database(path: Path) -> StoreProblem:
    return DatabaseUnusable(
        f"{path} is not a Hookline database.",
        "Point HOOKLINE_HOME at another folder, or move this file away.",
    )


def damaged(path: Path) -> StoreProblem:
    """It was a database of ours, and is none any more."""
    return DatabaseUnusable(
        f"The database {path} is damaged.",
        "Stop all workers and restore it from a backup; "
        f"'sqlite3 {path} .recover' saves what can be read.",
    )


def _read_only(path: Path) -> StoreProblem:
    return DatabaseUnusable(
        f"The database {path} cannot be written: it, its folder or its disk is "
        "read-only for you.",
        "Run Hookline as the user it was set up for, or mend the permissions.",
    )


def _full(path: Path) -> StoreProblem:
    return DatabaseUnusable(
        f"There is no space left for the database {path}.",
        "Make space; nothing that was accepted is lost, and work goes on by itself.",
    )


def _disk(path: Path) -> StoreProblem:
    return DatabaseUnusable(
        f"The disk with the database {path} fails to read or write.",
        "Look at the system's log; what was accepted before is still there.",
    )


def _unopenable(path: Path) -> StoreProblem:
    if not path.exists():
        return missing(path)
    return DatabaseUnusable(
        f"The database {path} cannot be opened.",
        "Run Hookline as the user it was set up for, or mend the permissions.",
    )


# The schema's version is right, and what it says is not there.
_NOT_AS_DECLARED = (
    *("no such table", "no such column", "has no column", "malformed database schema"),
    "Could not decode to UTF-8",  # Python's own, and it quotes the column
)

_PROBLEMS: dict[int, Callable[[Path], StoreProblem]] = {
    sqlite3.SQLITE_BUSY: _locked,
    sqlite3.SQLITE_LOCKED: _locked,
    sqlite3.SQLITE_PERM: _read_only,
    sqlite3.SQLITE_READONLY: _read_only,
    sqlite3.SQLITE_IOERR: _disk,
    sqlite3.SQLITE_CORRUPT: damaged,
    sqlite3.SQLITE_FULL: _full,
    sqlite3.SQLITE_CANTOPEN: _unopenable,
    sqlite3.SQLITE_NOTADB: _not_a_database,
}
