"""What is being edited: the draft, what it began as, and what cannot be read yet.

Pure: every edit gives another form.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from core.draft import (
    WebhookDraft,
    draft_of,
    preview_webhook,
    problems,
    retyped_needed,
)
from core.errors import Invalid
from core.model import Webhook
from tui.views.form import in_form_order


@dataclass(frozen=True, slots=True)
class Form:
    """A draft on its way; `before` is the saved webhook it will replace."""

    draft: WebhookDraft
    first: WebhookDraft
    before: Webhook | None = None
    unreadable: Mapping[str, Invalid] = field(default_factory=dict)
    """Fields whose text is no value, such as a timeout of `abc`."""

    @property
    def is_changed(self) -> bool:
        """Whether leaving would lose something."""
        return self.draft != self.first or bool(self.unreadable)

    @property
    def dropped(self) -> tuple[str, ...]:
        """The secret headers that saving would drop, by name."""
        return retyped_needed(self.before, self.draft) if self.before else ()

    def edited(
        self, changes: Mapping[str, Any], unreadable: Mapping[str, Invalid | None]
    ) -> "Form":
        """The form after a field changed, or could not be read."""
        still = {**self.unreadable, **unreadable}
        return replace(
            self,
            draft=replace(self.draft, **changes),
            unreadable={name: why for name, why in still.items() if why is not None},
        )

    def webhook(self, workspace_id: str, now: datetime) -> tuple[Webhook, bool]:
        """The webhook it would be now, and whether it is saved just so.

        Raises:
            Invalid: when no request can be built yet.
        """
        if self.before is not None and not self.is_changed:
            return self.before, True
        draft = preview_webhook(
            self.draft, workspace_id=workspace_id, now=now, before=self.before
        )
        return draft, False

    def problems(self) -> dict[str, Invalid]:
        """What keeps it from being saved, by field; the first one of each."""
        found: dict[str, Invalid] = dict(self.unreadable)
        for problem in problems(self.draft, self.before):
            found.setdefault(problem.field, problem)
        return in_form_order(found)


def form_for(webhook: Webhook | None, draft: WebhookDraft | None) -> Form:
    """A form for a saved webhook, for a draft such as a duplicate, or an empty one."""
    if webhook is not None:
        saved = draft_of(webhook)
        return Form(draft or saved, first=saved, before=webhook)
    return Form(draft or WebhookDraft(), first=WebhookDraft())
