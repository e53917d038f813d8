"""The page of one webhook."""

from tui.screens.webhook.screen import WebhookScreen

__all__ = ["WebhookScreen"]
