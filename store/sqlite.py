"""The store over SQLite: all of `core.ports.Store`, put together from its parts."""

from store.history import SqlHistory
from store.intake import SqlIntake
from store.people import SqlPeople
from store.queue import SqlQueue
from store.webhooks import SqlWebhooks


class SqliteStore(SqlPeople, SqlWebhooks, SqlIntake, SqlQueue, SqlHistory):
    """An open database; `store.opening` opens one."""

    def __repr__(self) -> str:
        return f"<SqliteStore {self._database.path}>"

    async def close(self) -> None:
        """Close what is open. A closed store is not used again."""
        await self._database.close()
