"""The editor of a webhook: form, words, and the request it would send beside it.

Parts tell every edit; the screen keeps the form, has it looked at in a thread, and
lets the parts say what came of it. What was typed always stays.
"""

import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.widget import Widget

from core.actions.events import list_event_types
from core.actions.preview import Sample, find_sample, sample_of
from core.catalogue import TEST_EVENT
from core.draft import WebhookDraft
from core.errors import HooklineError, Invalid
from core.model import EventType, Webhook
from tui.actions import Place, bindings_of
from tui.desk import Desk
from tui.screens.base import ConsoleScreen
from tui.screens.editor import asking
from tui.screens.editor.body_part import BodyPart
from tui.screens.editor.form import Form, form_for
from tui.screens.editor.part import FormPart
from tui.screens.editor.parts import FormParts
from tui.screens.editor.previewing import Looked, Previewer
from tui.screens.editor.request_part import RequestPart
from tui.screens.editor.saving import Refused, Saved, TakenAnew, save
from tui.screens.editor.signing_part import SigningPart
from tui.screens.samples import choose_sample, first_type, sample_words, wanted_type
from tui.screens.test.screen import TestScreen
from tui.widgets.part_bar import PartBar
from tui.widgets.preview_pane import PreviewPane
from tui.widgets.words_line import WordsLine


