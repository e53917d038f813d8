"""From what a person types to a webhook: what is refused, kept and dropped."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from core.draft import (
    WebhookDraft,
    draft_of,
    duplicate_of,
    parse_webhook_url,
    preview_webhook,
    problems,
    retyped_needed,
    webhook_from,
)
from core.errors import (
    Invalid,
    InvalidHeader,
    InvalidPattern,
    InvalidSecret,
    InvalidTemplate,
    InvalidUrl,
)
from core.headers import Header
from core.model import Limits, Method, Signing, SigningSecret, Webhook
from core.retry import RetryPolicy
from core.secret import Secret
from tests.builders import (
    HEADER_KEY,
    MINUTE,
    NOON,
    WORKSPACE_ID,
    a_secret_header,
    a_signed_webhook,
    a_signing,
    a_webhook,
)

ELSEWHERE = "https://elsewhere.example/hooks"
GOOD = WebhookDraft(name="CI", url="https://ci.example.com/hooks", events="*")
STANDARD_KEY = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def loaded_again(webhook: Webhook) -> Webhook:
    """The webhook as a store gives it: equal, and no object is the same."""
    headers = tuple(
        replace(h, value=Secret(h.value.reveal())) if isinstance(h.value, Secret) else h
        for h in webhook.headers
    )
    return replace(webhook, headers=headers)


def saved(draft: WebhookDraft, before: Webhook | None = None) -> Webhook:
    return webhook_from(
        draft, webhook_id="whk_ci", workspace_id=WORKSPACE_ID, now=NOON, before=before
    )


def fields(draft: WebhookDraft, before: Webhook | None = None) -> list[str]:
    return [problem.field for problem in problems(draft, before)]


def names(headers: tuple[Header, ...]) -> list[str]:
    return [header.name for header in headers]


# What is refused


def test_a_good_draft_has_no_problems() -> None:
    assert problems(GOOD) == []


def test_all_problems_are_named_in_the_order_of_the_form() -> None:
    draft = WebhookDraft(
        name=" ",
        url="ftp://x",
        method="FETCH",
        content_type="json",
        events="Review!",
        headers=(Header("Host", "x"),),
        style="acrity",
        template="{{ data",
        timeout=0.1,
        schedule=(),
    )

    assert fields(draft) == [
        *("name", "url", "method", "content_type", "events", "headers"),
        *("secret", "template", "timeout", "retry"),
    ]


@pytest.mark.parametrize(
    ("change", "kind", "words"),
    [
        ({"name": ""}, Invalid, "The webhook needs a name."),
        ({"name": "x" * 81}, Invalid, "A name has up to 80 printable characters."),
        ({"name": "a\x1bb"}, Invalid, "A name has up to 80 printable characters."),
        ({"url": ""}, InvalidUrl, "The URL is empty."),
        ({"method": "TRACE"}, Invalid, "'TRACE' is not a method Hookline sends."),
        ({"content_type": "a/b/c"}, Invalid, "'a/b/c' is not a content type."),
        ({"content_type": "text/ plain"}, Invalid, "is not a content type."),
        ({"content_type": "text/plain\r\nX: y"}, Invalid, "is not a content type."),
        ({"content_type": "text/plain; x=ü"}, Invalid, "is not a content type."),
        ({"events": " , "}, InvalidPattern, "No event is chosen."),
        ({"headers": (Header("X", "ä"),)}, InvalidHeader, "The value of X"),
        ({"style": "md5"}, InvalidSecret, "'md5' is not a signing style."),
        ({"style": "acrity"}, Invalid, "HMAC is on, but there is no secret."),
        ({"template": "{% if %}"}, InvalidTemplate, "Expected an expression"),
        ({"timeout": 31.0}, Invalid, "The timeout is 1 to 30 seconds."),
        ({"timeout": float("nan")}, Invalid, "The timeout is 1 to 30 seconds."),
        ({"in_flight": 0}, Invalid, "1 to 256 requests may be in flight."),
        ({"in_flight": 257}, Invalid, "1 to 256 requests may be in flight."),
        ({"schedule": (0,) * 51}, Invalid, "A retry schedule has 1 to 50 attempts."),
        ({"schedule": (0, -1)}, Invalid, "A wait is between 0 seconds and 7 days."),
    ],
)
def test_a_field_that_cannot_be_saved_is_refused_in_words(
    change: dict[str, object], kind: type[Invalid], words: str
) -> None:
    draft = replace(GOOD, **change)  # type: ignore[arg-type]

    [problem] = problems(draft)

    assert type(problem) is kind
    assert words in problem.message
    with pytest.raises(kind):
        saved(draft)


def test_a_new_secret_must_suit_the_style_and_is_not_in_the_refusal() -> None:
    draft = replace(GOOD, style="standard", secret=Secret("whsec_tooshort"))

    [problem] = problems(draft)

    assert problem.field == "secret"
    assert "tooshort" not in str(problem)


def test_a_kept_secret_must_suit_the_new_style() -> None:
    before = a_signed_webhook()

    draft = replace(draft_of(before), style="standard")

    assert fields(draft, before) == ["secret"]


# What is saved


def test_a_new_webhook_is_what_was_typed() -> None:
    draft = WebhookDraft(
        name="  Chat ",
        url=" https://chat.example.com/in?x=1 ",
        method="put",
        content_type=" text/plain; charset=utf-8 ",
        events="review.*, finding.created review.*",
        headers=(Header("X-Team", "platform"), a_secret_header()),
        style="acrity",
        secret=Secret("a new key"),
        template="{{ data.pull_request }}",
        ignore_ssl=True,
        active=False,
        timeout=5.0,
        in_flight=2,
        schedule=(0, 60),
        give_up_on_4xx=True,
    )

    assert saved(draft) == a_webhook(
        "https://chat.example.com/in?x=1",
        name="Chat",
        method=Method.PUT,
        content_type="text/plain; charset=utf-8",
        events=("review.*", "finding.created"),
        headers=(Header("X-Team", "platform"), a_secret_header()),
        signing=Signing("acrity", (SigningSecret(Secret("a new key"), NOON),)),
        template="{{ data.pull_request }}",
        ignore_ssl=True,
        active=False,
        limits=Limits(5.0, 2),
        retry=RetryPolicy((0, 60), give_up_on_4xx=True),
    )


def test_saving_an_untouched_draft_changes_nothing_but_the_revision() -> None:
    before = a_signed_webhook(
        events=("review.*", "finding.created"),
        template="{{ data }}",
        ignore_ssl=True,
        retry=RetryPolicy((0, 9), give_up_on_4xx=True),
        limits=Limits(2.0, 3),
        updated_at=NOON - MINUTE,
        revision=4,
    )

    after = saved(draft_of(before), before)

    assert after == replace(before, updated_at=NOON, revision=5)


def test_a_blank_template_is_none() -> None:
    assert saved(replace(GOOD, template=" \n ")).template is None


def test_an_edit_neither_activates_nor_deactivates() -> None:
    before = a_webhook(active=False, disabled_reason="410 Gone")

    after = saved(replace(draft_of(before), active=True), before)

    assert (after.active, after.disabled_reason) == (False, "410 Gone")


def test_a_new_secret_replaces_the_saved_ones() -> None:
    before = a_signed_webhook(signing=a_signing("newer", "older"))

    after = saved(replace(draft_of(before), secret=Secret("newest")), before)

    assert after.signing == Signing("acrity", (SigningSecret(Secret("newest"), NOON),))


def test_hmac_off_forgets_the_secrets() -> None:
    before = a_signed_webhook()

    assert saved(replace(draft_of(before), style=None), before).signing is None


def test_a_duplicate_has_no_secrets() -> None:
    draft = duplicate_of(a_signed_webhook(), "CI 2")

    assert draft == replace(
        draft_of(a_signed_webhook()),
        name="CI 2",
        headers=(Header("X-Team", "platform"),),
    )
    assert draft.secret is None
    assert fields(draft) == ["secret"]


# Saved secrets stay with the origin they were given to (GitLab's CVE-2022-4342)


@pytest.mark.parametrize("as_loaded", [lambda webhook: webhook, loaded_again])
@pytest.mark.parametrize(
    "change",
    [
        {"url": ELSEWHERE},
        {"url": "https://ci.example.com:8443/hooks"},
        {"url": "http://ci.example.com/hooks"},
        {"ignore_ssl": True},
    ],
)
def test_a_saved_secret_header_is_dropped_where_it_could_leak(
    change: dict[str, object], as_loaded: Callable[[Webhook], Webhook]
) -> None:
    editing = a_signed_webhook()
    draft = replace(draft_of(editing), **change)  # type: ignore[arg-type]
    before = as_loaded(editing)

    assert retyped_needed(before, draft) == ("Authorization",)
    assert saved(draft, before).headers == (Header("X-Team", "platform"),)


@pytest.mark.parametrize(
    ("was_ignored", "change"),
    [
        (False, {"url": "https://CI.example.com:443/other?x=1"}),
        (False, {"name": "other"}),
        (True, {"ignore_ssl": True, "name": "other"}),
        (True, {"ignore_ssl": False}),
    ],
)
def test_a_saved_secret_header_stays_at_its_origin(
    was_ignored: bool, change: dict[str, object]
) -> None:
    before = a_signed_webhook(ignore_ssl=was_ignored)
    draft = replace(draft_of(before), **change)  # type: ignore[arg-type]

    assert retyped_needed(loaded_again(before), draft) == ()
    assert saved(draft, loaded_again(before)).headers == before.headers


def test_a_saved_value_is_dropped_under_a_new_name_too() -> None:
    before = a_signed_webhook()
    draft = replace(
        draft_of(before), url=ELSEWHERE, headers=(a_secret_header("X-Other"),)
    )

    assert retyped_needed(before, draft) == ("X-Other",)


def test_another_value_is_kept_at_a_new_origin() -> None:
    before = a_signed_webhook()
    typed = (a_secret_header(value="typed for the new place"),)
    draft = replace(draft_of(before), url=ELSEWHERE, headers=typed)

    assert retyped_needed(before, draft) == ()
    assert saved(draft, before).headers == typed


def test_the_same_value_typed_again_is_kept_at_a_new_origin() -> None:
    before = a_signed_webhook()
    draft = replace(
        draft_of(before), url=ELSEWHERE, retyped=frozenset({"authorization"})
    )

    assert retyped_needed(before, draft) == ()
    assert saved(draft, before).headers == before.headers


def test_while_the_url_cannot_be_read_nothing_has_to_be_typed_again() -> None:
    draft = replace(draft_of(a_signed_webhook()), url="https://")

    assert retyped_needed(a_signed_webhook(), draft) == ()
    assert parse_webhook_url(draft) is None


# The preview


def preview(draft: WebhookDraft, before: Webhook | None = None) -> Webhook:
    return preview_webhook(draft, workspace_id=WORKSPACE_ID, now=NOON, before=before)


def test_a_draft_is_previewed_as_it_would_be_saved() -> None:
    draft = replace(draft_of(a_signed_webhook()), secret=Secret("new"), timeout=3.0)

    assert preview(draft) == replace(saved(draft), id="", events=("*",))


@pytest.mark.parametrize(
    "broken",
    [
        {"name": ""},
        {"name": "x" * 81},
        {"events": "?"},
        {"timeout": 99.0},
        {"in_flight": 0},
        {"schedule": ()},
        {"headers": (Header("Host", "x"), Header("", ""), Header("X", "1\n2"))},
    ],
)
def test_a_broken_field_that_no_request_needs_keeps_nobody_from_the_preview(
    broken: dict[str, object],
) -> None:
    draft = replace(GOOD, **broken)  # type: ignore[arg-type]

    assert str(preview(draft).url) == GOOD.url


def test_the_preview_leaves_out_the_headers_that_cannot_be_sent() -> None:
    draft = replace(
        GOOD,
        headers=(
            Header("X-Team", "a"),
            Header("Content-Length", "1"),
            Header("x-team", "b"),
            Header("X-Other", "c"),
        ),
    )

    assert names(preview(draft).headers) == ["X-Team", "X-Other"]


@pytest.mark.parametrize(
    "broken",
    [
        {"url": "x"},
        {"method": "x"},
        {"content_type": "x"},
        {"template": "{{"},
        {"style": "acrity"},
    ],
)
def test_what_a_request_needs_must_hold_for_a_preview(
    broken: dict[str, object],
) -> None:
    draft = replace(GOOD, **broken)  # type: ignore[arg-type]

    with pytest.raises(Invalid):
        preview(draft)


def test_the_preview_shows_that_a_saved_secret_will_not_go_elsewhere() -> None:
    before = a_signed_webhook()
    draft = replace(draft_of(before), url=ELSEWHERE)

    assert names(preview(draft, loaded_again(before)).headers) == ["X-Team"]


def test_a_draft_shows_no_secret_in_its_repr() -> None:
    draft = replace(draft_of(a_signed_webhook()), secret=Secret(STANDARD_KEY))

    assert HEADER_KEY not in repr(draft)
    assert STANDARD_KEY not in repr(draft)
