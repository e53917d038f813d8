"""What the editor asks in dialogs: events, a starter template, leaving, a secret."""

from collections.abc import Callable, Sequence

from textual.app import App

from core.errors import Invalid
from core.matching import parse_patterns
from core.model import EventType
from core.secret import Secret
from core.signing import new_secret, style_named
from tui.screens.editor.form import Form
from tui.views.form import changed_fields
from tui.views.starters import STARTERS, Starter
from tui.widgets.confirm import Answer, Choose, Confirm
from tui.widgets.event_picker import EventPicker
from tui.widgets.secret_once import SecretOnce

SECRET_BYTES = 32


async def ask_events(
    app: App[None], types: Sequence[EventType], text: str
) -> str | None:
    """Patterns chosen from the catalogue, as they are typed, or None."""
    try:
        chosen = parse_patterns(text)
    except Invalid:
        chosen = ()
    picked = await app.push_screen_wait(EventPicker(types, chosen))
    return None if picked is None else ", ".join(picked)


async def ask_starter(app: App[None]) -> Starter | None:
    """A template to begin with, or None."""
    answers = [Answer(one.name, one.name, one.does) for one in STARTERS]
    words = "It takes the place of the template; undo (^z) brings that back."
    name = await app.push_screen_wait(Choose("Begin with a template", words, answers))
    return next((one for one in STARTERS if one.name == name), None)


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


async def show_new_secret(
    app: App[None], style: str, entropy: Callable[[int], bytes]
) -> Secret | None:
    """A strong secret that was shown once, or None when it was thrown away."""
    secret = new_secret(style_named(style), entropy(SECRET_BYTES))
    return secret if await app.push_screen_wait(SecretOnce(secret)) else None


def title_of(form: Form) -> str:
    """What the line at the top says."""
    name = form.draft.name.strip() or "untitled"
    title = f"Webhooks › {name} › edit" if form.before else f"New webhook › {name}"
    return f"{title}  ✎ unsaved" if form.is_changed else title
