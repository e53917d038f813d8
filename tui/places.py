"""Which screen stands behind which place. Importing it loads every one of them, so
the console does it after its first paint.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from textual.screen import Screen

from core.errors import NotFound
from tui.desk import Place
from tui.overview import Overview
from tui.screens.audit import AuditScreen
from tui.screens.deliveries import DeliveriesScreen
from tui.screens.delivery import DeliveryScreen
from tui.screens.events import EventsScreen
from tui.screens.webhook import WebhookScreen
from tui.screens.webhooks import WebhooksScreen

PLACES: Mapping[str, Callable[[], Screen[Any]]] = MappingProxyType(
    {
        "webhooks": WebhooksScreen,
        "deliveries": DeliveriesScreen,
        "events": EventsScreen,
        "audit": AuditScreen,
    }
)


def opened_at(place: Place | None, overview: Overview) -> tuple[str, list[Screen[Any]]]:
    """Where the console opens: the place behind a digit, and what stands above it.

    Raises:
        NotFound: when there is no such webhook.
    """
    if place is not None and place.delivery is not None:
        return "deliveries", [DeliveryScreen(place.delivery)]
    if place is not None and place.webhook is not None:
        return "webhooks", [WebhookScreen(_webhook_id(place.webhook, overview))]
    return "webhooks", []


def _webhook_id(id_or_name: str, overview: Overview) -> str:
    for row in overview.rows:
        if id_or_name in (row.id, row.webhook.name):
            return row.id
    raise NotFound(f"No webhook is called {id_or_name!r}.", "Here are all of them.")
