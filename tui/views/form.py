"""The editor's words: what a field says below itself, and what was typed as a value.

Pure. The rules are those of `core.draft`; here they only get words that fit a form.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from itertools import accumulate
from typing import NamedTuple

from core.draft import WebhookDraft
from core.errors import HooklineError, Invalid
from core.matching import (
    matches,
    matches_nothing,
    nearest_patterns,
    parse_patterns,
)
from core.model import Webhook
from core.signing import Style
from core.url import parse_url
from tui.views.lines import Tone

_NAMED = 3  # event types a sentence names


class Words(NamedTuple):
    """A sentence and how it is meant."""

    text: str
    tone: Tone = "muted"


@dataclass(frozen=True, slots=True)
class Part:
    """A page of the form and the fields of `Invalid` that belong to it."""

    name: str
    title: str
    fields: tuple[str, ...]


PARTS = (
    Part("request", "Request", ("name", "url", "method", "content_type", "events")),
    Part("headers", "Headers", ("headers",)),
    Part("signing", "Signing", ("style", "secret")),
    Part("body", "Body", ("template",)),
    Part("delivery", "Delivery", ("timeout", "in_flight", "retry")),
)
_ORDER = [field for part in PARTS for field in part.fields]


def part_of(field: str) -> Part:
    """The page on which a field stands."""
    return next((part for part in PARTS if field in part.fields), PARTS[0])


def in_form_order(problems: Mapping[str, Invalid]) -> dict[str, Invalid]:
    """The same problems, the first field of the form first."""
    known = [name for name in _ORDER if name in problems]
    return {name: problems[name] for name in [*known, *problems]}


def problem_words(problem: HooklineError) -> Words:
    """What is wrong and what to do, as a form says it."""
    line = getattr(problem, "line", None)
    where = f"line {line}: " if line else ""
    return Words(f"✖ {where}{problem}", "bad")


def url_words(text: str) -> Words:
    """What a URL means: how it travels and whom it reaches."""
    try:
        url = parse_url(text)
    except Invalid as invalid:
        return problem_words(invalid)
    if url.is_secure:
        return Words(f"✔ TLS to {url.host}, port {url.port}", "ok")
    return Words(
        f"▲ Not encrypted: whoever is between here and {url.host} can read and "
        "change every event, and read secret headers.",
        "warn",
    )


IGNORE_SSL_OFF = Words("The certificate is checked.")
IGNORE_SSL_ON = Words(
    "▲▲ UNSAFE: anybody in between can pose as the receiver, read every event and "
    "secret header, and answer in its place. Every attempt will say so.",
    "bad",
)


def events_words(text: str, catalogue: Sequence[str]) -> Words:
    """Which event types the patterns match, and which patterns match none."""
    try:
        patterns = parse_patterns(text)
    except Invalid as invalid:
        return problem_words(invalid)
    if idle := matches_nothing(patterns, catalogue):
        match = "matches" if len(idle) == 1 else "match"
        words = f"▲ {', '.join(idle)} {match} no event type.{_meant(idle, catalogue)}"
        return Words(words, "warn")
    chosen = [name for name in catalogue if matches(patterns, name)]
    if len(chosen) == len(catalogue):
        return Words(f"✔ all {len(chosen)} event types, and those to come", "ok")
    more = " …" if len(chosen) > _NAMED else ""
    named = ", ".join(chosen[:_NAMED]) + more
    return Words(f"✔ {len(chosen)} of {len(catalogue)} event types: {named}", "ok")


def _meant(idle: Sequence[str], catalogue: Sequence[str]) -> str:
    """What patterns without a match may have meant: all for one, the best for each."""
    close = [nearest_patterns(pattern, catalogue) for pattern in idle]
    if len(idle) == 1:
        words = " or ".join(close[0])
    else:
        words = " and ".join(found[0] for found in close if found)
    return f" Did you mean {words}?" if words else ""


def completion(text: str, catalogue: Sequence[str]) -> str | None:
    """The text with its last pattern completed, or None when nothing begins so."""
    head, last = re.fullmatch(r"(.*?)([^\s,]*)", text, re.DOTALL).groups()  # type: ignore[union-attr]
    if not last:
        return None
    families = {name.rpartition(".")[0] + ".*" for name in catalogue if "." in name}
    known = sorted({*families, *catalogue}, key=lambda name: (".*" not in name, name))
    found = next((name for name in known if name.startswith(last)), None)
    return head + found if found and found != last else None


def signing_words(style: Style) -> Words:
    """What a signing style sends, in one line."""
    signed = "id.time.body" if style.id_header else "body"
    return Words(f"{style.header}: {style.prefix}HMAC-SHA256 of {signed}")


_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_WAIT = re.compile(r"(\d{1,7})([smhd]?)")


def parse_schedule(text: str) -> tuple[int, ...]:
    """Read waits such as `0 5s 5m 2h`, in seconds.

    Raises:
        Invalid: for the first that is no wait.
    """
    waits = []
    for word in text.replace(",", " ").split():
        found = _WAIT.fullmatch(word.lower())
        if found is None:
            raise Invalid(
                f"{word!r} is not a wait.",
                "Write waits such as 0 5s 5m 2h 1d.",
                field="retry",
            )
        waits.append(int(found[1]) * _UNITS[found[2] or "s"])
    return tuple(waits)


def schedule_text(schedule: Sequence[int]) -> str:
    """A schedule as a person types it."""
    return " ".join(map(wait_text, schedule))


def wait_text(seconds: int) -> str:
    """A wait in its largest whole unit: `5m`, `90s`, `0`."""
    if seconds == 0:
        return "0"
    unit = next(u for u in "dhms" if seconds % _UNITS[u] == 0)
    return f"{seconds // _UNITS[unit]}{unit}"


def schedule_words(schedule: Sequence[int], now: datetime) -> Words:
    """When the attempts of an event of this moment would be, if all fail."""
    times = [now + timedelta(seconds=wait) for wait in accumulate(schedule)]
    shown = times if len(times) <= 6 else [*times[:4], times[-1]]
    words = [_at(when, now) for when in shown]
    if shown is not times:
        words.insert(-1, "…")
    count = "1 attempt" if len(times) == 1 else f"{len(times)} attempts"
    return Words(f"{count}; while all fail: {', '.join(words)} UTC")


def _at(when: datetime, now: datetime) -> str:
    if when == now:
        return "at once"
    if when.date() == now.date():
        return f"{when:%T}" if (when - now).total_seconds() < 60 else f"{when:%R}"
    return f"{when:%a %d %b %R}"


def parse_number(text: str, field: str) -> float:
    """Read a number of a form.

    Raises:
        Invalid: naming the field.
    """
    typed = text.strip()
    try:
        number = float(typed.replace(",", "."))
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        words = f"{typed!r} is not a number." if typed else "Write a number."
        raise Invalid(words, field=field)
    return number


def looks_secret(name: str) -> bool:
    """Whether a header of this name usually carries a secret."""
    name = name.lower()
    return name in {"authorization", "cookie"} or any(
        word in name for word in ("token", "secret", "key", "password")
    )


def changed_fields(before: WebhookDraft, after: WebhookDraft) -> tuple[str, ...]:
    """The fields of a draft that differ, by name, in the order of the form."""
    return tuple(
        one.name
        for one in fields(WebhookDraft)
        if getattr(before, one.name) != getattr(after, one.name)
    )


def dropping_words(names: Sequence[str], before: Webhook, draft: WebhookDraft) -> str:
    """Why saving drops secret headers, and what to do instead."""
    listed = ", ".join(names)
    if draft.ignore_ssl and not before.ignore_ssl:
        why = "Certificates will not be checked any more"
    else:
        why = f"Requests will go somewhere else than {before.url.origin}"
    return (
        f"{why}, so the saved value of {listed} is not sent there: saving drops it.\n\n"
        "To keep the header, go back and type its value again."
    )


def rebased(draft: WebhookDraft, old: Webhook, new: Webhook) -> WebhookDraft:
    """The draft on top of what somebody else saved: kept secrets are theirs now."""
    theirs = {h.name.lower(): h for h in new.headers if h.is_secret}
    kept = {h.value for h in old.headers if h.is_secret}
    retyped = {name.lower() for name in draft.retyped}
    headers = [
        theirs.get(h.name.lower())
        if h.value in kept and h.name.lower() not in retyped
        else h
        for h in draft.headers
    ]
    return replace(draft, headers=tuple(filter(None, headers)))


def count_by_part(problems: Mapping[str, HooklineError]) -> dict[str, int]:
    """How many problems each page has, by its name."""
    counts: dict[str, int] = {}
    for field in problems:
        name = part_of(field).name
        counts[name] = counts.get(name, 0) + 1
    return counts
