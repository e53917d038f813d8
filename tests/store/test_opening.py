"""Making and opening a database: modes, keys, schemas, and what is refused."""

import os
import shutil
import sqlite3
import stat
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from core.audit import AuditEntry
from core.errors import (
    DatabaseUnusable,
    KeyProblem,
    NewerSchema,
    NotInitialised,
    StoreProblem,
)
from core.headers import Header
from core.ports import Store
from store import create_store, inline, open_store
from store.database import Database
from store.schema import OURS, Migrations, bring_up_to_date
from store.tables import metadata
from tests.builders import (
    MINUTE,
    NOON,
    WORKSPACE_ID,
    a_secret_header,
    a_signed_webhook,
    a_signing,
    a_webhook,
    an_audit_entry,
    an_event,
    counting_ids,
    fan_out,
)
from tests.store.conftest import furnish


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


async def refusal(database: Path, key_file: Path) -> StoreProblem:
    """Why the store does not open."""
    with pytest.raises(StoreProblem) as refused:
        await open_store(database, key_file)
    return refused.value


# Making.


async def test_what_is_made_is_its_owners_only(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        store = await create_store(tmp_path / "new.db", tmp_path / "new.key")
        await furnish(store)
        modes = {file.name: mode_of(file) for file in tmp_path.iterdir()}
        await store.close()
    finally:
        os.umask(before)

    names = ("new.db", "new.db-wal", "new.db-shm", "new.key")
    assert modes == dict.fromkeys(names, 0o600)


async def test_making_again_keeps_everything(database: Path, key_file: Path) -> None:
    key = key_file.read_bytes()
    store = await open_store(database, key_file)
    await furnish(store)
    await store.add_webhook(a_signed_webhook(id="whk_2", name="S"), an_audit_entry())
    await store.close()

    again = await create_store(database, key_file)

    assert len(await again.webhooks(WORKSPACE_ID)) == 2
    assert key_file.read_bytes() == key
    await again.close()


async def test_making_finishes_what_was_interrupted(
    database: Path, key_file: Path
) -> None:
    database.write_bytes(b"")
    key_file.unlink()
    assert isinstance(await refusal(database, key_file), NotInitialised)

    await (await create_store(database, key_file)).close()

    await (await open_store(database, key_file)).close()


async def test_making_finishes_after_only_the_key_was_made(
    database: Path, key_file: Path
) -> None:
    connection = sqlite3.connect(database)
    connection.execute("DELETE FROM keys")
    connection.commit()
    connection.close()
    assert isinstance(await refusal(database, key_file), NotInitialised)

    await (await create_store(database, key_file)).close()

    await (await open_store(database, key_file)).close()


@pytest.mark.parametrize(
    "sealed", [{"signing": a_signing()}, {"headers": (a_secret_header(),)}]
)
async def test_a_lost_key_is_made_anew_only_while_nothing_is_sealed(
    database: Path, key_file: Path, sealed: dict[str, Any]
) -> None:
    key_file.unlink()
    store = await create_store(database, key_file)
    await furnish(store)
    tricky = (Header("X-A", ',["v1.x'), Header("X-B", '[["v1.x"]]'))
    await store.save_webhook(a_webhook(revision=2, headers=tricky), audit(1))
    await store.close()
    key_file.unlink()
    store = await create_store(database, key_file)
    await store.save_webhook(a_webhook(revision=3, **sealed), audit(2))
    await store.close()
    key_file.unlink()

    with pytest.raises(KeyProblem, match="missing"):
        await create_store(database, key_file)

    assert not key_file.exists()


def audit(number: int) -> AuditEntry:
    """An entry with an id of its own."""
    return an_audit_entry(id=f"aud_{number}")


async def test_a_database_needs_its_folder(tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnusable, match="No such file or directory"):
        await create_store(tmp_path / "nowhere" / "a.db", tmp_path / "a.key")


# Opening.


async def test_a_missing_database_says_how_to_make_one(tmp_path: Path) -> None:
    problem = await refusal(tmp_path / "none.db", tmp_path / "none.key")

    assert isinstance(problem, NotInitialised)
    assert "hookline init" in problem.hint
    assert list(tmp_path.iterdir()) == []


async def test_a_missing_key_is_said_so(database: Path, key_file: Path) -> None:
    key_file.unlink()

    problem = await refusal(database, key_file)

    assert isinstance(problem, KeyProblem)
    assert str(key_file) in problem.message


async def test_another_key_is_told_from_damage(
    database: Path, key_file: Path, tmp_path: Path
) -> None:
    await (await create_store(tmp_path / "other.db", tmp_path / "other.key")).close()
    assert "does not hold the key" in str(
        await refusal(database, tmp_path / "other.key")
    )

    connection = sqlite3.connect(database)
    connection.execute("UPDATE keys SET proof = substr(proof, 1, 40)")
    connection.commit()
    connection.close()
    assert "is damaged" in str(await refusal(database, key_file))


async def test_a_damaged_secret_names_its_webhook_and_is_never_sent_unsigned(
    sqlite_store: Store, database: Path
) -> None:
    await sqlite_store.save_webhook(a_signed_webhook(revision=2), an_audit_entry())
    connection = sqlite3.connect(database)
    connection.execute("UPDATE webhooks SET signing = replace(signing, 'v1.k', 'v1.x')")
    connection.commit()
    connection.close()

    with pytest.raises(KeyProblem, match="whk_ci"):
        await sqlite_store.webhook(WORKSPACE_ID, "CI")


@pytest.mark.parametrize(
    "damage", ["signing = replace(signing, 'v1.k', 'v1.x')", "url = 'http://[bad'"]
)
async def test_a_damaged_webhook_costs_no_other_its_deliveries(
    sqlite_store: Store, database: Path, damage: str
) -> None:
    await sqlite_store.add_webhook(
        a_signed_webhook(id="whk_bad", name="Bad"), an_audit_entry()
    )
    await sqlite_store.accept([an_event()], fan_out(counting_ids()))
    tamper(database, f"UPDATE webhooks SET {damage} WHERE id = 'whk_bad'")
    lease = NOON + MINUTE

    [claim] = await sqlite_store.claim(NOON, lease, 9, {})

    assert claim.webhook.id == "whk_ci"
    with pytest.raises(StoreProblem, match="whk_bad"):
        await sqlite_store.claim(NOON, lease, 9, {})


def tamper(database: Path, statement: str) -> None:
    connection = sqlite3.connect(database)
    connection.execute(statement)
    connection.commit()
    connection.close()


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM alembic_version",
        "DROP TABLE keys",
        "UPDATE keys SET proof = CAST(x'bf' AS TEXT)",
    ],
)
async def test_a_database_that_lost_a_part_is_damaged(
    sqlite_store: Store, database: Path, key_file: Path, statement: str
) -> None:
    await sqlite_store.close()
    tamper(database, statement)

    assert "is damaged" in str(await refusal(database, key_file))


