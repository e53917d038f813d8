"""Which screen stands behind which place. Importing it loads every one of them, so
the console does it after its first paint.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from textual.screen import Screen

from tui.desk import Place
from tui.screens.deliveries import DeliveriesScreen
from tui.screens.delivery import DeliveryScreen
from tui.screens.webhook import WebhookScreen
from tui.screens.webhooks import WebhooksScreen

PLACES: Mapping[str, Callable[[], Screen[Any]]] = MappingProxyType(
    {
        "webhooks": WebhooksScreen,
        "deliveries": DeliveriesScreen,
    }
)


def opened_at(place: Place | None) -> tuple[str, list[Screen[Any]]]:
    """Where the console opens: the place behind a digit, and what stands above it.

    The webhook of the place is its id.
    """
    if place is not None and place.delivery is not None:
        return "deliveries", [DeliveryScreen(place.delivery)]
    if place is not None and place.webhook is not None:
        return "webhooks", [WebhookScreen(place.webhook)]
    return "webhooks", []
