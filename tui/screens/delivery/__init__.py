"""One delivery: why it is where it is, and every attempt."""

from tui.screens.delivery.screen import DeliveryScreen

__all__ = ["DeliveryScreen"]
