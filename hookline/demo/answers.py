"""What the demo's receivers answered in the past, with the engine's own words for what
went wrong. Each answer is drawn from a chance of its own, whoever asks first.
"""

import ipaddress
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from email.utils import format_datetime
from hashlib import sha256
from random import Random

from core.explain import status_phrase
from core.model import Webhook
from core.outcome import Failure, FailureKind, Outcome, Phases, Response, TlsFacts

CERTIFICATE_LEFT = timedelta(days=61)


@dataclass(frozen=True, slots=True)
class Moment:
    """An attempt under way: of which webhook, when, and how long before now."""

    webhook: Webhook
    at: datetime
    ago: timedelta
    chance: Random


Answer = Callable[[Moment], Outcome]


def says(
    status: int,
    body: str = '{"ok": true}',
    *headers: tuple[str, str],
    wait: tuple[float, float] = (0.012, 0.09),
    kind: str = "application/json",
) -> Answer:
    """A receiver that answers with this status, after a wait in seconds."""

    def answer(moment: Moment) -> Outcome:
        return Response(
            status=status,
            reason=status_phrase(status),
            headers=(
                ("Server", "nginx"),
                ("Date", format_datetime(moment.at.replace(microsecond=0), True)),
                ("Content-Type", kind),
                ("Content-Length", str(len(body.encode()))),
                *headers,
            ),
            body=body.encode(),
            phases=_answered(moment, moment.chance.uniform(*wait)),
        )

    return answer


def sometimes(share: float, this: Answer, otherwise: Answer) -> Answer:
    """A receiver that is of two minds."""
    return lambda moment: (
        this(moment) if moment.chance.random() < share else otherwise(moment)
    )


def until(minutes_ago: float, before: Answer, after: Answer) -> Answer:
    """A receiver that changed so many minutes before now."""
    return lambda moment: (
        before(moment) if moment.ago > timedelta(minutes=minutes_ago) else after(moment)
    )


def no_answer(moment: Moment) -> Outcome:
    """It accepts the request and then says nothing."""
    seconds = moment.webhook.limits.timeout
    phases = _answered(moment, 0.0)
    waited = round(seconds - phases.total, 6)
    detail = f"No answer within {seconds:g} s: waiting for the answer."
    phases = replace(phases, wait=waited, receive=None)
    return Failure(FailureKind.TIMEOUT, detail, phases)


def reset(moment: Moment) -> Outcome:
    """It hangs up in the middle."""
    phases = _answered(moment, moment.chance.uniform(0.002, 0.03))
    detail = "The receiver reset the connection."
    return Failure(FailureKind.PROTOCOL, detail, replace(phases, receive=None))


def refused(moment: Moment) -> Outcome:
    """Nothing listens there."""
    peer = _peer(moment.webhook)
    where = moment.webhook.url.host + f":{moment.webhook.url.port}"
    detail = f"{where} does not accept connections: {peer.rpartition(':')[0]} refused."
    phases = Phases(dns=_dns(moment), connect=_drawn(moment, 0.0002, 0.004))
    return Failure(FailureKind.CONNECT, detail, phases)


def expired(moment: Moment) -> Outcome:
    """Its certificate has ended."""
    url = moment.webhook.url
    detail = (
        f"The certificate of {url.host}:{url.port} is not trusted: "
        "certificate has expired."
    )
    return Failure(FailureKind.TLS, detail, _handshaken(moment))


def unknown_name(moment: Moment) -> Outcome:
    """No such host."""
    host = moment.webhook.url.host
    detail = f"The name {host} has no address: Name or service not known."
    phases = Phases(dns=_drawn(moment, 0.02, 0.2))
    return Failure(FailureKind.DNS, detail, phases)


def forbidden_address(moment: Moment) -> Outcome:
    """The address policy does not let it out."""
    detail = f"{moment.webhook.url.host} is a private address, and those are refused."
    return Failure(FailureKind.BLOCKED, detail)


def json_body(**fields: object) -> str:
    """A body as a JSON API writes it."""
    return json.dumps(fields)


def _answered(moment: Moment, wait: float) -> Phases:
    secure = moment.webhook.url.is_secure
    again = moment.chance.random() < 0.6
    fresh = Phases() if again else _handshaken(moment)
    return replace(
        fresh,
        send=_drawn(moment, 0.00004, 0.0003),
        wait=round(wait, 6),
        receive=_drawn(moment, 0.0001, 0.0009),
        reused=again,
        peer=_peer(moment.webhook),
        tls_facts=_facts(moment) if secure else None,
    )


def _handshaken(moment: Moment) -> Phases:
    secure = moment.webhook.url.is_secure
    return Phases(
        dns=_dns(moment),
        connect=_drawn(moment, 0.0003, 0.018),
        tls=_drawn(moment, 0.004, 0.035) if secure else None,
    )


def _facts(moment: Moment) -> TlsFacts:
    version, cipher = "TLSv1.3", "TLS_AES_256_GCM_SHA384"
    if moment.webhook.ignore_ssl:
        return TlsFacts(version, cipher)
    ends = moment.at + moment.ago + CERTIFICATE_LEFT
    return TlsFacts(
        version,
        cipher,
        subject=moment.webhook.url.host,
        issuer="Example Trust R11",
        expires_at=datetime.combine(ends.date(), time(), ends.tzinfo),
    )


def _dns(moment: Moment) -> float | None:
    if _is_literal(moment.webhook):
        return None
    return _drawn(moment, 0.0008, 0.012)


def _peer(webhook: Webhook) -> str:
    if _is_literal(webhook):
        return f"{webhook.url.host}:{webhook.url.port}"
    # RFC 5737: an address for documentation, the same for the same name.
    last = sha256(webhook.url.host.encode()).digest()[0]
    return f"203.0.113.{last}:{webhook.url.port}"


def _is_literal(webhook: Webhook) -> bool:
    try:
        ipaddress.ip_address(webhook.url.host)
    except ValueError:
        return False
    return True


def _drawn(moment: Moment, low: float, high: float) -> float:
    return round(moment.chance.uniform(low, high), 6)
