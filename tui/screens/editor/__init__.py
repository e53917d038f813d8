"""The editor of a webhook, with the request it would send beside it."""

from tui.screens.editor.screen import EditorScreen

__all__ = ["EditorScreen"]
