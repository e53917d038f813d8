"""The pages of the form: one is shown, each is laid out when it is first needed."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import TypeVar

from textual.app import ComposeResult
from textual.containers import Container

from core.errors import Invalid
from tui.screens.editor.body_part import BodyPart
from tui.screens.editor.delivery_part import DeliveryPart
from tui.screens.editor.form import Form
from tui.screens.editor.headers_part import HeadersPart
from tui.screens.editor.part import FormPart
from tui.screens.editor.request_part import RequestPart
from tui.screens.editor.signing_part import SigningPart
from tui.views.form import PARTS, part_of

AnyPart = TypeVar("AnyPart", bound=FormPart)


class FormParts(Container):
    """All pages; `here` names the one that is shown."""

    DEFAULT_CSS = """
    FormParts { height: 1fr; }
    """

    def __init__(self, form: Form, now: datetime, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._form = form
        self._now = now
        self._said: tuple[set[str], Mapping[str, Invalid]] = (set(), {})
        self.here = PARTS[0].name

    def compose(self) -> ComposeResult:
        """Lay out the first page."""
        yield self._made(self.here)

    def _made(self, name: str) -> FormPart:
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
                return RequestPart(draft, before)

    def part(self, kind: type[AnyPart]) -> AnyPart | None:
        """One page, if it was laid out already."""
        return next(iter(self.query(kind)), None)

    async def show(self, name: str) -> FormPart:
        """Show a page, laying it out if nobody has seen it yet."""
        for one in self.query(FormPart):
            one.display = one.name == name
        self.here = name
        found = [one for one in self.query(FormPart) if one.name == name]
        if found:
            return found[0]
        part = self._made(name)
        await self.mount(part)
        fields, problems = self._said
        part.say(fields, problems, self._form.draft)
        return part

    async def focus_field(self, field: str) -> None:
        """Show the page of a field, and put the cursor into it."""
        part = await self.show(part_of(field).name)
        part.call_after_refresh(part.focus_field, field)

    def take(self, form: Form) -> None:
        """Note the form as it is now, for pages that are yet to be laid out."""
        self._form = form

    async def start_over(self, form: Form) -> None:
        """Lay the pages out anew with what somebody else saved."""
        self._form = form
        await self.query(FormPart).remove()
        await self.show(self.here)

    def say(self, fields: Collection[str], problems: Mapping[str, Invalid]) -> None:
        """Let the pages say what is wrong with these fields, or what they mean."""
        self._said = ({*self._said[0], *fields}, problems)
        for part in self.query(FormPart):
            part.say(fields, problems, self._form.draft)


def all_fields() -> set[str]:
    """The names of all fields that can say something."""
    named = {field for part in PARTS for field in part.fields}
    return named | {"ignore_ssl", "give_up_on_4xx", "active"}
