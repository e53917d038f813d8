"""The request of a past attempt, built again.

History keeps a request without its body and its secrets. The one builder makes it
again from the webhook as it is now, and the digest proves whether it is the same.
"""

import hashlib

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
    if detail.webhook is None:
        return None
    try:
        return build_request(
            detail.webhook,
            detail.event,
            detail.delivery.id,
            workspace,
            attempt.started_at,
        )
    except HooklineError:
        return None


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
