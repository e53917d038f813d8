"""A webhook as a person is typing it, and the way from there to a saved one.

Forms and commands fill a `WebhookDraft`; both learn from `problems` what is wrong.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from core.body import media_type
from core.errors import Invalid, InvalidUrl
from core.headers import Header, check_headers
from core.matching import parse_patterns
from core.model import (
    CONTENT_TYPES,
    DEFAULT_IN_FLIGHT,
    DEFAULT_TIMEOUT,
    MAX_IN_FLIGHT,
    TIMEOUTS,
    Limits,
    Method,
    Signing,
    SigningSecret,
    Webhook,
)
from core.retry import STANDARD_SCHEDULE, RetryPolicy, check_schedule
from core.secret import Secret
from core.signing import check_secret, style_named
from core.template import compile_template
from core.url import WebhookUrl, parse_url

MAX_NAME = 80  # characters

# RFC 9110 section 8.3.1: type "/" subtype, each a token.
_MEDIA_TYPE = re.compile(r"[!#$%&'*+.^_`|~0-9a-z-]+/[!#$%&'*+.^_`|~0-9a-z-]+")


@dataclass(frozen=True, slots=True)
class WebhookDraft:
    """The fields as typed.

    `style` is None while HMAC is off; `secret` is a new signing secret, None keeps the
    saved ones; a header whose value is a `Secret` is a secret header. `retyped` names
    the secret headers whose value was typed into this draft: only it tells a value
    typed again from the saved one, when the two are equal.
    """

    name: str = ""
    url: str = ""
    method: str = Method.POST.value
    content_type: str = CONTENT_TYPES[0]
    events: str = ""
    headers: tuple[Header, ...] = ()
    retyped: frozenset[str] = frozenset()
    style: str | None = None
    secret: Secret | None = None
    template: str | None = None
    ignore_ssl: bool = False
    active: bool = True
    timeout: float = DEFAULT_TIMEOUT
    in_flight: int = DEFAULT_IN_FLIGHT
    schedule: tuple[int, ...] = STANDARD_SCHEDULE
    give_up_on_4xx: bool = False


def draft_of(webhook: Webhook) -> WebhookDraft:
    """The draft an editor starts from; it holds the saved secret values."""
    return WebhookDraft(
        name=webhook.name,
        url=str(webhook.url),
        method=webhook.method.value,
        content_type=webhook.content_type,
        events=", ".join(webhook.events),
        headers=webhook.headers,
        style=webhook.signing.style if webhook.signing else None,
        template=webhook.template,
        ignore_ssl=webhook.ignore_ssl,
        active=webhook.active,
        timeout=webhook.limits.timeout,
        in_flight=webhook.limits.in_flight,
        schedule=webhook.retry.schedule,
        give_up_on_4xx=webhook.retry.give_up_on_4xx,
    )


def duplicate_of(webhook: Webhook, name: str) -> WebhookDraft:
    """A draft for a second webhook like this one; secrets are not copied."""
    draft = draft_of(webhook)
    plain = tuple(header for header in draft.headers if not header.is_secret)
    return replace(draft, name=name, headers=plain)


def problems(draft: WebhookDraft, before: Webhook | None = None) -> list[Invalid]:
    """Everything that keeps the draft from being saved, in the order of the form."""
    checks: tuple[Callable[[], object], ...] = (
        lambda: _name(draft),
        lambda: parse_url(draft.url),
        lambda: _method(draft),
        lambda: _content_type(draft),
        lambda: parse_patterns(draft.events),
        lambda: check_headers(draft.headers),
        lambda: _check_signing(draft, before),
        lambda: _template(draft),
        lambda: _limits(draft),
        lambda: check_schedule(draft.schedule),
    )
    return [found for check in checks if (found := _problem(check)) is not None]


def retyped_needed(before: Webhook, draft: WebhookDraft) -> tuple[str, ...]:
    """The secret headers that saving drops, by name.

    A new origin, or certificate checks switched off, could carry saved secrets to
    somebody else (GitLab's CVE-2022-4342), so they must be typed again. A value that
    equals a saved one counts as saved until `draft.retyped` says otherwise.
    """
    url = parse_webhook_url(draft)
    if url is None:
        return ()
    exposed = draft.ignore_ssl and not before.ignore_ssl
    if url.origin == before.url.origin and not exposed:
        return ()
    saved = {header.value for header in before.headers if header.is_secret}
    retyped = {name.lower() for name in draft.retyped}
    return tuple(
        header.name
        for header in draft.headers
        if header.value in saved and header.name.lower() not in retyped
    )


def parse_webhook_url(draft: WebhookDraft) -> WebhookUrl | None:
    """The draft's URL, or None while it is not one."""
    try:
        return parse_url(draft.url)
    except InvalidUrl:
        return None


def webhook_from(
    draft: WebhookDraft,
    *,
    webhook_id: str,
    workspace_id: str,
    now: datetime,
    before: Webhook | None = None,
) -> Webhook:
    """The webhook a draft becomes: a new one, or the next revision of `before`.

    Raises:
        Invalid: the first of `problems`.
    """
    for problem in problems(draft, before):
        raise problem
    dropped = retyped_needed(before, draft) if before else ()
    return Webhook(
        id=webhook_id,
        workspace_id=workspace_id,
        name=_name(draft),
        url=parse_url(draft.url),
        events=parse_patterns(draft.events),
        created_at=before.created_at if before else now,
        updated_at=now,
        method=_method(draft),
        content_type=_content_type(draft),
        headers=tuple(h for h in draft.headers if h.name not in dropped),
        signing=_signing(draft, now, before),
        template=_template(draft),
        ignore_ssl=draft.ignore_ssl,
        active=before.active if before else draft.active,
        disabled_reason=before.disabled_reason if before else None,
        retry=RetryPolicy(draft.schedule, draft.give_up_on_4xx),
        limits=_limits(draft),
        revision=before.revision + 1 if before else 1,
    )


def preview_webhook(
    draft: WebhookDraft, *, workspace_id: str, now: datetime, before: Webhook | None
) -> Webhook:
    """The webhook to preview while the form is not yet right.

    Only what a request cannot be built without must hold; a nameless webhook has a
    preview, one with a broken header has the others'.

    Raises:
        Invalid: when the URL, method, content type, template or signing cannot be used.
    """
    named = _problem(lambda: _name(draft)) is None
    limited = draft if _problem(lambda: _limits(draft)) is None else WebhookDraft()
    usable = replace(
        draft,
        name=draft.name if named else "untitled",
        events="*",
        headers=_sendable(draft.headers),
        timeout=limited.timeout,
        in_flight=limited.in_flight,
        schedule=STANDARD_SCHEDULE,
    )
    return webhook_from(
        usable, webhook_id="", workspace_id=workspace_id, now=now, before=before
    )


def _sendable(headers: tuple[Header, ...]) -> tuple[Header, ...]:
    sendable: tuple[Header, ...] = ()
    for header in headers:
        more = (*sendable, header)
        if _problem(partial(check_headers, more)) is None:
            sendable = more
    return sendable


def _problem(check: Callable[[], object]) -> Invalid | None:
    try:
        check()
    except Invalid as invalid:
        return invalid
    return None


def _name(draft: WebhookDraft) -> str:
    name = draft.name.strip()
    if not name:
        raise Invalid("The webhook needs a name.", field="name")
    if len(name) > MAX_NAME or not name.isprintable():
        raise Invalid(
            f"A name has up to {MAX_NAME} printable characters.", field="name"
        )
    return name


def _method(draft: WebhookDraft) -> Method:
    try:
        return Method(draft.method.upper())
    except ValueError:
        known = ", ".join(Method)
        raise Invalid(
            f"{draft.method!r} is not a method Hookline sends.",
            f"Use one of {known}.",
            field="method",
        ) from None


def _content_type(draft: WebhookDraft) -> str:
    text = draft.content_type.strip()
    is_typed = _MEDIA_TYPE.fullmatch(media_type(text))
    if is_typed and text.isascii() and text.isprintable():
        return text
    raise Invalid(
        f"{text!r} is not a content type.",
        "Write type/subtype, such as application/json.",
        field="content_type",
    )


def _template(draft: WebhookDraft) -> str | None:
    if draft.template is None or not draft.template.strip():
        return None
    compile_template(draft.template)
    return draft.template


def _limits(draft: WebhookDraft) -> Limits:
    shortest, longest = TIMEOUTS
    if not shortest <= draft.timeout <= longest:
        raise Invalid(
            f"The timeout is {shortest:g} to {longest:g} seconds.", field="timeout"
        )
    if not 1 <= draft.in_flight <= MAX_IN_FLIGHT:
        raise Invalid(
            f"1 to {MAX_IN_FLIGHT} requests may be in flight.", field="in_flight"
        )
    return Limits(draft.timeout, draft.in_flight)


def _check_signing(draft: WebhookDraft, before: Webhook | None) -> None:
    if draft.style is None:
        return
    style = style_named(draft.style)
    secrets = [draft.secret] if draft.secret else _kept_secrets(before)
    if not secrets:
        raise Invalid(
            "HMAC is on, but there is no secret.",
            "Generate one, or type the one the receiver knows.",
            field="secret",
        )
    for secret in secrets:
        check_secret(style, secret)


def _signing(
    draft: WebhookDraft, now: datetime, before: Webhook | None
) -> Signing | None:
    if draft.style is None:
        return None
    if draft.secret is not None:
        return Signing(draft.style, (SigningSecret(draft.secret, created_at=now),))
    kept = before.signing.secrets if before and before.signing else ()
    return Signing(draft.style, kept)


def _kept_secrets(before: Webhook | None) -> list[Secret]:
    if before is None or before.signing is None:
        return []
    return [key.secret for key in before.signing.secrets]
