"""The first page: what the webhook is called, where it goes, and which events."""

from collections.abc import Sequence

from textual import on
from textual.app import ComposeResult
from textual.message import Message
from textual.suggester import Suggester
from textual.widgets import Button, Input, Select, Static

from core.draft import MAX_NAME, WebhookDraft
from core.model import CONTENT_TYPES, Method, Webhook
from core.url import MAX_LENGTH
from tui.screens.editor.part import FormPart
from tui.text import showable
from tui.views.form import (
    IGNORE_SSL_OFF,
    IGNORE_SSL_ON,
    Words,
    completion,
    events_words,
    url_words,
)
from tui.widgets.field import Field
from tui.widgets.tick import Tick

_OTHER = "other"


class _EventSuggester(Suggester):
    """Completes the pattern that is being typed from the catalogue."""

    def __init__(self, part: "RequestPart") -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._part = part

    async def get_suggestion(self, value: str) -> str | None:
        """Return the whole text with its last pattern completed."""
        return completion(value, self._part.catalogue)


class RequestPart(FormPart):
    """Name, URL, method, content type, events, certificate checks."""

    DEFAULT_CSS = """
    RequestPart #field-ignore_ssl > WordsLine.-bad {
        margin-left: 13;
        padding: 0 1;
        background: $error;
        color: $background;
        text-style: bold;
    }
    """

    class ChooseEvents(Message):
        """A person wants to choose event types from a list."""

    def __init__(
        self,
        draft: WebhookDraft,
        before: Webhook | None,
        catalogue: Sequence[str] = (),
    ) -> None:
        super().__init__(draft, before, "request")
        self.catalogue = catalogue

    def compose(self) -> ComposeResult:
        """Lay out the fields."""
        draft = self.draft
        # Not selected: keys typed while the editor opens must not replace the name.
        name = Input(
            draft.name,
            compact=True,
            max_length=MAX_NAME,
            select_on_focus=False,
            id="name",
        )
        yield Field("Name", name, name="name")
        hint = "https://hooks.example.com/review"
        yield Field(
            "URL",
            Input(draft.url, hint, compact=True, max_length=MAX_LENGTH, id="url"),
            name="url",
        )
        ssl = Tick(
            "Ignore SSL verification",
            draft.ignore_ssl,
            id="ignore-ssl",
            classes="-risky",
        )
        yield Field("Certificate", ssl, name="ignore_ssl")
        yield Field("Method", self._method(), name="method")
        yield Field("Content type", *self._content_type(), name="content_type")
        events = Input(
            draft.events,
            "review.*, finding.created",
            compact=True,
            suggester=_EventSuggester(self),
            id="events",
        )
        choose = Button("Choose", compact=True, id="choose-events")
        yield Field("Events", events, choose, name="events")
        yield Field("State", self._active(), name="active")

    def _method(self) -> Select[str]:
        known = [(method.value, method.value) for method in Method]
        value = self.draft.method if self.draft.method in list(Method) else "POST"
        return Select(known, value=value, allow_blank=False, compact=True, id="method")

    def _content_type(self) -> tuple[Select[str], Input]:
        known = [(name, name) for name in CONTENT_TYPES]
        current = self.draft.content_type
        value = current if current in CONTENT_TYPES else _OTHER
        choices = [*known, ("another one …", _OTHER)]
        select = Select(
            choices, value=value, allow_blank=False, compact=True, id="content-type"
        )
        typed = Input(current, compact=True, id="content-type-typed")
        typed.display = value == _OTHER
        return select, typed

    def _active(self) -> Tick | Static:
        if self.before is None:
            return Tick(
                "Active: deliver events at once", self.draft.active, id="active"
            )
        words = "active" if self.before.active else "inactive: its events are held"
        return Static(showable(f"{words} (a in the list changes it)"))

    def verdict(self, field: str, draft: WebhookDraft) -> Words:
        """What the fields mean."""
        match field:
            case "url":
                return url_words(draft.url)
            case "events":
                return events_words(draft.events, self.catalogue)
            case "ignore_ssl":
                return IGNORE_SSL_ON if draft.ignore_ssl else IGNORE_SSL_OFF
            case "method" if draft.method == Method.GET:
                return Words("A GET has no body: the template is not used.", "warn")
            case _:
                return Words("")

    def show_events(self, patterns: str) -> None:
        """Put chosen patterns into the field."""
        events = self.query_one("#events", Input)
        events.value = patterns
        events.focus()

    def show_content_type(self, content_type: str) -> None:
        """Choose a content type, as a starter template wants it."""
        known = content_type if content_type in CONTENT_TYPES else _OTHER
        self.query_one("#content-type-typed", Input).value = content_type
        self.query_one("#content-type", Select).value = known

    @on(Input.Changed)
    def _typed(self, message: Input.Changed) -> None:
        message.stop()
        match message.input.id:
            case "content-type-typed":
                self._tell_content_type()
            case str(field):
                self.tell(**{field: message.value})

    @on(Select.Changed, "#method")
    def _chose_method(self, message: Select.Changed) -> None:
        message.stop()
        self.tell_choice(method=str(message.value))

    @on(Select.Changed, "#content-type")
    def _chose_content_type(self, message: Select.Changed) -> None:
        message.stop()
        self.query_one("#content-type-typed").display = message.value == _OTHER
        self._tell_content_type()

    def _tell_content_type(self) -> None:
        chosen = self.query_one("#content-type", Select).value
        typed = self.query_one("#content-type-typed", Input).value
        self.tell(content_type=typed if chosen == _OTHER else str(chosen))

    @on(Tick.Changed)
    def _ticked(self, message: Tick.Changed) -> None:
        message.stop()
        if message.tick.id == "active":
            self.tell_choice(active=message.tick.value)
        else:
            self.tell_choice(ignore_ssl=message.tick.value)

    @on(Input.Submitted, "#events")
    @on(Button.Pressed, "#choose-events")
    def _choose(self, message: Message) -> None:
        message.stop()
        self.post_message(self.ChooseEvents())
