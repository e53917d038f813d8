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


def attempt_params(attempt: Attempt) -> Params:
    """An attempt's row."""
    row = {
        "delivery_id": attempt.delivery_id,
        "number": attempt.number,
        "trigger": attempt.trigger.value,
        "revision": attempt.revision,
        "started_at": micros(attempt.started_at),
        "duration": attempt.duration // MICROSECOND,
        **_NOTHING,
    }
    _put_request(row, attempt.request)
    _put_outcome(row, attempt.outcome)
    _put_phases(row, attempt.outcome.phases)
    _put_verdict(row, attempt.verdict)
    return row


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


_NOTHING: Params = dict.fromkeys(
    (
        *("method", "url", "request_headers", "body_sha256", "body_size"),
        *("status", "reason", "response_headers", "response_body", "truncated"),
        *("failure", "detail", "tls_facts"),
        *("verdict_at", "verdict_why", "verdict_disable"),
    )
)


def _put_request(row: Params, request: SentRequest | None) -> None:
    if request is None:
        return
    row["method"] = request.method
    row["url"] = request.url
    row["request_headers"] = dumps(request.headers)
    row["body_sha256"] = bytes.fromhex(request.body_sha256)
    row["body_size"] = request.body_size


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


def _put_outcome(row: Params, outcome: Outcome) -> None:
    if isinstance(outcome, Failure):
        row["failure"] = outcome.kind.value
        row["detail"] = text(outcome.detail)
        return
    row["status"] = outcome.status
    row["reason"] = text(outcome.reason)
    row["response_headers"] = dumps(outcome.headers)
    row["response_body"] = outcome.body
    row["truncated"] = outcome.truncated


def _to_outcome(row: RowMapping) -> Outcome:
    phases = _to_phases(row)
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


def _put_verdict(row: Params, verdict: Verdict) -> None:
    if isinstance(verdict, Delivered):
        row["verdict"] = "delivered"
        return
    row["verdict_why"] = verdict.why
    if isinstance(verdict, RetryAt):
        row["verdict"] = "retry"
        row["verdict_at"] = micros(verdict.when)
    else:
        row["verdict"] = "give up"
        row["verdict_disable"] = verdict.disable


def _to_verdict(row: RowMapping) -> Verdict:
    match row["verdict"]:
        case "delivered":
            return Delivered()
        case "retry":
            return RetryAt(moment(row["verdict_at"]), row["verdict_why"])
        case _:
            return GiveUp(row["verdict_why"], row["verdict_disable"])


def _put_phases(row: Params, phases: Phases) -> None:
    row["dns"] = _micros(phases.dns)
    row["connect"] = _micros(phases.connect)
    row["tls"] = _micros(phases.tls)
    row["send"] = _micros(phases.send)
    row["wait"] = _micros(phases.wait)
    row["receive"] = _micros(phases.receive)
    row["reused"] = phases.reused
    row["peer"] = phases.peer
    if facts := phases.tls_facts:
        expires_at = maybe_micros(facts.expires_at)
        named = (facts.version, facts.cipher, facts.subject, facts.issuer)
        row["tls_facts"] = dumps([*named, expires_at])


def _to_phases(row: RowMapping) -> Phases:
    return Phases(
        dns=_seconds(row["dns"]),
        connect=_seconds(row["connect"]),
        tls=_seconds(row["tls"]),
        send=_seconds(row["send"]),
        wait=_seconds(row["wait"]),
        receive=_seconds(row["receive"]),
        reused=row["reused"],
        peer=row["peer"],
        tls_facts=_to_tls(row["tls_facts"]),
    )


def _to_tls(stored: str | None) -> TlsFacts | None:
    if stored is None:
        return None
    version, cipher, subject, issuer, expires_at = json.loads(stored)
    return TlsFacts(version, cipher, subject, issuer, maybe_moment(expires_at))


def _micros(seconds: float | None) -> int | None:
    return None if seconds is None else round(seconds * 1_000_000)


def _seconds(stored: int | None) -> float | None:
    return None if stored is None else stored / 1_000_000


def _pairs(stored: str) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, value in json.loads(stored))
