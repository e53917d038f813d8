"""The history of deliveries."""

from tui.screens.deliveries.screen import DeliveriesScreen

__all__ = ["DeliveriesScreen"]
