"""The tables: columns, checks and indexes, and nothing a row could do.

Rows have no methods, no relationships and do not leave `store`; `convert` turns them
into values. Times are microseconds since 1970 in UTC, durations microseconds, what is
nested is JSON text: compact, sortable, and the same in every database.

An index on `deliveries` is paid for at each of a delivery's steps, so each has its
question beside it. There is no full index on `state`: with one, and no statistics,
SQLite reads a whole backlog to claim one delivery.
"""

from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Index,
    MetaData,
    Table,
    text,
)
from sqlmodel import Field, SQLModel

from core.model import DeliveryState, Trigger
from core.outcome import FailureKind

PLATFORM = ""  # a platform admin's place in `members`, where a workspace's id would be


class Record(SQLModel):
    """The base of all tables; constraints have names, so that they can be altered."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


def _big(*, primary_key: bool = False) -> Any:
    return Field(sa_type=BigInteger, primary_key=primary_key)


def _maybe_big() -> Any:
    return Field(default=None, sa_type=BigInteger)


def _one_of(column: str, values: type[StrEnum]) -> CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


class WorkspaceTable(Record, table=True):
    """Tenants."""

    __tablename__ = "workspaces"

    id: str = Field(primary_key=True)
    slug: str = Field(unique=True)
    name: str


class MemberTable(Record, table=True):
    """Who is what, where; `workspace_id` is `PLATFORM` for a platform admin."""

    __tablename__ = "members"

    login: str = Field(primary_key=True)
    workspace_id: str = Field(primary_key=True)
    role: str


class EventTypeTable(Record, table=True):
    """The catalogue of each workspace."""

    __tablename__ = "event_types"

    workspace_id: str = Field(primary_key=True, foreign_key="workspaces.id")
    name: str = Field(primary_key=True)
    description: str
    sample: str


class WebhookTable(Record, table=True):
    """Webhooks as of their newest revision; a deleted one stays, for its history.

    The secret values in `headers` and `signing` are sealed one by one. The narrow
    columns come first: a claim reads them for every webhook, and no template.
    """

    __tablename__ = "webhooks"
    __table_args__ = (
        CheckConstraint("in_flight > 0", name="in_flight"),
        CheckConstraint("timeout > 0", name="timeout"),
        Index(
            "uq_webhooks_name",
            "workspace_id",
            "name",
            unique=True,
            **_where("deleted_at IS NULL"),
        ),
    )

    id: str = Field(primary_key=True)
    workspace_id: str = Field(foreign_key="workspaces.id")
    revision: int
    active: bool
    deleted_at: int | None = _maybe_big()
    in_flight: int
    timeout: float
    name: str
    url: str
    events: str
    created_at: int = _big()
    updated_at: int = _big()
    method: str
    content_type: str
    ignore_ssl: bool
    disabled_reason: str | None = None
    schedule: str
    give_up_on_4xx: bool
    headers: str
    signing: str | None = None
    template: str | None = None


class WebhookRevisionTable(Record, table=True):
    """What each saved revision said, without the values of secrets."""

    __tablename__ = "webhook_revisions"

    webhook_id: str = Field(primary_key=True, foreign_key="webhooks.id")
    revision: int = Field(primary_key=True)
    saved_at: int = _big()
    settings: str


class EventTable(Record, table=True):
    """What happened, as it was accepted."""

    __tablename__ = "events"
    __table_args__ = (
        Index("ix_events_page", "workspace_id", "id"),
        Index(
            "uq_events_idempotency_key",
            "workspace_id",
            "idempotency_key",
            unique=True,
            **_where("idempotency_key IS NOT NULL"),
        ),
    )

    id: str = Field(primary_key=True)
    workspace_id: str = Field(foreign_key="workspaces.id")
    type: str
    created_at: int = _big()
    idempotency_key: str | None = None
    payload: bytes


class DeliveryTable(Record, table=True):
    """Deliveries, each with what lists show of its newest attempt.

    `due_at` is set exactly as long as a worker has something to do.
    """

    __tablename__ = "deliveries"
    __table_args__ = (
        _one_of("state", DeliveryState),
        _one_of("trigger", Trigger),
        CheckConstraint(
            "(due_at IS NOT NULL) = (state IN ('pending', 'sending', 'retrying'))",
            name="due",
        ),
        # What is due for a webhook, and how much waits for it.
        Index(
            "ix_deliveries_due", "webhook_id", "due_at", **_where("due_at IS NOT NULL")
        ),
        # How much is held for a webhook, and which. The state stands in the key only
        # to make this index the planner's first choice.
        Index("ix_deliveries_held", "webhook_id", "state", **_where("state = 'held'")),
        # The history of a workspace, and of a webhook.
        Index("ix_deliveries_page", "workspace_id", "id"),
        Index("ix_deliveries_webhook_page", "webhook_id", "id"),
        # The history of all that is not simply delivered; what stands behind the id
        # saves looking at the row of what a filter does not want.
        Index(
            "ix_deliveries_state_page",
            "workspace_id",
            "state",
            "id",
            "webhook_id",
            "last_status",
            "last_failure",
            **_where("state <> 'delivered'"),
        ),
        # Where in the history a time is.
        Index("ix_deliveries_time", "workspace_id", "created_at"),
        # What became of an event.
        Index("ix_deliveries_event", "event_id"),
        # The id is the key of most questions: SQLite keeps the rows in its order.
        {"sqlite_with_rowid": False},
    )

    id: str = Field(primary_key=True)
    workspace_id: str = Field(foreign_key="workspaces.id")
    webhook_id: str = Field(foreign_key="webhooks.id")
    event_id: str = Field(foreign_key="events.id")
    event_type: str
    state: str
    created_at: int = _big()
    due_at: int | None = _maybe_big()
    attempts: int
    claims: int
    trigger: str
    last_number: int | None = None
    last_at: int | None = _maybe_big()
    last_duration: int | None = _maybe_big()
    last_status: int | None = None
    last_failure: str | None = None
    last_detail: str | None = None


class AttemptTable(Record, table=True):
    """Every request that was made, its secrets masked, and what came of it.

    The phases are microseconds, null where there was none.
    """

    __tablename__ = "attempts"
    __table_args__ = (
        _one_of("trigger", Trigger),
        _one_of("failure", FailureKind),
        CheckConstraint("(status IS NULL) <> (failure IS NULL)", name="outcome"),
    )

    delivery_id: str = Field(primary_key=True, foreign_key="deliveries.id")
    number: int = Field(primary_key=True)
    trigger: str
    revision: int
    started_at: int = _big()
    duration: int = _big()
    method: str | None = None
    url: str | None = None
    request_headers: str | None = None
    body_sha256: bytes | None = None
    body_size: int | None = None
    status: int | None = None
    reason: str | None = None
    response_headers: str | None = None
    response_body: bytes | None = None
    truncated: bool | None = None
    failure: str | None = None
    detail: str | None = None
    dns: int | None = None
    connect: int | None = None
    tls: int | None = None
    send: int | None = None
    wait: int | None = None
    receive: int | None = None
    reused: bool
    peer: str | None = None
    tls_facts: str | None = None
    verdict: str
    verdict_at: int | None = _maybe_big()
    verdict_why: str | None = None
    verdict_disable: bool | None = None


class TallyTable(Record, table=True):
    """Attempts of a webhook per minute since 1970, so that no health scans attempts."""

    __tablename__ = "tallies"
    __table_args__ = ({"sqlite_with_rowid": False},)

    webhook_id: str = Field(primary_key=True, foreign_key="webhooks.id")
    minute: int = _big(primary_key=True)
    delivered: int
    failed: int


class WebhookStatusTable(Record, table=True):
    """The newest attempt of each webhook, and since when it only fails."""

    __tablename__ = "webhook_status"

    webhook_id: str = Field(primary_key=True, foreign_key="webhooks.id")
    failing_since: int | None = _maybe_big()
    last_number: int
    last_at: int = _big()
    last_duration: int = _big()
    last_status: int | None = None
    last_failure: str | None = None
    last_detail: str | None = None


class WorkerTable(Record, table=True):
    """Workers that said they live."""

    __tablename__ = "workers"

    id: str = Field(primary_key=True)
    host: str
    pid: int
    version: str
    started_at: int = _big()
    seen_at: int = _big()
    in_flight: int
    delivered: int


class AuditTable(Record, table=True):
    """Who did what, with secrets as `changed`; written in the change's transaction."""

    __tablename__ = "audit"
    __table_args__ = (Index("ix_audit_page", "workspace_id", "id"),)

    id: str = Field(primary_key=True)
    workspace_id: str | None = None
    at: int = _big()
    login: str
    action: str
    subject: str
    changes: str


