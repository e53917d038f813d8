"""The words of a history filter: `webhook:erp state:failed status:5xx since:15m`.

Terms stand side by side and all of them must hold; the console and the commands read
the same grammar. Pure: the names of webhooks and the time are arguments.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from types import MappingProxyType
from typing import Any

from core.errors import Invalid, InvalidFilter
from core.history import DeliveryFilter, StatusRange, parse_status
from core.matching import check_pattern, nearest
from core.model import DeliveryState

ALIASES: Mapping[str, frozenset[DeliveryState]] = MappingProxyType(
    {
        "failed": frozenset({DeliveryState.RETRYING, DeliveryState.EXHAUSTED}),
        "open": frozenset(
            {
                DeliveryState.PENDING,
                DeliveryState.SENDING,
                DeliveryState.RETRYING,
                DeliveryState.HELD,
            }
        ),
    }
)
"""Words for several states: the last attempt failed; something is still to come."""

_TERM = re.compile(r'([A-Za-z_]+):("[^"]*"?|\S*)|\S+')
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_AGO = re.compile(r"(\d{1,6})([smhdw])")
_TIMES = "Write 15m, 2h or 7d ago, a time such as 03:00, or a date such as 2026-11-23."


@dataclass(frozen=True, slots=True)
class Term:
    """One `key:value` of a filter, and where it stands; a word alone has no key."""

    key: str
    value: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Context:
    webhooks: Mapping[str, str]
    now: datetime


def terms(text: str) -> Iterator[Term]:
    """Split a filter into its terms; quotes around a value are taken off."""
    for match in _TERM.finditer(text):
        key, value = match[1], match[2]
        if key is None:
            yield Term("", match[0], match.start(), match.end())
        else:
            yield Term(key.lower(), value.strip('"'), match.start(), match.end())


def term(key: str, value: str) -> str:
    """Write a term, with quotes where the value needs them."""
    return f'{key}:"{value}"' if re.search(r"\s", value) else f"{key}:{value}"


def parse_filter(
    text: str, webhooks: Mapping[str, str], now: datetime
) -> DeliveryFilter:
    """Read a filter as a person types it; an empty one wants everything.

    Args:
        text: the terms.
        webhooks: the names that can be used, by webhook id.
        now: the time that `since:15m` counts back from.

    Raises:
        InvalidFilter: for the first term that cannot be used.
    """
    context = _Context(webhooks, now)
    fields: dict[str, Any] = {}
    for found in terms(text):
        try:
            _take(found, context, fields)
        except Invalid as problem:
            raise InvalidFilter(
                problem.message, problem.hint, start=found.start, end=found.end
            ) from problem
    return DeliveryFilter(**fields)


def _take(found: Term, context: _Context, fields: dict[str, Any]) -> None:
    if found.key not in KEYS:
        raise _unknown_key(found, context)
    if not found.value:
        raise Invalid(f"{found.key}: has no value.", KEYS[found.key])
    read = _READERS[found.key](found.value, context)
    if fields.keys() & read.keys():
        raise Invalid(
            f"{found.key} is given twice.", "Only one of it can hold at a time."
        )
    fields |= read
    since, until = fields.get("since"), fields.get("until")
    if since and until and since >= until:
        raise Invalid("The filter ends before it begins.", "Move since or until.")


def _unknown_key(found: Term, context: _Context) -> Invalid:
    if not found.key:
        meant = _guess(found.value, context)
        hint = f"Did you mean {meant}?" if meant else "Write key:value."
        return Invalid(f"{found.value!r} has no key.", hint)
    near = nearest(found.key, list(KEYS))
    meant = f"Did you mean {near[0]}:? " if near else ""
    return Invalid(
        f"{found.key!r} is not a key.", f"{meant}Keys are {', '.join(KEYS)}."
    )


def _guess(word: str, context: _Context) -> str:
    """The term somebody meant by a word alone, as far as it can be told."""
    guesses = ["state", "event", "status", "since", "webhook"]
    if "." in word:
        guesses.insert(0, "type")
    for key in guesses:
        try:
            _READERS[key](word.lower(), context)
        except Invalid:
            continue
        return term(key, word)
    return ""


def _webhook(value: str, context: _Context) -> dict[str, Any]:
    if value.startswith("whk_"):
        return {"webhook_id": value}
    wanted = value.casefold()
    tests: tuple[Callable[[str], bool], ...] = (
        lambda name: name == value,
        lambda name: name.casefold() == wanted,
        lambda name: name.casefold().startswith(wanted),
        lambda name: wanted in name.casefold(),
    )
    for test in tests:
        fitting = [webhook for webhook, name in context.webhooks.items() if test(name)]
        if len(fitting) == 1:
            return {"webhook_id": fitting[0]}
        if fitting:
            some = ", ".join(context.webhooks[webhook] for webhook in fitting[:4])
            raise Invalid(f"Several webhooks fit {value!r}.", f"Which one: {some}?")
    near = nearest(value, list(context.webhooks.values()))
    meant = f"Did you mean {' or '.join(near)}?" if near else ""
    raise Invalid(f"No webhook is called {value!r}.", meant)


def _state(value: str, context: _Context) -> dict[str, Any]:
    states: set[DeliveryState] = set()
    for word in filter(None, value.lower().split(",")):
        if word in ALIASES:
            states |= ALIASES[word]
        elif word in set(DeliveryState):
            states.add(DeliveryState(word))
        else:
            raise Invalid(f"{word!r} is not a state.", KEYS["state"])
    return {"states": frozenset(states)}


def _type(value: str, context: _Context) -> dict[str, Any]:
    return {"event_type": check_pattern(value)}


def _event(value: str, context: _Context) -> dict[str, Any]:
    if not value.startswith("evt_"):
        raise Invalid(f"{value!r} is not an event's id.", KEYS["event"])
    return {"event_id": value}


def _status(value: str, context: _Context) -> dict[str, Any]:
    wanted = parse_status(value)
    return {"status" if isinstance(wanted, StatusRange) else "failure": wanted}


def _since(value: str, context: _Context) -> dict[str, Any]:
    return {"since": _moment(value, context.now)}


def _until(value: str, context: _Context) -> dict[str, Any]:
    return {"until": _moment(value, context.now)}


def _moment(value: str, now: datetime) -> datetime:
    """A time ago, a time of the last 24 hours, or a date with or without a time."""
    try:
        if ago := _AGO.fullmatch(value.lower()):
            return now - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
        if len(value) < len("2026-11-23"):
            clock = time.fromisoformat(value.upper().removesuffix("Z"))
            today = datetime.combine(now.date(), clock, tzinfo=UTC)
            return today if today <= now else today - timedelta(days=1)
        moment = datetime.fromisoformat(value.upper())
    except (ValueError, OverflowError):
        raise Invalid(f"{value!r} is not a time.", _TIMES) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


_READERS: Mapping[str, Callable[[str, _Context], dict[str, Any]]] = {
    "webhook": _webhook,
    "state": _state,
    "type": _type,
    "status": _status,
    "since": _since,
    "until": _until,
    "event": _event,
}

KEYS: Mapping[str, str] = MappingProxyType(
    {
        "webhook": "A webhook's name, or the start of it.",
        "state": f"One or more of {', '.join([*ALIASES, *DeliveryState])}.",
        "type": "An event type such as review.completed, or review.* for a family.",
        "status": "The last attempt's: 503, 5xx, or a failure such as timeout.",
        "since": _TIMES,
        "until": _TIMES,
        "event": "An event's id, evt_…",
    }
)
"""What can be asked for, and what is written there."""
