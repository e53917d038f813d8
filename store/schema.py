"""Which schema a database has, and bringing an older one up to date.

Alembic takes half a second to load, so it is loaded only when there is work for it.
"""

import os
import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection

from core.errors import DatabaseUnusable, NewerSchema
from store.database import MODE, Database, connect
from store.problems import damaged


@dataclass(frozen=True)
class Migrations:
    """A folder of steps from one schema to the next, as Alembic keeps them."""

    folder: Path

    @property
    def known(self) -> list[str]:
        """The schemas they lead to, oldest first; files are named after them."""
        return sorted(file.name[:4] for file in self.folder.glob("versions/[0-9]*.py"))


OURS = Migrations(Path(__file__).parent / "migrations")


def bring_up_to_date(database: Database, migrations: Migrations = OURS) -> None:
    """Make the tables in an empty database, or upgrade it, a backup first.

    Raises:
        StoreProblem: it is no database of ours, or made by a newer Hookline.
    """
    known = migrations.known
    version = database.read_now(version_of, database.path, known)
    if version == known[-1]:
        return
    if version is not None:
        back_up(database.path, datetime.now(UTC))
    database.write_now(_upgrade, migrations)


def version_of(
    connection: Connection, path: Path, known: list[str] | None = None
) -> str | None:
    """The database's schema, None when it has none yet.

    Raises:
        DatabaseUnusable: the tables in it are not ours.
        NewerSchema: it was made by a newer Hookline.
    """
    listed = "SELECT name FROM sqlite_schema WHERE type = 'table'"
    names = set(connection.exec_driver_sql(listed).scalars())
    if not names:
        return None
    if "alembic_version" not in names:
        raise DatabaseUnusable(
            f"{path} is a database, but not Hookline's.",
            "Point HOOKLINE_HOME at another folder, or move this file away.",
        )
    found = connection.exec_driver_sql("SELECT version_num FROM alembic_version")
    version: str | None = found.scalar()
    if version is None:
        raise damaged(path)
    known = known or OURS.known
    if version not in known:
        raise NewerSchema(
            f"The database {path} was made by a newer Hookline (schema {version}; this "
            f"one knows up to {known[-1]}).",
            "Use the newer Hookline, or restore the backup made before the upgrade.",
        )
    return version


def back_up(path: Path, now: datetime) -> Path:
    """Copy a database beside itself, whole and consistent, for its owner only."""
    copy = path.with_name(f"{path.name}.{now.astimezone(UTC):%Y%m%dT%H%M%SZ}.backup")
    os.close(os.open(copy, os.O_CREAT | os.O_EXCL | os.O_WRONLY, MODE))
    source, target = connect(path), sqlite3.connect(copy)
    try:
        source.backup(target)
    finally:
        source.close()
        target.close()
    return copy


def _upgrade(connection: Connection, migrations: Migrations) -> None:
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    # Alembic reads a percent sign in a path as the start of a placeholder.
    config.set_main_option("script_location", str(migrations.folder).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
