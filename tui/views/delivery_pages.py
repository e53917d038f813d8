"""The history as pages of a table: `Window` on one side, `Pages` on the other."""

from collections.abc import Mapping, Sequence

from core.actions.caller import Caller
from core.actions.deliveries import count_deliveries, delivery_rows, list_deliveries
from core.history import DeliveryFilter, DeliveryRow, Window
from tui.widgets.pages import Count, Page


class DeliveryPages:
    """Deliveries under one filter, newest first."""

    def __init__(self, caller: Caller, wanted: DeliveryFilter) -> None:
        self._caller = caller
        self._wanted = wanted
        self._counted: tuple[str, str, int] = ("", "", 0)

    async def newest(self, limit: int) -> Page[DeliveryRow]:
        """The newest rows."""
        return _from_start(await self._read(Window(limit=limit + 1)), limit)

    async def oldest(self, limit: int) -> Page[DeliveryRow]:
        """The oldest rows."""
        return _to_end(await self._read(Window(newer_than="", limit=limit + 1)), limit)

    async def older(self, than: str, limit: int) -> Page[DeliveryRow]:
        """The rows just below this one."""
        rows = await self._read(Window(older_than=than, limit=limit + 1))
        return _from_start(rows, limit)

    async def newer(self, than: str, limit: int) -> Page[DeliveryRow]:
        """The rows just above this one."""
        rows = await self._read(Window(newer_than=than, limit=limit + 1))
        return _to_end(rows, limit)

    async def rows(self, keys: Sequence[str]) -> Mapping[str, DeliveryRow]:
        """These rows as they are now."""
        found = await delivery_rows(self._caller, keys)
        return {row.id: row for row in found}

    async def count(self) -> Count:
        """How many there are, up to a cap."""
        found = await count_deliveries(self._caller, self._wanted)
        return Count(found.value, found.exact)

    async def count_newer(self, than: str, at_most: int) -> int:
        """How many came after this one.

        A held list asks again and again, so only what came since the last time is read.
        """
        start, newest, known = self._counted
        if start != than:
            newest, known = than, 0
        if known < at_most:
            window = Window(newer_than=newest, limit=at_most - known)
            rows = await self._read(window)
            newest, known = (rows[0].id if rows else newest), known + len(rows)
        self._counted = (than, newest, known)
        return known

    async def _read(self, window: Window) -> Sequence[DeliveryRow]:
        return await list_deliveries(self._caller, self._wanted, window)


def _from_start(rows: Sequence[DeliveryRow], limit: int) -> Page[DeliveryRow]:
    return Page(rows[:limit], len(rows) > limit)


def _to_end(rows: Sequence[DeliveryRow], limit: int) -> Page[DeliveryRow]:
    return Page(rows[max(0, len(rows) - limit) :], len(rows) > limit)
