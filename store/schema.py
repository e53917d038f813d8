"""Which schema a database has, and bringing an older one up to date.

Alembic takes half a second to load, so it is loaded only when there is work for it.
"""

import os
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection

from core.errors import DatabaseUnusable, NewerSchema
from store.database import MODE, connect

MIGRATIONS = Path(__file__).parent / "migrations"
KNOWN = tuple(sorted(file.name[:4] for file in MIGRATIONS.glob("versions/[0-9]*.py")))
HEAD = KNOWN[-1]


def version_of(connection: Connection, path: Path) -> str | None:
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
    version = found.scalar()
    if version is not None and version not in KNOWN:
        raise NewerSchema(
            f"The database {path} was made by a newer Hookline (schema {version}; this "
            f"one knows up to {HEAD}).",
            "Use the newer Hookline, or restore the backup made before the upgrade.",
        )
    return str(version) if version is not None else None


def upgrade(connection: Connection) -> None:
    """Bring the schema up to date, within the connection's transaction."""
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


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
