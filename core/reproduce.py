"""The request of a past attempt, built again.

History keeps a request without its body and its secrets. The one builder makes it
again from the webhook as it is now, and the digest proves whether it is the same.
"""

import hashlib
from datetime import datetime

from core.errors import HooklineError
from core.history import DeliveryDetail
from core.model import Attempt
from core.request import PreparedRequest, build_request


def reproduce(
    detail: DeliveryDetail, attempt: Attempt, workspace: str
) -> PreparedRequest | None:
    """Build the request of an attempt again; None if its webhook cannot build it now.

    Args:
        detail: the delivery, with its event and its webhook as of now.
        attempt: the attempt; its time is signed again.
        workspace: the workspace's slug.
    """
    return _build(detail, workspace, attempt.started_at)


def request_of(
    detail: DeliveryDetail, attempt: Attempt | None, workspace: str, now: datetime
) -> PreparedRequest | None:
    """The request of an attempt, or without one, the request it would begin with."""
    if attempt is not None:
        return reproduce(detail, attempt, workspace)
    return _build(detail, workspace, now)


def attempt_of(detail: DeliveryDetail, number: int | None) -> Attempt | None:
    """The attempt with this number, else the last one, if there is any."""
    found = (one for one in detail.attempts if one.number == number)
    return next(found, detail.attempts[-1] if detail.attempts else None)


def is_as_sent(request: PreparedRequest, attempt: Attempt) -> bool:
    """Whether this is the request that was sent, as far as history can tell."""
    return request.as_sent() == attempt.request


def proven_body(request: PreparedRequest | None, attempt: Attempt) -> bytes | None:
    """The body that was sent, or None when the digest says it was another one.

    An edit that touches no body, such as a new header, still leaves it provable.
    """
    if request is None or attempt.request is None:
        return None
    digest = hashlib.sha256(request.body).hexdigest()
    return request.body if digest == attempt.request.body_sha256 else None


def _build(
    detail: DeliveryDetail, workspace: str, now: datetime
) -> PreparedRequest | None:
    if detail.webhook is None:
        return None
    try:
        return build_request(
            detail.webhook, detail.event, detail.delivery.id, workspace, now
        )
    except HooklineError:
        return None
