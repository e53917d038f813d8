"""What the draft would send, looked at in a thread while somebody types.

One look at a time, always at the newest draft: what was typed meanwhile is looked at
next, and only that. Nothing waits on a template here, so the form never stutters.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from time import thread_time
from typing import Any

from textual.message import Message
from textual.screen import Screen
from textual.timer import Timer

from core.actions.caller import Caller
from core.actions.preview import Sample
from core.body import Finding, check_body, media_type, template_context
from core.errors import HooklineError, Invalid
from core.model import Method
from core.request import PreparedRequest
from tui.screens.building import built
from tui.screens.editor.form import Form
from tui.views.form import Words, problem_words
from tui.views.lines import Line, body_lines, line, noted, size_words
from tui.views.request import content_type_of, prepared_lines

SLOW = 0.06  # seconds of work; a slower look waits until somebody stops typing
PAUSE = 0.2  # seconds without a key, before a slow look


@dataclass(frozen=True, slots=True)
class Preview:
    """What a draft would send for one event; `trouble` says why it cannot."""

    request: PreparedRequest | None = None
    lines: Sequence[Line] = ()
    trouble: HooklineError | None = None
    finding: Finding | None = None

    @property
    def broken_line(self) -> int | None:
        """The line of the template that is wrong, from one."""
        return getattr(self.trouble, "line", None)

    @property
    def words(self) -> Words:
        """What became of it, in one sentence."""
        if isinstance(self.trouble, Invalid) and self.broken_line is None:
            # The field itself says it louder, once somebody is done typing there.
            return Words(f"No request yet. {self.trouble}")
        if self.trouble is not None:
            return problem_words(self.trouble)
        if self.request is None:
            return Words("")
        if self.finding is not None:
            where = f"line {self.finding.line}, column {self.finding.column}"
            return Words(f"▲ The body is {self.finding.words} ({where}).", "warn")
        return Words(_good(self.request), "ok")


class Looked(Message):
    """A look at a form is over."""

    def __init__(
        self, form: Form, sample: Sample, preview: Preview, problems: dict[str, Invalid]
    ) -> None:
        super().__init__()
        self.form = form
        self.sample = sample
        self.preview = preview
        self.problems = problems


class Previewer:
    """Looks at the newest draft, and tells the screen by `Looked`."""

    def __init__(self, screen: Screen[Any], caller: Caller) -> None:
        self._screen = screen
        self._caller = caller
        self._wanted: tuple[Form, Sample] | None = None
        self._busy = False
        self._took = 0.0
        self._pause: Timer | None = None

    def ask(self, form: Form, sample: Sample) -> None:
        """Look at this form as soon as possible; an older wish is forgotten."""
        self._wanted = (form, sample)
        if self._pause is not None:
            self._pause.stop()
        if self._busy:
            return
        if self._took > SLOW:
            self._pause = self._screen.set_timer(PAUSE, self._begin)
        else:
            self._begin()

    def finish(self) -> bool:
        """Note that a look is over; say whether it was at the newest draft."""
        self._busy = False
        if self._wanted is None:
            return True
        self.ask(*self._wanted)
        return False

    def _begin(self) -> None:
        if self._wanted is None or self._busy:
            return
        form, sample = self._wanted
        self._wanted, self._busy = None, True
        self._screen.run_worker(
            partial(self._look, form, sample),
            group="preview",
            thread=True,
            exit_on_error=False,
        )

    def _look(self, form: Form, sample: Sample) -> None:
        started = thread_time()
        seen, problems = look(self._caller, form, sample), form.problems()
        self._took = thread_time() - started
        self._screen.post_message(Looked(form, sample, seen, problems))


def look(caller: Caller, form: Form, sample: Sample) -> Preview:
    """Build the request a draft would send, with the builder that sends."""
    try:
        request = build(caller, form, sample)
    except HooklineError as error:
        return Preview(lines=context_lines(caller, form, sample), trouble=error)
    lines = prepared_lines(request)
    finding = None
    if request.method is not Method.GET:
        finding = check_body(form.draft.content_type, request.body)
    if finding is not None:
        body_starts = len(request.headers) + 2
        lines = noted(lines, body_starts + finding.line - 1, finding.words)
    return Preview(request, lines, finding=finding)


def build(caller: Caller, form: Form, sample: Sample) -> PreparedRequest:
    """The request itself. Raises Invalid, InvalidTemplate or TemplateFailed."""
    webhook, _ = form.webhook(caller.workspace.id, caller.now)
    return built(caller, webhook, sample)


def context_lines(caller: Caller, form: Form, sample: Sample) -> list[Line]:
    """What a template can use for this event, as JSON."""
    known = template_context(
        sample.event, caller.workspace.slug, form.draft.name, sample.delivery_id
    )
    text = json.dumps(known, indent=2, ensure_ascii=False)
    return [
        line(("What a template can use:", "strong")),
        *body_lines(text.encode("utf-8", "replace"), "application/json"),
    ]


def _good(request: PreparedRequest) -> str:
    if request.method is Method.GET:
        return "✔ no body, as it is a GET"
    pairs = ((header.name, header.shown) for header in request.headers)
    media = media_type(content_type_of(pairs))
    claim = next((name for sign, name in _CLAIMS if media.endswith(sign)), "")
    return f"✔ {size_words(len(request.body))}{claim}"


_CLAIMS = (("json", " of valid JSON"), ("xml", " of well-formed XML"))
