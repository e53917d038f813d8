"""A test event, sent for real."""

from tui.screens.test.screen import TestScreen

__all__ = ["TestScreen"]
