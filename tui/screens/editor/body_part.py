"""The fourth page: the template of the body."""

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widgets import Button, Static, TextArea

from core.draft import WebhookDraft
from core.model import Webhook
from tui.screens.editor.part import FormPart
from tui.widgets.template_editor import TemplateEditor

_HINT = (
    "No template: the body is the JSON envelope with id, type, created_at, workspace "
    "and data.\nWrite Jinja here, such as {{ data.review.title | tojson }}, or press "
    "F5 to begin with a ready one."
)


class BodyPart(FormPart):
    """The template editor, and where its cursor is."""

    DEFAULT_CSS = """
    BodyPart {
        padding: 0;
        #body-head { height: 1; padding: 0 1; background: $background; }
        #body-head Static { width: 1fr; color: $foreground-muted; }
        #body-head Button { margin-left: 1; }
    }
    """

    class Starters(Message):
        """A person wants to begin with a ready template."""

    def __init__(self, draft: WebhookDraft, before: Webhook | None) -> None:
        super().__init__(draft, before, "body")

    def compose(self) -> ComposeResult:
        """Lay out the editor between its place and its words."""
        with Horizontal(id="body-head"):
            yield Static("Jinja", id="body-place")
            yield Button("Starters F5", compact=True, id="starters")
        editor = TemplateEditor(self.draft.template or "", id="template")
        editor.placeholder = Content(_HINT)
        yield editor

    @property
    def editor(self) -> TemplateEditor:
        """The editor itself."""
        return self.query_one(TemplateEditor)

    def focus_field(self, field: str) -> None:
        """Put the cursor into the template."""
        self.editor.focus()

    def focus_first(self) -> None:
        """Put the cursor into the template."""
        self.editor.focus()

    @on(TextArea.Changed)
    def _typed(self, message: TextArea.Changed) -> None:
        message.stop()
        self.tell(template=message.text_area.text or None)

    @on(TextArea.SelectionChanged)
    def _moved(self, message: TextArea.SelectionChanged) -> None:
        message.stop()
        row, column = message.selection.end
        place = f"Jinja  line {row + 1}, column {column + 1}"
        self.query_one("#body-place", Static).update(Content(place), layout=False)

    @on(Button.Pressed, "#starters")
    def _starters(self, message: Button.Pressed) -> None:
        message.stop()
        self.post_message(self.Starters())
