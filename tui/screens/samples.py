"""Which event a preview or a test is about: the first one, and the way to another."""

from collections.abc import Sequence

from textual.app import App

from core.actions.caller import Caller
from core.actions.events import list_event_types, list_events
from core.actions.preview import Sample
from core.catalogue import TEST_EVENT
from core.errors import Invalid
from core.history import Window
from core.matching import matches, parse_patterns
from core.model import EventType
from tui.widgets.sample_picker import SamplePicker, offers

RECENT = 100  # recorded events that are offered


def first_type(types: Sequence[EventType], patterns: str) -> EventType | None:
    """The event type to begin with: a wanted one, else the test's, else any."""
    tests = [one for one in types if one.name == TEST_EVENT]
    return wanted_type(types, patterns) or next(iter([*tests, *types]), None)


def wanted_type(types: Sequence[EventType], patterns: str) -> EventType | None:
    """Of the types that the patterns want the one with the richest sample."""
    try:
        wanted = parse_patterns(patterns)
    except Invalid:
        return None
    fits = [one for one in types if matches(wanted, one.name)]
    return max(fits, key=lambda one: len(one.sample), default=None)


async def choose_sample(app: App[None], caller: Caller, chosen: str) -> str | None:
    """Ask for an event; the answer is a type's name, an event's id, or None."""
    types = await list_event_types(caller)
    recorded = await list_events(caller, Window(limit=RECENT))
    return await app.push_screen_wait(SamplePicker(offers(types, recorded), chosen))


def sample_words(sample: Sample) -> str:
    """What kind of event it is, in a few words."""
    if sample.is_recorded:
        return f"recorded {sample.event.created_at:%F %T}"
    return "sample"
