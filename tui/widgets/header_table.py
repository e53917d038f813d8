"""The headers of a webhook: a table, and below it the fields of the one chosen.

Every change is told at once, so that a preview can follow each key. A secret value is
write-only: once the cursor left it, only its mask is shown.
"""

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.suggester import SuggestFromList
from textual.widgets import Button, Input, Static

from core.errors import Invalid
from core.headers import Header, check_header
from core.secret import Secret
from tui.views.form import Words, looks_secret, problem_words
from tui.widgets.field import Field
from tui.widgets.header_list import HeaderList
from tui.widgets.secret_field import SecretField
from tui.widgets.tick import Tick

_COMMON = (
    *("Authorization", "X-Api-Key", "X-Auth-Token", "X-Gitlab-Token"),
    *("X-Team", "X-Env", "X-Source", "Accept", "User-Agent"),
)
_INTRO = "Sent after the headers Hookline sets itself."
_KEYS = "a add · ⏎ edit · d remove · s secret"
_BLANK = (Header("", ""), Header("", Secret("")))
_MASKED = Words("Never shown again once saved; dropped when the URL's origin changes.")


class HeaderTable(Vertical):
    """Add, edit and remove headers by keys and mouse."""

    DEFAULT_CSS = """
    HeaderTable {
        height: auto;
        & > .header-table--intro { color: $foreground-muted; margin-bottom: 1; }
        & > #header-fields { height: auto; margin-top: 1; display: none; }
        &.-editing > #header-fields { display: block; }
        #header-secret { display: none; }
        &.-secret #header-secret { display: block; }
        &.-secret #header-value { display: none; }
        #header-foot { height: 1; padding-left: 13; }
        Button { margin-left: 3; min-width: 4; background: $panel; }
    }
    """

    class Changed(Message):
        """The headers are others than before."""

        def __init__(
            self, headers: tuple[Header, ...], retyped: frozenset[str]
        ) -> None:
            super().__init__()
            self.headers = headers
            self.retyped = retyped
            """Names of the secret headers whose value was typed here."""

    def __init__(self, headers: tuple[Header, ...] = ()) -> None:
        super().__init__()
        self._first = headers
        self._chose_secrecy = False
        self._kept: Secret | None = None
        self._typed_at: set[int] = set()

    def compose(self) -> ComposeResult:
        """Lay out the table and the fields."""
        yield Static(f"{_INTRO}\n{_KEYS}", classes="header-table--intro")
        table = HeaderList()
        table.set_reactive(HeaderList.headers, self._first)
        yield table
        with Vertical(id="header-fields"):
            suggester = SuggestFromList(_COMMON, case_sensitive=False)
            name = Input(id="header-name", compact=True, suggester=suggester)
            yield Field("Name", name, name="header_name")
            value = Input(id="header-value", compact=True)
            secret = SecretField(id="header-secret")
            yield Field("Value", value, secret, name="header_value")
            with Horizontal(id="header-foot"):
                yield Tick("Secret", id="header-is-secret")
                yield Button("Remove", id="header-remove", compact=True)

    @property
    def headers(self) -> tuple[Header, ...]:
        """The headers as they are now, without lines where nothing was typed."""
        listed = self.query_one(HeaderList).headers
        return tuple(header for header in listed if header not in _BLANK)

    def focus_first_problem(self) -> None:
        """Put the cursor on the first header that cannot be sent."""
        table = self.query_one(HeaderList)
        wrong = (i for i, h in enumerate(table.headers) if _problem(h) is not None)
        table.cursor = next(wrong, 0)
        table.focus()

    # The table.

    def on_mount(self) -> None:
        """Show the fields of the first header."""
        self._load()

    @on(HeaderList.Moved)
    def _load(self) -> None:
        """Put the chosen header into the fields."""
        header = self.query_one(HeaderList).chosen
        self._chose_secrecy = header is not None and bool(header.name)
        self.set_class(header is not None, "-editing")
        if header is None:
            return
        with self.prevent(Input.Changed):
            self.query_one("#header-name", Input).value = header.name
            value = header.value if isinstance(header.value, str) else ""
            self.query_one("#header-value", Input).value = value
        self._kept = header.value if isinstance(header.value, Secret) else None
        self.query_one(SecretField).show_kept(self._kept)
        self._show_secrecy(header)
        self._say(header)

    @on(HeaderList.Wanted)
    def _wanted(self, message: HeaderList.Wanted) -> None:
        message.stop()
        match message.verb:
            case "add":
                self._add()
            case "edit":
                self.query_one("#header-name", Input).focus()
            case "remove":
                self._remove()
            case "secret":
                self._switch_secrecy()

    def _add(self) -> None:
        table = self.query_one(HeaderList)
        table.headers = (*table.headers, Header("", ""))
        table.cursor = len(table.headers) - 1
        self._load()
        self.call_after_refresh(self.query_one("#header-name", Input).focus)

    @on(Button.Pressed, "#header-remove")
    def _remove(self) -> None:
        table = self.query_one(HeaderList)
        at = table.cursor
        table.headers = (*table.headers[:at], *table.headers[at + 1 :])
        self._typed_at = {i - (i > at) for i in self._typed_at if i != at}
        table.cursor = min(at, len(table.headers))
        table.focus()
        self._load()
        self._tell()

    # The fields.

    @on(Input.Changed)
    def _typed(self, message: Input.Changed) -> None:
        message.stop()
        header = self.query_one(HeaderList).chosen
        if header is None:
            return
        if ":" in self.query_one("#header-name", Input).value:
            self._split_line()
        name = self.query_one("#header-name", Input).value.strip()
        if not self._chose_secrecy and looks_secret(name) != header.is_secret:
            header = self._with_secrecy(header, looks_secret(name))
        self._replace(Header(name, self._value(header)))

    def _split_line(self) -> None:
        """Take `Name: value`, typed or pasted as one line, apart."""
        field = self.query_one("#header-name", Input)
        name, _, value = field.value.partition(":")
        secret = self.query_one("#header-is-secret", Tick).value or looks_secret(name)
        target = "#header-secret" if secret else "#header-value"
        with self.prevent(Input.Changed):
            field.value = name.strip()
            if value.strip():
                self.query_one(target, Input).value = value.strip()
        self.call_after_refresh(self.query_one(target, Input).focus)

    def _value(self, header: Header) -> str | Secret:
        """What was typed as value, or the kept secret while nothing was typed."""
        if header.is_secret:
            return self.query_one(SecretField).typed or self._kept or Secret("")
        return self.query_one("#header-value", Input).value.strip()

    @on(Tick.Changed)
    def _ticked(self, message: Tick.Changed) -> None:
        message.stop()
        self._switch_secrecy()

    def _switch_secrecy(self) -> None:
        header = self.query_one(HeaderList).chosen
        if header is not None:
            self._chose_secrecy = True
            self._replace(self._with_secrecy(header, not header.is_secret))

    def _with_secrecy(self, header: Header, secret: bool) -> Header:
        """Hide or show what is typed; a kept secret is never shown, but emptied."""
        field = self.query_one(SecretField)
        plain = self.query_one("#header-value", Input)
        with self.prevent(Input.Changed):
            if secret:
                field.value, plain.value = plain.value, ""
            else:
                plain.value, field.value = field.value, ""
        if secret:
            return Header(header.name, field.typed or self._kept or Secret(""))
        return Header(header.name, plain.value.strip())

    def _replace(self, header: Header) -> None:
        table = self.query_one(HeaderList)
        at = table.cursor
        table.headers = (*table.headers[:at], header, *table.headers[at + 1 :])
        if header.is_secret and header.value is not self._kept:
            self._typed_at.add(at)
        self._show_secrecy(header)
        self._say(header)
        self._tell()

    def _show_secrecy(self, header: Header) -> None:
        self.set_class(header.is_secret, "-secret")
        self.query_one(Tick).value = header.is_secret

    def _say(self, header: Header) -> None:
        problem = _problem(header)
        about_name = problem is not None and not header.name
        name = problem_words(problem) if problem and about_name else Words("")
        value = _MASKED if header.is_secret else Words("")
        if problem and not about_name:
            value = problem_words(problem)
        self.query_one("#field-header_name", Field).say(name)
        self.query_one("#field-header_value", Field).say(value)

    def _tell(self) -> None:
        listed = self.query_one(HeaderList).headers
        retyped = {listed[i].name for i in self._typed_at if listed[i].is_secret}
        self.post_message(self.Changed(self.headers, frozenset(retyped)))


def _problem(header: Header) -> Invalid | None:
    try:
        check_header(header)
    except Invalid as invalid:
        return invalid
    return None
