"""What the parts of the form have in common: they tell every edit, and say words."""

from collections.abc import Collection, Mapping
from typing import Any

from textual.containers import VerticalScroll
from textual.message import Message

from core.draft import WebhookDraft
from core.errors import Invalid
from core.model import Webhook
from tui.views.form import Words, problem_words
from tui.widgets.field import Field


class FormPart(VerticalScroll, can_focus=False):
    """One page of the form."""

    DEFAULT_CSS = """
    FormPart { height: 1fr; padding: 1 1 0 1; }
    """

    class Edited(Message):
        """A person changed fields of the draft, or typed what cannot be read."""

        def __init__(
            self,
            changes: Mapping[str, Any],
            unreadable: Mapping[str, Invalid | None] | None = None,
            *,
            typed: bool = True,
        ) -> None:
            super().__init__()
            self.changes = changes
            self.unreadable = unreadable or {}
            self.typed = typed
            """Whether more keys may follow, unlike after a choice."""

        @property
        def fields(self) -> set[str]:
            """The fields that were touched."""
            return {*self.changes, *self.unreadable}

    def __init__(self, draft: WebhookDraft, before: Webhook | None, name: str) -> None:
        super().__init__(name=name, id=f"part-{name}")
        self.draft = draft
        self.before = before
        self._fields: dict[str, Field] = {}

    def on_mount(self) -> None:
        """Note the fields, which are looked at after each key."""
        self._fields = {one.name or "": one for one in self.query(Field)}

    def tell(self, **changes: Any) -> None:
        """Tell what was typed; the screen ignores what changes nothing."""
        # Not by way of the parents: each would cost a turn of the event loop.
        self.screen.post_message(self.Edited(changes))

    def tell_choice(self, **changes: Any) -> None:
        """Tell what was chosen or ticked."""
        self.screen.post_message(self.Edited(changes, typed=False))

    def say(
        self,
        fields: Collection[str],
        problems: Mapping[str, Invalid],
        draft: WebhookDraft,
    ) -> None:
        """Say below each of these fields what is wrong with it, or what it means."""
        for name, field in self._fields.items():
            if name in fields:
                problem = problems.get(name)
                words = problem_words(problem) if problem else None
                field.say(words or self.verdict(name, draft))

    def verdict(self, field: str, draft: WebhookDraft) -> Words:
        """What a field without a problem says."""
        return Words("")

    def focus_field(self, field: str) -> None:
        """Put the cursor into a field."""
        if found := self._fields.get(field):
            found.focus_control()
        else:
            self.focus_first()

    def focus_first(self) -> None:
        """Put the cursor into the first field."""
        for widget in self.query("*"):
            if widget.focusable:
                widget.focus()
                return
