"""What the editor asks in dialogs: events, a starter template, leaving, a secret."""

from collections.abc import Callable, Sequence

from textual.app import App

from core.errors import Invalid
from core.matching import parse_patterns
from core.model import EventType
from core.signing import new_secret, style_named
from tui.screens.editor.body_part import BodyPart
from tui.screens.editor.form import Form
from tui.screens.editor.outside import edit_outside
from tui.screens.editor.parts import FormParts
from tui.screens.editor.request_part import RequestPart
from tui.screens.editor.signing_part import SigningPart
from tui.views.form import changed_fields
from tui.views.starters import STARTERS
from tui.widgets.confirm import Answer, Choose, Confirm
from tui.widgets.event_picker import EventPicker
from tui.widgets.secret_once import SecretOnce

SECRET_BYTES = 32


async def choose_events(
    app: App[None], parts: FormParts, types: Sequence[EventType], text: str
) -> None:
    """Let patterns be chosen from the catalogue; `text` has those typed so far."""
    try:
        chosen = parse_patterns(text)
    except Invalid:
        chosen = ()
    picked = await app.push_screen_wait(EventPicker(types, chosen))
    part = parts.part(RequestPart)
    if picked is not None and part is not None:
        part.show_events(", ".join(picked))


async def choose_starter(app: App[None], parts: FormParts) -> None:
    """Let a ready template take the place of the present one."""
    answers = [Answer(one.name, one.name, one.does) for one in STARTERS]
    words = "It takes the place of the template; undo (^z) brings that back."
    name = await app.push_screen_wait(Choose("Begin with a template", words, answers))
    if name is None:
        return
    starter = next(one for one in STARTERS if one.name == name)
    await parts.go_to("body")
    if body := parts.part(BodyPart):
        body.editor.replace_all(starter.template)
    if request := parts.part(RequestPart):
        request.show_content_type(starter.content_type)


async def generate_secret(
    app: App[None], parts: FormParts, entropy: Callable[[int], bytes]
) -> None:
    """Show a strong secret once; it is used, or thrown away."""
    await parts.go_to("signing")
    part = parts.part(SigningPart)
    if part is None:
        return
    secret = new_secret(style_named(part.style), entropy(SECRET_BYTES))
    if await app.push_screen_wait(SecretOnce(secret)):
        part.take_generated(secret)


async def edit_template_outside(app: App[None], parts: FormParts, command: str) -> None:
    """Hand the template to the person's own editor, and the terminal with it."""
    await parts.go_to("body")
    if body := parts.part(BodyPart):
        with app.suspend():
            text = edit_outside(command, body.editor.text)
        body.editor.replace_all(text)


async def ask_to_leave(app: App[None], form: Form) -> bool:
    """Whether to leave although something is not saved."""
    names = changed_fields(form.first, form.draft) or tuple(form.unreadable)
    listed = ", ".join(name.replace("_", " ") for name in names)
    return await app.push_screen_wait(
        Confirm(
            "Leave without saving?",
            f"Not saved yet: {listed}.",
            yes="Leave",
            no="Keep editing",
            danger=True,
        )
    )


def title_of(form: Form) -> str:
    """What the line at the top says."""
    name = form.draft.name.strip() or "untitled"
    title = f"Webhooks › {name} › edit" if form.before else f"New webhook › {name}"
    return f"{title}  ✎ unsaved" if form.is_changed else title
