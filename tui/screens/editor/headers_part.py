"""The second page: headers, and secret headers."""

from textual import on
from textual.app import ComposeResult

from core.draft import WebhookDraft
from core.model import Webhook
from tui.screens.editor.part import FormPart
from tui.widgets.field import Field
from tui.widgets.header_table import HeaderTable


class HeadersPart(FormPart):
    """The table of headers."""

    DEFAULT_CSS = """
    HeadersPart > #field-headers > Horizontal { display: none; }
    HeadersPart > #field-headers > .field--words { padding-left: 0; }
    """

    def __init__(self, draft: WebhookDraft, before: Webhook | None) -> None:
        super().__init__(draft, before, "headers")

    def compose(self) -> ComposeResult:
        """Lay out the table, and below it what is wrong with the headers together."""
        yield HeaderTable(self.draft.headers)
        yield Field("", name="headers")

    def focus_field(self, field: str) -> None:
        """Put the cursor on the header that is wrong."""
        self.query_one(HeaderTable).focus_first_problem()

    @on(HeaderTable.Changed)
    def _changed(self, message: HeaderTable.Changed) -> None:
        message.stop()
        self.tell(headers=message.headers, retyped=message.retyped)
