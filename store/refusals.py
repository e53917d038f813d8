"""What a store refuses, in sentences: the same from every store.

Loads nothing but the errors, so that a store of the tests can speak alike.
"""

from core.errors import IdempotencyConflict, NameTaken, NotFound, Stale


def workspace_taken(slug: str) -> NameTaken:
    """A second workspace of one slug."""
    return NameTaken(f"There is a workspace {slug!r} already.", field="slug")


def event_type_taken(name: str) -> NameTaken:
    """A second event type of one name."""
    return NameTaken(f"There is an event type {name!r} already.")


def webhook_taken(name: str) -> NameTaken:
    """A second webhook of one name."""
    return NameTaken(
        f"There is a webhook {name!r} already.", "Choose a name no other webhook has."
    )


def no_member(login: str) -> NotFound:
    """A login that has no role here."""
    return NotFound(f"{login} has no role here.", "'hookline members list' shows all.")


def no_webhook(wanted: str) -> NotFound:
    """Neither an id nor a name of a webhook."""
    return NotFound(
        f"No webhook has the id or name {wanted!r}.",
        "'hookline webhooks list' shows them all.",
    )


def no_event(event_id: str) -> NotFound:
    """No event's id."""
    return NotFound(
        f"No event has the id {event_id!r}.", "'hookline events list' shows the newest."
    )


def no_delivery(delivery_id: str) -> NotFound:
    """No delivery's id."""
    return NotFound(
        f"No delivery has the id {delivery_id!r}.",
        "'hookline deliveries list' shows the newest.",
    )


def saved_meanwhile(name: str, saved: int) -> Stale:
    """A revision that is not the next one."""
    return Stale(
        f"{name} was saved by somebody else meanwhile (revision {saved}).",
        "Open it again and repeat the change.",
    )


def being_sent(delivery_id: str) -> Stale:
    """A delivery that a worker holds."""
    return Stale(
        f"{delivery_id} is being sent right now.", "Wait for its outcome, then decide."
    )


def is_inactive(name: str) -> Stale:
    """A delivery to a webhook that is switched off."""
    return Stale(f"{name} is inactive, so nothing goes out.", "Activate it first.")


def is_deleted(name: str) -> Stale:
    """A delivery to a webhook that is no more."""
    return Stale(
        f"{name} was deleted, so nothing goes out.",
        "Create the webhook again and emit the event again.",
    )


def key_used(key: str, event_id: str) -> IdempotencyConflict:
    """An idempotency key that came with another event before."""
    return IdempotencyConflict(
        f"The idempotency key {key!r} was used for {event_id}, with another type or "
        "other data.",
        "Use a new key for a new event.",
    )
