"""The pages of the form: one is shown, each is laid out when it is first needed.

What is wrong is said below its field, though not while somebody types there.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from textual import events
from textual.app import ComposeResult
from textual.containers import Container
from textual.message import Message
from textual.timer import Timer

from core.errors import Invalid, NameTaken
from tui.screens.editor.body_part import BodyPart
from tui.screens.editor.delivery_part import DeliveryPart
from tui.screens.editor.form import Form
from tui.screens.editor.headers_part import HeadersPart
from tui.screens.editor.manners import Manners
from tui.screens.editor.part import FormPart
from tui.screens.editor.request_part import RequestPart
from tui.screens.editor.signing_part import SigningPart
from tui.views.form import PARTS, count_by_part, part_of
from tui.widgets.field import Field

WORDS_AFTER = 0.4  # seconds without a key, before bad news about a field

AnyPart = TypeVar("AnyPart", bound=FormPart)


class FormParts(Container):
    """All pages; `here` names the one that is shown."""

    DEFAULT_CSS = """
    FormParts { height: 1fr; }
    """

    class Blamed(Message):
        """People were told of problems: how many on each page, by its name."""

        def __init__(self, counts: Mapping[str, int]) -> None:
            super().__init__()
            self.counts = counts

    class Shown(Message):
        """Another page is shown."""

        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

    def __init__(self, form: Form, now: datetime, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._form = form
        self._now = now
        self._manners = Manners(all_fields() if form.before else ())
        self._problems: Mapping[str, Invalid] = {}
        self._pause: Timer | None = None
        self._taken: Mapping[str, Invalid] = {}
        self._catalogue: Sequence[str] = ()
        # Looked at after each key, when a query would be felt.
        self._laid_out: dict[str, FormPart] = {}
        self.here = PARTS[0].name

    def compose(self) -> ComposeResult:
        """Lay out the first page."""
        yield self._made(self.here)

    def _made(self, name: str) -> FormPart:
        part = self._laid_out[name] = self._new(name)
        return part

    def _new(self, name: str) -> FormPart:
        draft, before = self._form.draft, self._form.before
        match name:
            case "headers":
                return HeadersPart(draft, before)
            case "signing":
                return SigningPart(draft, before)
            case "body":
                return BodyPart(draft, before)
            case "delivery":
                return DeliveryPart(draft, before, self._now)
            case _:
                return RequestPart(draft, before, self._catalogue)

    def part(self, kind: type[AnyPart]) -> AnyPart | None:
        """One page, if it was laid out already."""
        found = (one for one in self._laid_out.values() if isinstance(one, kind))
        return next(found, None)

    def show_catalogue(self, names: Sequence[str]) -> None:
        """Take the names of the event types that patterns can match."""
        self._catalogue = names
        if part := self.part(RequestPart):
            part.catalogue = names

    async def go_to(self, name: str) -> None:
        """Show a page, and put the cursor into its first field."""
        part = await self._show(name)
        part.call_after_refresh(part.focus_first)

    async def go_to_next(self) -> None:
        """Show the page after this one."""
        names = [part.name for part in PARTS]
        await self.go_to(names[(names.index(self.here) + 1) % len(names)])

    async def go_to_field(self, field: str) -> None:
        """Show the page of a field, and put the cursor into it."""
        part = await self._show(part_of(field).name)
        part.call_after_refresh(part.focus_field, field)

    async def _show(self, name: str) -> FormPart:
        """Show a page, laying it out if nobody has seen it yet."""
        self.here = name
        self.post_message(self.Shown(name))
        for known in self._laid_out.values():
            known.display = known.name == name
        part = self._laid_out.get(name)
        if part is None:
            part = self._made(name)
            await self.mount(part)
            may_say = self._manners.may_say(self._problems)
            part.say(may_say, self._problems, self._form.draft)
        return part

    def take(self, form: Form) -> None:
        """Note the form as it is now, for pages that are yet to be laid out."""
        self._form = form

    async def start_over(self, form: Form) -> None:
        """Lay the pages out anew with what somebody else saved."""
        self._form, self._manners = form, Manners(all_fields())
        self._laid_out.clear()
        await self.query(FormPart).remove()
        await self.go_to(self.here)

    # What is said below the fields.

    def note_edit(self, message: FormPart.Edited) -> None:
        """Note where somebody types, and speak when that pauses."""
        if self._pause is not None:
            self._pause.stop()
        if "name" in message.changes:
            self._taken = {}
        if message.typed:
            self._manners.type(message.fields)
            self._pause = self.set_timer(WORDS_AFTER, self._stopped_typing)
        else:
            self._manners.stop(*message.fields)

    def _stopped_typing(self) -> None:
        self._manners.stop()
        self._say()

    def on_descendant_blur(self, event: events.DescendantBlur) -> None:
        """A field that was left says what is wrong with it."""
        fields = [one.name for one in event.widget.ancestors if isinstance(one, Field)]
        self._manners.stop(*filter(None, fields))
        self._say()

    def show_problems(self, problems: Mapping[str, Invalid]) -> None:
        """Let the fields that may speak say what is wrong with them."""
        # Only the store knows that a name is taken, so a look at the form does not.
        self._problems = {**problems, **self._taken}
        self._say()

    def refuse(self, problems: Mapping[str, Invalid]) -> None:
        """Say all that keeps the form from being saved."""
        self._taken = {
            field: problem
            for field, problem in problems.items()
            if isinstance(problem, NameTaken)
        }
        self._problems = {**problems}
        self._manners.stop(*problems)
        self._say()

    def _say(self) -> None:
        """Let the pages say what is wrong with their fields, or what they mean."""
        fields = self._manners.may_say(self._problems)
        for part in self._laid_out.values():
            part.say(fields, self._problems, self._form.draft)
        self._manners.said(self._problems)
        wrong = {name: self._problems[name] for name in self._manners.wrong}
        self.post_message(self.Blamed(count_by_part(wrong)))


def all_fields() -> set[str]:
    """The names of all fields that can say something."""
    named = {field for part in PARTS for field in part.fields}
    return named | {"ignore_ssl", "give_up_on_4xx", "active"}