@pytest.mark.parametrize(
    "content", [b"not a database, but long enough for one" * 40, b"\0" * 4096]
)
async def test_what_is_no_database_is_left_alone(
    database: Path, key_file: Path, content: bytes
) -> None:
    database.write_bytes(content)

    problem = await refusal(database, key_file)
    with pytest.raises(DatabaseUnusable):
        await create_store(database, key_file)

    assert isinstance(problem, DatabaseUnusable)
    assert "is not a Hookline database" in problem.message
    assert database.read_bytes() == content


async def test_somebody_elses_database_is_left_alone(
    database: Path, key_file: Path
) -> None:
    database.unlink()
    connection = sqlite3.connect(database)
    connection.execute("CREATE TABLE recipes (name TEXT)")
    connection.commit()
    connection.close()

    problem = await refusal(database, key_file)

    assert isinstance(problem, DatabaseUnusable)
    assert "not Hookline's" in problem.message


async def test_a_damaged_database_says_how_to_save_what_can_be_read(
    sqlite_store: Store, database: Path, key_file: Path
) -> None:
    await sqlite_store.close()
    content = bytearray(database.read_bytes())
    content[4096:] = os.urandom(len(content) - 4096)
    database.write_bytes(content)

    problem = await refusal(database, key_file)

    assert isinstance(problem, DatabaseUnusable)
    assert "damaged" in problem.message
    assert ".recover" in problem.hint


