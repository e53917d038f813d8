"""Attempts to rows and back: the request as it was sent, the outcome, the verdict."""

import json
from datetime import timedelta

from sqlalchemy import RowMapping

from core.model import Attempt, SentRequest
from core.outcome import Failure, Outcome, Phases, Response, TlsFacts
from core.retry import Delivered, GiveUp, RetryAt, Verdict
from store.convert import (
    FAILURES,
    MICROSECOND,
    TRIGGERS,
    Params,
    dumps,
    maybe_micros,
    maybe_moment,
    micros,
    moment,
    text,
)

_PHASES = ("dns", "connect", "tls", "send", "wait", "receive")


def attempt_params(attempt: Attempt) -> Params:
    """An attempt's row."""
    return {
        "delivery_id": attempt.delivery_id,
        "number": attempt.number,
        "trigger": attempt.trigger.value,
        "revision": attempt.revision,
        "started_at": micros(attempt.started_at),
        "duration": attempt.duration // MICROSECOND,
        **_request_params(attempt.request),
        **_outcome_params(attempt.outcome),
        **_verdict_params(attempt.verdict),
    }


def to_attempt(row: RowMapping) -> Attempt:
    """The attempt of a row of `attempts`."""
    return Attempt(
        delivery_id=row["delivery_id"],
        number=row["number"],
        trigger=TRIGGERS[row["trigger"]],
        revision=row["revision"],
        started_at=moment(row["started_at"]),
        duration=timedelta(microseconds=row["duration"]),
        request=_to_request(row),
        outcome=_to_outcome(row),
        verdict=_to_verdict(row),
    )


_NO_REQUEST: Params = dict.fromkeys(
    ("method", "url", "request_headers", "body_sha256", "body_size")
)


def _request_params(request: SentRequest | None) -> Params:
    if request is None:
        return _NO_REQUEST
    return {
        "method": request.method,
        "url": request.url,
        "request_headers": dumps(request.headers),
        "body_sha256": bytes.fromhex(request.body_sha256),
        "body_size": request.body_size,
    }


def _to_request(row: RowMapping) -> SentRequest | None:
    if row["method"] is None:
        return None
    return SentRequest(
        method=row["method"],
        url=row["url"],
        headers=_pairs(row["request_headers"]),
        body_sha256=row["body_sha256"].hex(),
        body_size=row["body_size"],
    )


def _outcome_params(outcome: Outcome) -> Params:
    if isinstance(outcome, Failure):
        return {
            "status": None,
            "reason": None,
            "response_headers": None,
            "response_body": None,
            "truncated": None,
            "failure": outcome.kind.value,
            "detail": text(outcome.detail),
            "phases": _phases_text(outcome.phases),
        }
    return {
        "status": outcome.status,
        "reason": text(outcome.reason),
        "response_headers": dumps(outcome.headers),
        "response_body": outcome.body,
        "truncated": outcome.truncated,
        "failure": None,
        "detail": None,
        "phases": _phases_text(outcome.phases),
    }


def _to_outcome(row: RowMapping) -> Outcome:
    phases = _to_phases(row["phases"])
    if row["failure"] is not None:
        return Failure(FAILURES[row["failure"]], row["detail"], phases)
    return Response(
        status=row["status"],
        reason=row["reason"],
        headers=_pairs(row["response_headers"]),
        body=row["response_body"],
        truncated=row["truncated"],
        phases=phases,
    )


def _verdict_params(verdict: Verdict) -> Params:
    match verdict:
        case Delivered():
            kind, at, words, disable = "delivered", None, None, None
        case RetryAt(when, words):
            kind, at, disable = "retry", micros(when), None
        case GiveUp(words, disable):
            kind, at = "give up", None
    return {
        "verdict": kind,
        "verdict_at": at,
        "verdict_why": words,
        "verdict_disable": disable,
    }


def _to_verdict(row: RowMapping) -> Verdict:
    match row["verdict"]:
        case "delivered":
            return Delivered()
        case "retry":
            return RetryAt(moment(row["verdict_at"]), row["verdict_why"])
        case _:
            return GiveUp(row["verdict_why"], row["verdict_disable"])


def _phases_text(phases: Phases) -> str:
    """The phases as JSON: their microseconds, reused, peer, TLS facts."""
    seconds = (getattr(phases, name) for name in _PHASES)
    spent = [None if part is None else round(part * 1_000_000) for part in seconds]
    facts = phases.tls_facts
    tls = facts and [
        facts.version,
        facts.cipher,
        facts.subject,
        facts.issuer,
        maybe_micros(facts.expires_at),
    ]
    return dumps([spent, phases.reused, phases.peer, tls])


def _to_phases(stored: str) -> Phases:
    spent, reused, peer, facts = json.loads(stored)
    seconds = {
        name: None if part is None else part / 1_000_000
        for name, part in zip(_PHASES, spent, strict=True)
    }
    return Phases(
        **seconds, reused=reused, peer=peer, tls_facts=facts and _to_tls(*facts)
    )


def _to_tls(
    version: str,
    cipher: str,
    subject: str | None,
    issuer: str | None,
    expires_at: int | None,
) -> TlsFacts:
    return TlsFacts(version, cipher, subject, issuer, maybe_moment(expires_at))


def _pairs(stored: str) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, value in json.loads(stored))