class EditorScreen(ConsoleScreen[Webhook | None]):
    """Creates or changes a webhook; dismissed with what was saved, or None."""

    PLACE = "editor"
    CSS_PATH = Path(__file__).with_name("screen.tcss")
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of("editor", through="act")]
    HORIZONTAL_BREAKPOINTS = [(0, "-one"), (110, "-both")]  # noqa: RUF012
    AUTO_FOCUS = "#name"

    def __init__(
        self,
        desk: Desk,
        *,
        webhook: Webhook | None = None,
        draft: WebhookDraft | None = None,
        entropy: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        """Edit a saved webhook, or make a new one.

        Args:
            desk: What the console works with.
            webhook: The saved one to change; None makes a new one.
            draft: What the fields begin with, such as a duplicate.
            entropy: Draws the bytes of a new secret.
        """
        super().__init__()
        self.form = form_for(webhook, draft)
        self._desk = desk
        self._entropy = entropy
        self._types: Sequence[EventType] = ()
        self._sample: Sample | None = None
        self._sample_chosen = False
        self._previewer = Previewer(self, desk.caller)
        self._saving = False
        self._left: Widget | None = None

    def compose_body(self) -> ComposeResult:
        """Lay out the form beside the preview."""
        yield PartBar(id="editor-bar")
        with Horizontal(id="editor-main"):
            yield FormParts(self.form, self._desk.caller.now, id="parts")
            yield PreviewPane(id="preview")
        yield WordsLine(id="summary")

    @property
    def _parts(self) -> FormParts:
        return self.query_one(FormParts)

    @property
    def _pane(self) -> PreviewPane:
        return self.query_one(PreviewPane)

    def on_mount(self) -> None:
        """Read the catalogue, and look at the form for the first time."""
        self._say_title()
        self._try(self._load())

    def _say_title(self) -> None:
        self.status_line.title = asking.title_of(self.form)

    def _try(self, doing: Awaitable[None]) -> None:
        """Do something in a worker; what goes wrong becomes a sentence."""
        self.run_worker(self._tried(doing), group="doing", exit_on_error=False)

    async def _tried(self, doing: Awaitable[None]) -> None:
        try:
            await doing
        except HooklineError as problem:
            self.console.say(str(problem), "error")
        except Exception as problem:
            kind = type(problem).__name__
            self.console.say(f"That did not work ({kind}): {problem}", "error")

    # From an edit to words and preview.

    @on(FormPart.Edited)
    def _edited(self, message: FormPart.Edited) -> None:
        form = self.form.edited(message.changes, message.unreadable)
        if form == self.form:
            return
        self._parts.note_edit(message)
        if "events" in message.changes:
            self._follow_events(form.draft.events)
        self._take(form)

    def _follow_events(self, patterns: str) -> None:
        """Preview an event that is wanted, unless somebody chose another."""
        wanted = wanted_type(self._types, patterns)
        if wanted is None or self._sample_chosen:
            return
        if self._sample is None or self._sample.event.type != wanted.name:
            caller = self._desk.caller
            self._take_sample(sample_of(caller, wanted.name, wanted.sample))

    def _take(self, form: Form) -> None:
        self.form = form
        self._parts.take(form)
        self._say_title()
        self._ask_preview()

    def _ask_preview(self) -> None:
        if self._sample is not None:
            self._previewer.ask(self.form, self._sample)

    @on(Looked)
    def _looked(self, message: Looked) -> None:
        if not self._previewer.finish():
            return
        self._parts.show_problems(message.problems)
        seen = message.preview
        self.query_one("#summary", WordsLine).say(seen.words)
        if seen.request is None:
            self._pane.show_trouble(seen.words, seen.lines)
        else:
            unsafe = not seen.request.verify_tls
            self._pane.show_request(seen.lines, seen.words, unsafe=unsafe)
        if body := self._parts.part(BodyPart):
            body.editor.mark_broken(seen.broken_line)

    @on(FormParts.Blamed)
    def _blamed(self, message: FormParts.Blamed) -> None:
        self.query_one(PartBar).counts = message.counts

    # Going about.

    @on(PartBar.Chosen)
    def _part_chosen(self, message: PartBar.Chosen) -> None:
        self._try(self._parts.go_to(message.part))

    @on(FormParts.Shown)
    def _part_shown(self, message: FormParts.Shown) -> None:
        self.remove_class("-preview")
        self.query_one(PartBar).here = message.name
        self._ask_preview()

    def action_jump(self) -> None:
        """Let the next digit choose a page."""
        self.query_one(PartBar).focus()

    async def action_next_part(self) -> None:
        """Go to the page after this one."""
        await self._parts.go_to_next()

    def action_preview(self) -> None:
        """Show the preview alone, or the form again."""
        if self.toggle_class("-preview").has_class("-preview"):
            self._left = self.focused
            self._pane.query_one("#preview-lines").focus()
        elif self._left is not None:
            self.call_after_refresh(self._left.focus)

    @property
    def help_places(self) -> tuple[Place, ...]:
        """What the key help shows."""
        return ("editor", "headers", "text", "everywhere")

    # Choosing.

    async def _load(self) -> None:
        self._types = await list_event_types(self._desk.caller)
        self._parts.show_catalogue([one.name for one in self._types])
        first = first_type(self._types, self.form.draft.events)
        first = first or EventType(TEST_EVENT)
        self._take_sample(sample_of(self._desk.caller, first.name, first.sample))
        self._ask_preview()

    async def _use_sample(self, key: str) -> None:
        before = self.form.before
        webhook_id = before.id if before else None
        self._take_sample(await find_sample(self._desk.caller, key, webhook_id))
        self._ask_preview()

    def _take_sample(self, sample: Sample) -> None:
        self._sample = sample
        self._pane.show_sample(sample.event.type, sample_words(sample))

    @on(PreviewPane.ChooseSample)
    def action_sample(self) -> None:
        """Preview with another event."""
        self._try(self._choose_sample())

    async def _choose_sample(self) -> None:
        chosen = self._sample.event.type if self._sample else ""
        key = await choose_sample(self.app, self._desk.caller, chosen)
        if key is not None:
            self._sample_chosen = True
            await self._use_sample(key)

    @on(RequestPart.ChooseEvents)
    def _choose_events(self) -> None:
        typed = self.form.draft.events
        self._try(asking.choose_events(self.app, self._parts, self._types, typed))

    @on(BodyPart.Starters)
    def action_starter(self) -> None:
        """Begin with a ready template."""
        self._try(asking.choose_starter(self.app, self._parts))

    @on(SigningPart.Generate)
    def action_secret(self) -> None:
        """Generate a strong secret, and show it once."""
        self._try(asking.generate_secret(self.app, self._parts, self._entropy))

    def action_outside(self) -> None:
        """Edit the template in the person's own editor."""
        command = self.console.surroundings.editor
        self._try(asking.edit_template_outside(self.app, self._parts, command))

    def why_not(self, verb: str) -> str | None:
        """Say what an action still lacks."""
        if verb == "outside" and not self.console.surroundings.editor:
            return "No editor is set: export EDITOR before you start hookline."
        if verb == "test" and self._sample is None:
            return "There is no event type to test with."
        return None

    # Sending, saving, leaving.

    def action_test(self) -> None:
        """Send what is previewed, for real."""
        caller, sample = self._desk.caller, self._sample
        assert sample is not None
        try:
            webhook, is_saved = self.form.webhook(caller.workspace.id, caller.now)
        except Invalid as invalid:
            self.console.say(f"Nothing can be sent yet. {invalid}", "warning")
            return
        event = sample.event.id if sample.is_recorded else sample.event.type
        self.app.push_screen(
            TestScreen(self._desk, webhook, event=event, record=is_saved, at_once=True)
        )

    def action_save(self) -> None:
        """Save, or say what keeps it from being saved."""
        if not self._saving:
            self._saving = True
            self._try(self._save())

    async def _save(self) -> None:
        try:
            answer = await save(self.app, self._desk.caller, self.form)
        finally:
            self._saving = False
        match answer:
            case Saved(webhook):
                self.console.say(f"{webhook.name} is saved.")
                self.dismiss(webhook)
            case Refused(problems):
                await self._refuse(problems)
            case TakenAnew(webhook):
                await self._start_over(webhook)

    async def _refuse(self, problems: Mapping[str, Invalid]) -> None:
        """Say all that is wrong, and go to the first of it."""
        self._parts.refuse(problems)
        first = next(iter(problems))
        await self._parts.go_to_field(first)
        self.console.say(f"Not saved. {problems[first]}", "warning")

    async def _start_over(self, webhook: Webhook) -> None:
        self.form = form_for(webhook, None)
        await self._parts.start_over(self.form)
        self._take(self.form)

    async def may_leave(self) -> bool:
        """Ask before what was typed is lost."""
        return not self.form.is_changed or await asking.ask_to_leave(
            self.app, self.form
        )

    @work(group="leaving", exclusive=True)
    async def action_back(self) -> None:
        """Leave without saving, after asking; from the preview alone, to the form."""
        if self.has_class("-preview"):
            self.action_preview()
        elif await self.may_leave():
            self.dismiss(None)
