"""Everything a key does in the console, once: what it is called, what it does, where.

Bindings, hint bar, command palette and key help are made from this table, so they
cannot disagree. Each action has an id, by which a person may give it another key.
Keys that terminals cannot tell apart (^h ^i ^m ^[) or that multiplexers take (^b ^a)
are not used.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from textual.binding import Binding

Place = Literal[
    "everywhere",
    "list",
    "text",
    "opening",
    "webhooks",
    "webhook",
    "editor",
    "headers",
    "deliveries",
    "delivery",
    "events",
    "audit",
    "test",
]

PLACES: dict[Place, str] = {
    "everywhere": "Everywhere",
    "list": "In a list",
    "text": "In a text",
    "opening": "Opening",
    "webhooks": "Webhooks",
    "webhook": "Webhook",
    "editor": "Editor",
    "headers": "In the header table",
    "deliveries": "Deliveries",
    "delivery": "Delivery",
    "events": "Events",
    "audit": "Audit",
    "test": "Test event",
}
"""Headings of the key help."""


@dataclass(frozen=True, slots=True)
class Action:
    """One thing a person can do, and the keys that do it."""

    place: Place
    verb: str
    """The action's name: `action_<verb>` of the screen, or of the console."""
    keys: str
    """Textual's names of the keys, the first one is shown."""
    title: str
    """Two or three words for the hint bar and the palette."""
    does: str
    """A sentence for the key help and the palette."""
    rank: int = 0
    """Its place in the hint bar, 1 first; 0 keeps it out."""

    @property
    def id(self) -> str:
        """The name by which the keymap knows it, such as `deliveries.redeliver`."""
        return f"{self.place}.{re.sub(r'[^a-z0-9-]+', '_', self.verb).strip('_')}"

    @property
    def key(self) -> str:
        """The first key, as people write it."""
        return key_sign(self.keys.split(",", 1)[0])


_SIGNS = {
    "enter": "⏎",
    "escape": "esc",
    "question_mark": "?",
    "exclamation_mark": "!",
    "slash": "/",
    "colon": ":",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "down": "↓",
    "up": "↑",
    "left": "←",
    "right": "→",
    "pagedown": "PgDn",
    "pageup": "PgUp",
    "home": "Home",
    "end": "End",
    "less_than_sign": "<",
    "greater_than_sign": ">",
}


def key_sign(key: str) -> str:
    """Return a key as people write it: `^s`, `⏎`, `F2`, `?`."""
    if key.startswith("ctrl+"):
        return "^" + key_sign(key.removeprefix("ctrl+"))
    if key[0] == "f" and key[1:].isdigit():
        return key.upper()
    return _SIGNS.get(key, key)


