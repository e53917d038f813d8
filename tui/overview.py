"""How the whole workspace fares: read once for status line, banner and list."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from core.actions.caller import Caller
from core.actions.deliveries import list_workers
from core.actions.webhooks import list_webhooks
from core.history import WebhookRow, WorkerBeat
from tui.views.signs import DISABLED, FAILING, INACTIVE, sign_of
from tui.widgets.status_line import Counter


@dataclass(frozen=True, slots=True)
class Overview:
    """Every webhook and how it fares, and the workers that are alive."""

    rows: tuple[WebhookRow, ...]
    workers: tuple[WorkerBeat, ...]
    at: datetime

    @property
    def names(self) -> dict[str, str]:
        """The webhooks' names by their ids."""
        return {row.id: row.webhook.name for row in self.rows}

    def row(self, webhook_id: str) -> WebhookRow | None:
        """One webhook, by its id."""
        return next((row for row in self.rows if row.id == webhook_id), None)


async def read_overview(caller: Caller) -> Overview:
    """Read it from the store. Raises Forbidden, or what the store raises."""
    rows = await list_webhooks(caller)
    return Overview(tuple(rows), tuple(await list_workers(caller)), caller.now)


def counters(overview: Overview) -> tuple[Counter, ...]:
    """What the status line counts, the worst first."""
    return tuple(_counters(overview))


def _counters(overview: Overview) -> Iterator[Counter]:
    signs = [sign_of(row) for row in overview.rows]
    if not overview.workers:
        yield Counter("▲ no worker", "warn")
    if failing := signs.count(FAILING):
        yield Counter(f"{FAILING.glyph} {failing} failing", "bad")
    if disabled := signs.count(DISABLED):
        yield Counter(f"{DISABLED.glyph} {disabled} disabled", "warn")
    if waiting := sum(row.health.waiting for row in overview.rows):
        yield Counter(f"{waiting:,} waiting")
    if inactive := signs.count(INACTIVE):
        yield Counter(f"{INACTIVE.glyph} {inactive} inactive", "muted")
