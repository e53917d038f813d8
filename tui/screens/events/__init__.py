"""The events, and one of them."""

from tui.screens.events.screen import EventsScreen

__all__ = ["EventsScreen"]