ACTIONS: tuple[Action, ...] = (
    # Everywhere.
    Action("everywhere", "place('webhooks')", "1", "Webhooks", "Go to the webhooks."),
    Action(
        "everywhere", "place('deliveries')", "2", "Deliveries", "Go to the deliveries."
    ),
    Action("everywhere", "place('events')", "3", "Events", "Go to the events."),
    Action("everywhere", "place('audit')", "4", "Audit", "See who changed what."),
    Action("everywhere", "workspace", "w", "Workspace", "Work in another workspace."),
    Action("everywhere", "back", "escape", "Back", "Leave this screen.", 90),
    Action("everywhere", "leave", "q", "Leave", "Go back; at the top, quit."),
    Action("everywhere", "commands", "ctrl+p,colon", "Commands", "Find any command."),
    Action(
        "everywhere", "keys", "question_mark,f1", "Keys", "Show what each key does."
    ),
    Action("everywhere", "theme", "f9", "Theme", "Choose another set of colours."),
    Action("everywhere", "worker", "f8", "Worker", "Start or stop a worker in here."),
    Action("everywhere", "suspend_process", "ctrl+z", "Suspend", "Go to the shell."),
    Action("everywhere", "quit", "ctrl+q", "Quit", "Leave the console."),
    # In a list. The table itself binds these; they are here to be found.
    Action("list", "move(1)", "down,j", "Down", "The next row."),
    Action("list", "move(-1)", "up,k", "Up", "The row before."),
    Action("list", "page(2)", "pagedown", "Page down", "A screen further."),
    Action("list", "page(-2)", "pageup", "Page up", "A screen back."),
    Action("list", "page(1)", "ctrl+d", "Half down", "Half a screen further."),
    Action("list", "page(-1)", "ctrl+u", "Half up", "Half a screen back."),
    Action("list", "first", "home,g", "First row", "The first (newest) row."),
    Action("list", "last", "end,G", "Last row", "The last (oldest) row."),
    Action("list", "activate", "enter", "Open", "Open the row under the cursor."),
    # In a text.
    Action("text", "move(1)", "down,j", "Down", "A line further."),
    Action("text", "move(-1)", "up,k", "Up", "A line back."),
    Action("text", "page(2)", "pagedown,space", "Page down", "A screen further."),
    Action("text", "page(-2)", "pageup", "Page up", "A screen back."),
    Action("text", "page(1)", "ctrl+d", "Half down", "Half a screen further."),
    Action("text", "page(-1)", "ctrl+u", "Half up", "Half a screen back."),
    Action("text", "first", "home,g", "Start", "The first line."),
    Action("text", "last", "end,G", "End", "The last line."),
    # While the desk cannot be opened.
    Action("opening", "again", "r", "Try again", "Try to open the store again.", 1),
    # Webhooks.
    Action("webhooks", "open", "enter", "Open", "See this webhook.", 1),
    Action("webhooks", "new", "n", "New", "Create a webhook.", 2),
    Action("webhooks", "edit", "e", "Edit", "Change this webhook.", 3),
    Action("webhooks", "test", "t", "Test", "Send a test event to this webhook.", 4),
    Action("webhooks", "switch", "a", "On/off", "Activate or deactivate it.", 5),
    Action("webhooks", "deliveries", "d", "Deliveries", "See what was sent to it.", 6),
    Action("webhooks", "filter", "slash", "Filter", "Keep rows with these words.", 7),
    Action("webhooks", "duplicate", "c", "Duplicate", "Create one like this one."),
    Action("webhooks", "delete", "D", "Delete", "Delete it; asks for its name."),
    Action("webhooks", "sort", "s", "Sort", "Sort by another column."),
    # One webhook.
    Action("webhook", "edit", "e", "Edit", "Change this webhook.", 1),
    Action("webhook", "test", "t", "Test", "Send a test event to it.", 2),
    Action("webhook", "switch", "a", "On/off", "Activate or deactivate it.", 3),
    Action("webhook", "deliveries", "d", "Deliveries", "See what was sent to it.", 4),
    Action("webhook", "copy", "y", "Copy", "Copy its id or its URL.", 5),
    Action("webhook", "delete", "D", "Delete", "Delete it; asks for its name."),
    # The editor: letters are text there, so everything is a control or function key.
    Action("editor", "save", "ctrl+s", "Save", "Save this webhook.", 1),
    Action("editor", "test", "ctrl+t", "Send test", "Send the previewed request.", 2),
    Action("editor", "preview", "f2", "Preview", "Show only the preview, or both.", 3),
    Action("editor", "sample", "f3", "Sample", "Preview with another event.", 4),
    Action("editor", "jump", "ctrl+o", "Jump", "Go to a part: press its digit.", 5),
    Action("editor", "next_part", "f6", "Next part", "Go to the next part.", 6),
    Action("editor", "secret", "f4", "Secret", "Generate a strong secret."),
    Action("editor", "starter", "f5", "Starters", "Begin with a ready template."),
    Action("editor", "outside", "f7", "$EDITOR", "Edit the template in $EDITOR."),
    # The headers of a webhook. Their table itself binds these.
    Action("headers", "move(1)", "down,j", "Down", "The next header."),
    Action("headers", "move(-1)", "up,k", "Up", "The header before."),
    Action("headers", "want('add')", "a,insert", "Add", "Add a header."),
    Action("headers", "want('edit')", "enter", "Edit", "Change this header."),
    Action("headers", "want('remove')", "d,delete", "Remove", "Remove this header."),
    Action("headers", "want('secret')", "s", "Secret", "Hide its value, or not."),
    # Deliveries.
    Action("deliveries", "open", "enter", "Open", "See every attempt of it.", 1),
    Action("deliveries", "redeliver", "r", "Redeliver", "Deliver this one again.", 2),
    Action("deliveries", "follow", "f", "Follow", "Freeze the list, or go on.", 3),
    Action("deliveries", "filter", "slash", "Filter", "Choose what is shown.", 4),
    Action(
        "deliveries",
        "next_failure",
        "exclamation_mark",
        "Next failure",
        "Go to the next failed delivery.",
        5,
    ),
    Action("deliveries", "states", "s", "States", "Show only some states.", 6),
    Action("deliveries", "copy", "y", "Copy", "Copy its id, curl or diagnosis.", 7),
    Action("deliveries", "clear", "x", "All", "Show all deliveries again."),
    Action("deliveries", "webhook", "o", "Webhook", "See its webhook."),
    # One delivery.
    Action("delivery", "redeliver", "r", "Redeliver", "Deliver this one again.", 1),
    Action("delivery", "copy", "y", "Copy", "Copy its id, curl or diagnosis.", 2),
    Action("delivery", "next_part", "tab", "Next part", "Go to the next part.", 3),
    Action("delivery", "attempt(-1)", "h,left", "Attempt", "The attempt before.", 4),
    Action("delivery", "attempt(1)", "l,right", "Next attempt", "The next attempt."),
    Action(
        "delivery",
        "other(-1)",
        "left_square_bracket",
        "Newer",
        "The newer delivery.",
        5,
    ),
    Action(
        "delivery",
        "other(1)",
        "right_square_bracket",
        "Older",
        "The older delivery.",
        6,
    ),
    Action("delivery", "webhook", "o", "Webhook", "See its webhook.", 7),
    # Events.
    Action("events", "open", "enter", "Open", "See this event and its payload.", 1),
    Action("events", "deliveries", "d", "Deliveries", "See its deliveries.", 2),
    Action("events", "filter", "slash", "Filter", "Show only some types.", 3),
    Action("events", "follow", "f", "Follow", "Freeze the list, or go on.", 4),
    Action("events", "copy", "y", "Copy", "Copy its id or its data.", 5),
    # Audit.
    Action("audit", "open", "enter", "Read", "Read the whole change.", 1),
    # A test event, before and after it is sent.
    Action("test", "send", "enter,ctrl+t,r", "Send", "Send it now, or again.", 1),
    Action("test", "sample", "e,f3", "Event", "Test with another event.", 2),
    Action("test", "copy_curl", "y", "Copy as curl", "Copy the request.", 3),
    Action("test", "next_part", "f6", "Next part", "Go to the other text.", 4),
)


def actions_of(place: Place) -> tuple[Action, ...]:
    """Return the actions of one place, in the order of the table."""
    return tuple(action for action in ACTIONS if action.place == place)


def bindings_of(place: Place, *, through: str = "") -> list[Binding]:
    """Return the bindings of one place.

    Args:
        place: Whose actions.
        through: An action that runs them by their verb, such as `act`; it can say
            why something cannot be done now. Empty calls them directly.
    """
    return list(_bindings(place, through))


def _bindings(place: Place, through: str) -> Iterator[Binding]:
    for action in actions_of(place):
        run = f"{through}({action.verb!r})" if through else action.verb
        yield Binding(
            action.keys,
            run,
            action.title,
            show=False,
            id=action.id,
            tooltip=action.does,
            # A field that has the focus would take these keys for its own.
            priority=action.keys in ("ctrl+q", "ctrl+s"),
        )
