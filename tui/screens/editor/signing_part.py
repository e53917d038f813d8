"""The third page: whether and how requests are signed, and with which secret."""

from textual import on
from textual.app import ComposeResult
from textual.message import Message
from textual.widgets import Button, Input, Select, Static

from core.draft import WebhookDraft
from core.model import Webhook
from core.secret import Secret
from core.signing import STYLES
from tui.screens.editor.part import FormPart
from tui.views.form import Words, signing_words
from tui.widgets.field import Field
from tui.widgets.secret_field import SecretField
from tui.widgets.tick import Tick

_WHY = (
    "A signature lets the receiver prove that a request is yours and was not changed "
    "on the way. Both sides know the secret; it is never sent."
)


class SigningPart(FormPart):
    """HMAC on or off, style, secret."""

    DEFAULT_CSS = """
    SigningPart .signing--why { color: $foreground-muted; margin-bottom: 1; }
    SigningPart.-off #field-style, SigningPart.-off #field-secret { display: none; }
    """

    class Generate(Message):
        """A person wants a strong secret."""

    def __init__(self, draft: WebhookDraft, before: Webhook | None) -> None:
        super().__init__(draft, before, "signing")
        self.set_class(draft.style is None, "-off")
        self._kept: Secret | None = draft.secret

    def compose(self) -> ComposeResult:
        """Lay out the fields."""
        yield Static(_WHY, classes="signing--why")
        on_ = Tick("Sign each request", self.draft.style is not None, id="hmac")
        yield Field("HMAC", on_, name="hmac")
        styles = [(style.title, style.name) for style in STYLES.values()]
        chosen = self.draft.style if self.draft.style in STYLES else styles[0][1]
        select = Select(
            styles, value=chosen, allow_blank=False, compact=True, id="style"
        )
        yield Field("Style", select, name="style")
        secret = SecretField(id="secret")
        generate = Button("Generate", compact=True, id="generate")
        yield Field("Secret", secret, generate, name="secret")

    def on_mount(self) -> None:
        """Say which secret is kept."""
        keys = (
            self.before.signing.secrets if self.before and self.before.signing else ()
        )
        saved = keys[0].secret if keys else None
        self.query_one(SecretField).show_kept(self._kept or saved)

    def verdict(self, field: str, draft: WebhookDraft) -> Words:
        """What the chosen style sends, and what becomes of the secret."""
        match field:
            case "style" if style := STYLES.get(draft.style or ""):
                return signing_words(style)
            case "secret":
                return self._secret_words(draft)
            case _:
                return Words("")

    def _secret_words(self, draft: WebhookDraft) -> Words:
        saved = self.before is not None and self.before.signing is not None
        if draft.secret is None:
            return Words("Saved. Type another to replace it." if saved else "")
        if saved:
            words = "▲ Replaces the saved one: the receiver must know it first."
            return Words(words, "warn")
        return Words("✔ Masked from now on.", "ok")

    @property
    def style(self) -> str:
        """The chosen style's name, also while HMAC is off."""
        return str(self.query_one("#style", Select).value)

    def take_generated(self, secret: Secret) -> None:
        """Use a secret that was generated and shown once."""
        self.query_one(Tick).value = True
        self.query_one(SecretField).show_kept(secret)
        self._kept = secret
        self._tell()

    @on(Tick.Changed)
    @on(Select.Changed)
    @on(Input.Changed)
    def _changed(self, message: Message) -> None:
        message.stop()
        self._tell()

    def _tell(self) -> None:
        signs = self.query_one(Tick).value
        self.set_class(not signs, "-off")
        secret = self.query_one(SecretField).typed or self._kept
        self.tell(style=self.style if signs else None, secret=secret)

    @on(Button.Pressed, "#generate")
    def _generate(self, message: Button.Pressed) -> None:
        message.stop()
        self.post_message(self.Generate())
