"""One attempt: build, send, judge. Workers, tests and redeliveries all make it here."""

from datetime import datetime

from core.errors import HooklineError, InvalidSecret
from core.model import Attempt, Trigger
from core.outcome import Failure, FailureKind
from core.ports import Clock, Send
from core.request import PreparedRequest, build_request
from core.retry import ONCE, judge
from core.work import Claim


async def make_attempt(
    claim: Claim, *, send: Send, clock: Clock, jitter: float
) -> Attempt:
    """Make the next attempt of a claimed delivery. Never raises: a template that breaks
    is a failed attempt like any other.
    """
    started = clock()
    request = _build(claim, started)
    outcome = request if isinstance(request, Failure) else await send(request)
    ended = clock()
    delivery, webhook = claim.delivery, claim.webhook
    number = delivery.attempts + 1
    policy = ONCE if delivery.trigger is Trigger.TEST else webhook.retry
    return Attempt(
        delivery_id=delivery.id,
        number=number,
        trigger=delivery.trigger,
        revision=webhook.revision,
        started_at=started,
        duration=ended - started,
        request=None if isinstance(request, Failure) else request.as_sent(),
        outcome=outcome,
        verdict=judge(outcome, number, policy, ended, jitter),
    )


def _build(claim: Claim, now: datetime) -> PreparedRequest | Failure:
    try:
        return build_request(
            claim.webhook, claim.event, claim.delivery.id, claim.workspace, now
        )
    except InvalidSecret as error:
        # Nothing goes out unsigned: no active secret, or one its style cannot use.
        return Failure(FailureKind.BLOCKED, str(error))
    except HooklineError as error:
        line = getattr(error, "line", None)
        where = f"Template line {line}: " if line else ""
        return Failure(FailureKind.TEMPLATE, where + str(error))
