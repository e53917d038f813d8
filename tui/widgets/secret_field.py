"""A field for a secret: what is typed is masked, what is kept is never shown."""

from textual.widgets import Input

from core.secret import Secret
from tui.text import SafeText


class SecretField(Input):
    """Typing replaces the kept secret; clearing the field keeps it."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(password=True, compact=True, id=id)

    def show_kept(self, kept: Secret | None) -> None:
        """Empty the field, and show the mask of what is there already."""
        self.placeholder = SafeText(kept.masked if kept else "")
        with self.prevent(Input.Changed):
            self.value = ""

    @property
    def typed(self) -> Secret | None:
        """The new secret, or None while nothing was typed."""
        return Secret(self.value) if self.value else None
