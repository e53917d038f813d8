"""What every part of a store is made of: a database, keys, and the webhooks opened."""

from collections.abc import Collection, Mapping

from sqlalchemy import Connection, RowMapping, bindparam, insert, select

from core.audit import AuditEntry
from core.errors import DatabaseUnusable, Invalid
from core.model import Webhook
from store import tables
from store.convert import audit_params
from store.database import Database
from store.sealing import KeyRing
from store.webhook_rows import to_webhook

_BY_ID = select(tables.webhooks).where(
    tables.webhooks.c.id.in_(bindparam("ids", expanding=True))
)
_AUDIT = insert(tables.audit)


class Opened:
    """Webhooks with their secrets opened, each revision once.

    The same revision is always the same object: an editor tells a secret that was kept
    from one that was typed again by identity (`core.draft.retyped_needed`).
    """

    def __init__(self, keys: KeyRing) -> None:
        self._keys = keys
        self._webhooks: dict[tuple[str, int], Webhook] = {}

    def of(self, row: RowMapping) -> Webhook:
        """The webhook of a row of `webhooks`.

        Raises:
            KeyProblem: a secret of it does not open.
            DatabaseUnusable: it is damaged in another way.
        """
        revision = (row["id"], row["revision"])
        known = self._webhooks.get(revision)
        if known is not None:
            return known
        return self._webhooks.setdefault(revision, self._read(row))

    def _read(self, row: RowMapping) -> Webhook:
        try:
            return to_webhook(row, self._keys)
        except (Invalid, ValueError) as error:
            raise DatabaseUnusable(
                f"The webhook {row['id']} in the database is damaged: {error}",
                "Restore the database from a backup.",
            ) from None

    def load(
        self, connection: Connection, revisions: Collection[tuple[str, int]]
    ) -> Mapping[str, Webhook]:
        """Webhooks by id, reading only those not opened before. Raises as `of`."""
        missing = [webhook_id for webhook_id, _ in self._unknown(revisions)]
        if missing:
            for row in connection.execute(_BY_ID, {"ids": missing}).mappings():
                self.of(row)
        return {revision[0]: self._webhooks[revision] for revision in revisions}

    def _unknown(self, revisions: Collection[tuple[str, int]]) -> list[tuple[str, int]]:
        return [revision for revision in revisions if revision not in self._webhooks]


class Part:
    """A part of a store; the parts are protocols of `core.ports`, over any database."""

    def __init__(self, database: Database, keys: KeyRing) -> None:
        self._database = database
        self._keys = keys
        self._opened = Opened(keys)


def note(connection: Connection, entry: AuditEntry) -> None:
    """Write an audit entry, in the transaction of what it tells."""
    connection.execute(_AUDIT, audit_params(entry))
