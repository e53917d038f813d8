from dataclasses import replace

from core.headers import Header
from core.history import DeliveryDetail
from core.model import Attempt, Webhook
from core.reproduce import is_as_sent, proven_body, reproduce
from core.request import build_request
from tests.builders import (
    MINUTE,
    NOON,
    a_delivery,
    a_signed_webhook,
    a_signing,
    an_attempt,
    an_event,
)

SENT_BY = a_signed_webhook()


def a_detail(webhook: Webhook | None) -> DeliveryDetail:
    attempt = an_attempt(
        request=build_request(SENT_BY, an_event(), "dlv_1", "acme", NOON).as_sent()
    )
    return DeliveryDetail(a_delivery(), an_event(), "CI", webhook, (attempt,))


def test_the_request_of_the_same_revision_is_the_one_that_was_sent() -> None:
    detail = a_detail(SENT_BY)
    [attempt] = detail.attempts

    request = reproduce(detail, attempt, "acme")

    assert request is not None
    assert is_as_sent(request, attempt)
    assert proven_body(request, attempt) == request.body


def test_the_time_that_is_signed_is_the_attempts() -> None:
    signing = a_signing("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", style="standard")
    webhook = replace(SENT_BY, signing=signing)
    attempt = an_attempt(started_at=NOON + MINUTE)

    request = reproduce(a_detail(webhook), attempt, "acme")

    assert request == build_request(webhook, an_event(), "dlv_1", "acme", NOON + MINUTE)


def test_a_later_header_leaves_the_body_proven_and_the_request_another() -> None:
    edited = replace(SENT_BY, revision=2, headers=(Header("X-New", "1"),))
    detail = a_detail(edited)
    [attempt] = detail.attempts

    request = reproduce(detail, attempt, "acme")

    assert request is not None
    assert not is_as_sent(request, attempt)
    assert proven_body(request, attempt) == request.body


def test_another_template_proves_nothing() -> None:
    edited = replace(SENT_BY, revision=2, template="{{ event.id }}")
    detail = a_detail(edited)
    [attempt] = detail.attempts

    assert proven_body(reproduce(detail, attempt, "acme"), attempt) is None


def bare(webhook: Webhook | None) -> tuple[DeliveryDetail, Attempt]:
    detail = a_detail(webhook)
    return detail, replace(detail.attempts[0], request=None)


def test_a_deleted_webhook_builds_nothing() -> None:
    detail, attempt = bare(None)

    assert reproduce(detail, attempt, "acme") is None
    assert proven_body(None, attempt) is None


def test_a_template_that_breaks_builds_nothing() -> None:
    detail, attempt = bare(replace(SENT_BY, template="{{ data.nothing }}"))

    assert reproduce(detail, attempt, "acme") is None


def test_an_attempt_without_a_request_has_no_body() -> None:
    detail, attempt = bare(SENT_BY)

    assert proven_body(reproduce(detail, attempt, "acme"), attempt) is None