# Schemas.


async def test_a_newer_schema_is_refused_and_left_alone(
    database: Path, key_file: Path
) -> None:
    connection = sqlite3.connect(database)
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.commit()
    connection.close()
    before = database.read_bytes()

    problem = await refusal(database, key_file)
    with pytest.raises(NewerSchema):
        await create_store(database, key_file)

    assert isinstance(problem, NewerSchema)
    assert "9999" in problem.message
    assert database.read_bytes() == before


async def test_the_migrations_make_the_tables_as_they_are_declared(
    database: Path,
) -> None:
    engine = create_engine(f"sqlite:///{database}")
    with engine.connect() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, metadata) == []
    engine.dispose()


async def test_the_migrations_make_the_same_checks_and_partial_indexes(
    database: Path, tmp_path: Path
) -> None:
    """Which `compare_metadata` does not look at."""
    declared = create_engine(f"sqlite:///{tmp_path / 'declared.db'}")
    metadata.create_all(declared)
    declared.dispose()

    assert schema_of(database) == schema_of(tmp_path / "declared.db")


def schema_of(database: Path) -> dict[str, set[str]]:
    """What each table and index was made with, in any order."""
    connection = sqlite3.connect(database)
    made = connection.execute("SELECT name, sql FROM sqlite_schema WHERE sql NOTNULL")
    schema = {
        name: {line.strip(" ,\t\n") for line in sql.splitlines()} for name, sql in made
    }
    connection.close()
    schema.pop("alembic_version", None)
    return schema


def test_the_known_schemas_are_those_of_the_migrations() -> None:
    config = Config()
    config.set_main_option("script_location", str(OURS.folder))
    config.set_main_option("path_separator", "os")
    script = ScriptDirectory.from_config(config)

    assert script.get_heads() == OURS.known[-1:]
    assert [step.revision for step in script.walk_revisions()] == OURS.known[::-1]


NEXT_STEP = """
import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade():
    op.add_column("webhooks", sa.Column("colour", sa.String()))
    {then}
"""


def a_next_step(folder: Path, then: str = "") -> Migrations:
    """Our migrations and one more."""
    shutil.copytree(OURS.folder, folder)
    step = folder / "versions" / "0002_colours.py"
    step.write_text(NEXT_STEP.format(then=then))
    return Migrations(folder)


async def test_an_older_schema_is_upgraded_after_a_backup(
    sqlite_store: Store, database: Path, tmp_path: Path
) -> None:
    await sqlite_store.close()
    opened = Database(database, inline)

    bring_up_to_date(opened, a_next_step(tmp_path / "next%step"))
    opened.close_now()

    [backup] = tmp_path.glob("*.backup")
    assert mode_of(backup) == 0o600
    assert columns_of(database) - columns_of(backup) == {"colour"}
    assert names_in(database) == names_in(backup) == ["CI"]


async def test_a_step_that_breaks_leaves_the_schema_as_it_was(
    sqlite_store: Store, database: Path, key_file: Path, tmp_path: Path
) -> None:
    await sqlite_store.close()
    before = columns_of(database)
    opened = Database(database, inline)

    with pytest.raises(ZeroDivisionError):
        bring_up_to_date(opened, a_next_step(tmp_path / "next", then="1 / 0"))
    opened.close_now()

    assert columns_of(database) == before
    await (await open_store(database, key_file)).close()


def columns_of(database: Path) -> set[str]:
    """The columns of its webhooks."""
    connection = sqlite3.connect(database)
    found = connection.execute("SELECT name FROM pragma_table_info('webhooks')")
    names = {name for (name,) in found}
    connection.close()
    return names


def names_in(database: Path) -> list[str]:
    """The names of its webhooks."""
    connection = sqlite3.connect(database)
    names = [name for (name,) in connection.execute("SELECT name FROM webhooks")]
    connection.close()
    return names