class KeyTable(Record, table=True):
    """One known text sealed with each key in use: it tells a wrong key from damage."""

    __tablename__ = "keys"

    id: str = Field(primary_key=True)
    proof: str


def _table(record: type[Record]) -> Table:
    table: Table = record.__table__  # type: ignore[attr-defined]
    return table


metadata = Record.metadata
workspaces = _table(WorkspaceTable)
members = _table(MemberTable)
event_types = _table(EventTypeTable)
webhooks = _table(WebhookTable)
webhook_revisions = _table(WebhookRevisionTable)
events = _table(EventTable)
deliveries = _table(DeliveryTable)
attempts = _table(AttemptTable)
tallies = _table(TallyTable)
webhook_status = _table(WebhookStatusTable)
workers = _table(WorkerTable)
audit = _table(AuditTable)
keys = _table(KeyTable)

IS_SENDING = text("state = 'sending'")
IS_HELD = text("state = 'held'")
NOT_DELIVERED = text("state <> 'delivered'")
"""Conditions of partial indexes, letter for letter: only then are they used."""

LAST: tuple[str, ...] = (
    "last_number",
    "last_at",
    "last_duration",
    "last_status",
    "last_failure",
    "last_detail",
)
"""The columns that keep a newest attempt, in `deliveries` and in `webhook_status`."""


def columns(table: Table, *names: str) -> list[Column[Any]]:
    """These columns, in this order."""
    return [table.c[name] for name in names]
