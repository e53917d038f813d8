"""Making a database with its key, and opening it: where a store comes from.

A key is made only where no secret is sealed yet, and a database is used only with the
key that sealed its secrets: nothing is ever sent unsigned for want of a key.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from sqlalchemy import Connection, delete, insert, select

from core.errors import DatabaseUnusable, KeyProblem
from core.secret import Secret
from store.database import MODE, Database
from store.keyfile import create_key_file, read_key_file
from store.problems import missing
from store.running import Run, inline
from store.schema import bring_up_to_date, version_of
from store.sealing import KeyRing, Place
from store.sqlite import SqliteStore
from store.tables import keys as keys_table
from store.tables import webhooks

_PROOF = Secret("This key opens the secrets of this database.")


async def create_store(
    database: Path, key_file: Path, run: Run = inline
) -> SqliteStore:
    """Make a database and its key file, and open it.

    Both lie in folders that exist. What is there already stays and is checked, so that
    running it again finishes what was interrupted.

    Raises:
        StoreProblem: a file cannot be made, or one is there that cannot be used.
    """
    return await run(partial(_create, database, key_file, run))


async def open_store(database: Path, key_file: Path, run: Run = inline) -> SqliteStore:
    """Open a database; one with an older schema is upgraded, after a backup.

    Args:
        database: the file.
        key_file: the key that sealed its secrets.
        run: where its work runs: `running.inline`, or `running.in_threads()` for a
            console, whose event loop must never wait.

    Raises:
        NotInitialised: there is no database yet.
        StoreProblem: it cannot be used, or not with this key.
    """
    return await run(partial(_open, database, key_file, run))


def _create(path: Path, key_file: Path, run: Run) -> SqliteStore:
    _create_file(path)
    with _closed_on_error(Database(path, run)) as database:
        bring_up_to_date(database)
        if not database.read_now(_has_secrets):
            new = not key_file.exists()
            keys = create_key_file(key_file) if new else read_key_file(key_file)
            database.write_now(_begin_with, keys)
        return _with_key(database, key_file)


def _open(path: Path, key_file: Path, run: Run) -> SqliteStore:
    with _closed_on_error(Database(path, run)) as database:
        if database.read_now(version_of, path) is None:
            raise missing(path)
        bring_up_to_date(database)
        return _with_key(database, key_file)


@contextmanager
def _closed_on_error(database: Database) -> Iterator[Database]:
    try:
        yield database
    except BaseException:
        database.close_now()
        raise


def _with_key(database: Database, key_file: Path) -> SqliteStore:
    keys = read_key_file(key_file)
    database.read_now(_check_keys, database.path, keys, key_file)
    return SqliteStore(database, keys)


def _create_file(path: Path) -> None:
    """Make an empty file for its owner only; SQLite's files beside it take its mode."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        os.close(os.open(path, flags, MODE))
    except FileExistsError:
        return
    except OSError as error:
        raise DatabaseUnusable(
            f"The database {path} cannot be made: {error.strerror}.",
            "Check that its folder exists, is yours and has space.",
        ) from error


def _has_secrets(connection: Connection) -> bool:
    # A sealed value stands in a list of its own; in a plain one the quote is escaped.
    sealed = webhooks.c.signing.is_not(None) | webhooks.c.headers.contains(',["v1.')
    return connection.execute(select(webhooks.c.id).where(sealed)).first() is not None


def _begin_with(connection: Connection, keys: KeyRing) -> None:
    """Use these keys; whichever were used before sealed nothing."""
    connection.execute(delete(keys_table))
    proof = keys.seal(_PROOF, _proof_place(keys.active))
    connection.execute(insert(keys_table), {"id": keys.active, "proof": proof})


def _check_keys(connection: Connection, path: Path, keys: KeyRing, file: Path) -> None:
    """The key file must hold every key that sealed something here."""
    query = select(keys_table.c.id, keys_table.c.proof)
    proofs = connection.execute(query).all()
    if not proofs:
        raise missing(path)  # whoever made it was interrupted
    for key_id, proof in proofs:
        if key_id not in keys:
            raise KeyProblem(
                f"The key file {file} does not hold the key {key_id}, which sealed the "
                "secrets of this database.",
                "Restore the key file from the same backup as the database.",
            )
        keys.open(proof, _proof_place(key_id))


def _proof_place(key_id: str) -> Place:
    return Place("keys", "proof", key_id)
