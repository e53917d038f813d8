"""The list of webhooks."""

from tui.screens.webhooks.screen import WebhooksScreen

__all__ = ["WebhooksScreen"]
