"""Why a delivery is where it is, in sentences: the first thing its page says.

The console, the commands and the copy for an incident channel all say it with these.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from core.body import stamp
from core.explain import remedy, why
from core.history import DeliveryDetail, WebhookHealth
from core.model import Attempt, Delivery, DeliveryState
from core.outcome import Failure, Outcome, Phases
from core.retry import GiveUp, RetryAt
from core.spans import span_words

_PARTS = (("dns", "DNS"), ("connect", "TCP"), ("tls", "TLS"))


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What is the case, what follows, what is known to be right, and what to do.

    Each is a sentence or two; an empty one has nothing to say.
    """

    what: str
    then: str = ""
    works: str = ""
    webhook: str = ""
    do: str = ""


def diagnose(
    detail: DeliveryDetail, now: datetime, health: WebhookHealth | None = None
) -> Diagnosis:
    """Explain a delivery; `health` tells whether its webhook fails as a whole."""
    if not detail.attempts:
        return Diagnosis(what=_before_any(detail.delivery), do=_start(detail.delivery))
    last = detail.attempts[-1]
    if last.outcome.is_success:
        return Diagnosis(what=_delivered(last), then=_then(detail, now))
    return Diagnosis(
        what=_what(detail.attempts),
        then=_then(detail, now),
        works=works(last.outcome),
        webhook=_webhook(health, now),
        do=remedy(last.outcome),
    )


def works(outcome: Outcome) -> str:
    """The parts of a failed attempt that went well, as far as its phases show."""
    phases = outcome.phases
    done = [name for name, _ in _completed(phases, outcome)]
    words = [word for name, word in _PARTS if name in done]
    if phases.reused:
        words.append("the open connection")
    sentences = []
    if words:
        sentences.append(f"{_and(words)} {'are' if len(words) > 1 else 'is'} fine")
    if "send" in done:
        sentences.append("the whole request went out")
    if not sentences:
        return ""
    sentence = ", and ".join(sentences)
    return sentence[0].upper() + sentence[1:] + "."


def _completed(phases: Phases, outcome: Outcome) -> Iterator[tuple[str, float]]:
    names = ("dns", "connect", "tls", "send", "wait", "receive")
    found = [(n, s) for n in names if (s := getattr(phases, n)) is not None]
    # A failure ended in the last phase it entered.
    yield from found[:-1] if isinstance(outcome, Failure) else found


def _and(words: list[str]) -> str:
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))


def _before_any(delivery: Delivery) -> str:
    return {
        DeliveryState.HELD: "Held: its webhook is inactive. Nothing was sent yet.",
        DeliveryState.CANCELLED: "Cancelled before anything was sent.",
        DeliveryState.SENDING: "A worker is sending it now.",
    }.get(delivery.state, "Waiting for a worker. Nothing was sent yet.")


def _start(delivery: Delivery) -> str:
    if delivery.state is DeliveryState.HELD:
        return "Activate the webhook, and choose to deliver what is held."
    return ""


def _delivered(attempt: Attempt) -> str:
    took = f"{attempt.duration.total_seconds():.2f} s"
    ordinal = (
        "the first attempt" if attempt.number == 1 else f"attempt {attempt.number}"
    )
    return f"Delivered with {ordinal}: {why(attempt.outcome)} in {took}."


def _what(attempts: tuple[Attempt, ...]) -> str:
    reasons = Counter(_reason(attempt.outcome) for attempt in attempts)
    last = attempts[-1].outcome
    same = reasons[_reason(last)]
    text = (
        why(last) if isinstance(last, Failure) else f"The receiver answers {why(last)}"
    )
    text = text.rstrip(".")
    if len(attempts) == 1:
        return f"{text}."
    if same == len(attempts):
        return f"{text}, on all {same} attempts."
    others = ", ".join(
        f"{count} × {reason}" for reason, count in reasons.most_common(4)
    )
    return f"{text}. In {len(attempts)} attempts: {others}."


def _reason(outcome: Outcome) -> str:
    return outcome.kind.value if isinstance(outcome, Failure) else str(outcome.status)


_THEN = {
    DeliveryState.SENDING: "A worker is sending it again now.",
    DeliveryState.PENDING: "It is due again and waits for a worker.",
    DeliveryState.HELD: "The next attempt is held, because its webhook is inactive.",
    DeliveryState.CANCELLED: "Cancelled: there is no further attempt.",
}


def _then(detail: DeliveryDetail, now: datetime) -> str:
    state, verdict = detail.delivery.state, detail.attempts[-1].verdict
    if state is DeliveryState.RETRYING:
        return _next(detail, now)
    if state is DeliveryState.EXHAUSTED and isinstance(verdict, GiveUp):
        return f"Given up. {verdict.why}"
    return _THEN.get(state, "")


def _next(detail: DeliveryDetail, now: datetime) -> str:
    delivery, verdict = detail.delivery, detail.attempts[-1].verdict
    if delivery.due_at is None:
        return ""
    number = f"Attempt {delivery.attempts + 1}"
    planned = len(detail.webhook.retry.schedule) if detail.webhook else 0
    if delivery.attempts < planned:
        number += f" of {planned}"
    why_then = f", {verdict.why}" if isinstance(verdict, RetryAt) else ""
    if delivery.due_at <= now:
        return f"{number} is due now and waits for a worker."
    wait = span_words(delivery.due_at - now)
    return f"{number} at {delivery.due_at:%H:%M:%S} UTC, in {wait}{why_then}."


def _webhook(health: WebhookHealth | None, now: datetime) -> str:
    if health is None:
        return ""
    words = []
    if health.failing_since is not None:
        words.append(f"failing for {span_words(now - health.failing_since)}")
    if health.success_rate is not None:
        words.append(f"{percent(health.success_rate)} of the last hour delivered")
    if health.waiting:
        words.append(f"{health.waiting:,} waiting")
    return f"The webhook as a whole: {', '.join(words)}." if words else ""


def percent(share: float) -> str:
    """A share as a person reads it; only all is `100 %`, only nothing is `0 %`."""
    if 0 < share < 0.01:
        return "< 1 %"
    if 0.99 < share < 1:
        return "> 99 %"
    return f"{share:.0%}".replace("%", " %")


def as_markdown(detail: DeliveryDetail, diagnosis: Diagnosis) -> str:
    """The diagnosis for an incident channel: no secret, no header, no body."""
    delivery = detail.delivery
    lines = [
        f"**{detail.webhook_name}**: {delivery.event_type}, delivery "
        f"`{delivery.id}` is **{delivery.state}**",
        "",
        *(f"- {text}" for text in _sentences(diagnosis)),
        "",
        *(_attempt(attempt) for attempt in detail.attempts[-10:]),
    ]
    return "\n".join(lines).rstrip() + "\n"


def _sentences(diagnosis: Diagnosis) -> Iterator[str]:
    yield diagnosis.what
    yield from filter(None, (diagnosis.then, diagnosis.works, diagnosis.webhook))
    if diagnosis.do:
        yield f"What to do: {diagnosis.do}"


def _attempt(attempt: Attempt) -> str:
    seconds = attempt.duration.total_seconds()
    at = stamp(attempt.started_at)
    return f"{attempt.number}. {at} {_reason(attempt.outcome)} after {seconds:.2f} s"
