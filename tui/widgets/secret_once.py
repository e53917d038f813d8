"""The one time a generated secret is shown."""

from typing import TYPE_CHECKING, ClassVar, cast

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Button, Static

from core.secret import Secret
from tui.text import showable

if TYPE_CHECKING:
    from tui.app import ConsoleApp


class SecretOnce(ModalScreen[bool]):
    """Shows a new secret; True means it is used, False that it is thrown away."""

    DEFAULT_CSS = """
    SecretOnce {
        align: center middle;
        background: $background;
        & > Vertical {
            width: 76;
            max-width: 100%;
            height: auto;
            padding: 1 2;
            background: $surface;
            border: round $border;
            border-title-color: $foreground;
            border-title-style: bold;
        }
        Static { height: auto; margin-bottom: 1; }
        .secret--value { background: $panel; padding: 0 1; text-style: bold; }
        .secret--loud { color: $text-warning; }
        Horizontal { height: auto; align-horizontal: right; }
        Button { margin-left: 2; }
    }
    """
    AUTO_FOCUS = "#copy"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("c,y", "copy", "Copy", id="secret.copy"),
        Binding("enter,u", "use(True)", "Use it", id="secret.use"),
        Binding("escape", "use(False)", "Throw it away", id="secret.leave"),
    ]

    def __init__(self, secret: Secret) -> None:
        super().__init__()
        self._secret = secret

    def compose(self) -> ComposeResult:
        """Lay out the secret and what can be done with it."""
        with Vertical() as box:
            box.border_title = "A new secret"
            yield Static(
                "▲ Shown once, now. Copy it to the receiver.", classes="secret--loud"
            )
            yield Static(showable(self._secret.reveal()), classes="secret--value")
            yield Static("Afterwards only its last three characters are shown.")
            with Horizontal():
                yield Button("Throw away", id="drop")
                yield Button("Copy", id="copy")
                yield Button("Use it", id="use", variant="primary")

    @on(Button.Pressed)
    def _pressed(self, message: Button.Pressed) -> None:
        message.stop()
        if message.button.id == "copy":
            self.action_copy()
        else:
            self.action_use(message.button.id == "use")

    @work(group="copy", exclusive=True, exit_on_error=False)
    async def action_copy(self) -> None:
        """Copy it by the best way there is."""
        await cast("ConsoleApp", self.app).copy(self._secret.reveal())
        self.query_one("#use", Button).focus()

    def action_use(self, use: bool) -> None:
        """Take it, or throw it away; it is not shown again."""
        self.dismiss(use)
