"""Keyset windows as a table's pages: `Window` on one side, `Pages` on the other."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Generic, Protocol, TypeVar

from core.actions.caller import Caller
from core.actions.deliveries import count_deliveries, delivery_rows, list_deliveries
from core.actions.events import list_events
from core.actions.workspaces import list_audit
from core.audit import AuditEntry
from core.history import DeliveryFilter, DeliveryRow, EventRow, Window
from tui.widgets.pages import Count, Page


class HasId(Protocol):
    """A row that continues by its id."""

    @property
    def id(self) -> str:
        """The key of the page."""


R = TypeVar("R", bound=HasId)

_AFTER = "~"  # sorts after every character of an id


class WindowPages(Generic[R]):
    """Rows that are read in keyset windows, newest first."""

    def __init__(self, read: Callable[[Window], Awaitable[Sequence[R]]]) -> None:
        self._read = read
        self._counted: tuple[str, str, int] = ("", "", 0)

    async def newest(self, limit: int) -> Page[R]:
        """The newest rows."""
        return _from_start(await self._read(Window(limit=limit + 1)), limit)

    async def oldest(self, limit: int) -> Page[R]:
        """The oldest rows."""
        return _to_end(await self._read(Window(newer_than="", limit=limit + 1)), limit)

    async def older(self, than: str, limit: int) -> Page[R]:
        """The rows just below this one."""
        rows = await self._read(Window(older_than=than, limit=limit + 1))
        return _from_start(rows, limit)

    async def newer(self, than: str, limit: int) -> Page[R]:
        """The rows just above this one."""
        rows = await self._read(Window(newer_than=than, limit=limit + 1))
        return _to_end(rows, limit)

    async def rows(self, keys: Sequence[str]) -> Mapping[str, R]:
        """These rows, which are neighbours, as they are now."""
        window = Window(older_than=max(keys) + _AFTER, limit=len(keys))
        return {row.id: row for row in await self._read(window) if row.id in keys}

    async def count(self) -> Count:
        """At least none: counting them all would cost more than it tells."""
        return Count(0, exact=False)

    async def count_newer(self, than: str, at_most: int) -> int:
        """How many came after this one.

        A held list asks again and again, so only what came since the last time is read.
        """
        start, newest, known = self._counted
        if start != than:
            newest, known = than, 0
        if known < at_most:
            rows = await self._read(Window(newer_than=newest, limit=at_most - known))
            newest, known = (rows[0].id if rows else newest), known + len(rows)
        self._counted = (than, newest, known)
        return known


class DeliveryPages(WindowPages[DeliveryRow]):
    """Deliveries under one filter."""

    def __init__(self, caller: Caller, wanted: DeliveryFilter) -> None:
        super().__init__(lambda window: list_deliveries(caller, wanted, window))
        self._caller = caller
        self._wanted = wanted

    async def rows(self, keys: Sequence[str]) -> Mapping[str, DeliveryRow]:
        """These rows as they are now, also those that left the filter meanwhile."""
        return {row.id: row for row in await delivery_rows(self._caller, keys)}

    async def count(self) -> Count:
        """How many there are, up to a cap."""
        found = await count_deliveries(self._caller, self._wanted)
        return Count(found.value, found.exact)


def event_pages(caller: Caller, event_type: str | None) -> WindowPages[EventRow]:
    """Events of types that match a pattern."""
    return WindowPages(lambda window: list_events(caller, window, event_type))


def audit_pages(caller: Caller) -> WindowPages[AuditEntry]:
    """What was changed, and by whom."""
    return WindowPages(lambda window: list_audit(caller, window))


def _from_start(rows: Sequence[R], limit: int) -> Page[R]:
    return Page(rows[:limit], len(rows) > limit)


def _to_end(rows: Sequence[R], limit: int) -> Page[R]:
    return Page(rows[max(0, len(rows) - limit) :], len(rows) > limit)
