"""Who changed what."""

from tui.screens.audit.screen import AuditScreen

__all__ = ["AuditScreen"]
