"""The one builder. Preview, test event, curl copy, worker and redelivery all call
`build_request`, so what is shown is what is sent.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version

from core.body import default_body, template_context
from core.errors import TemplateFailed
from core.headers import Header
from core.model import Event, Method, SentRequest, Webhook
from core.signing import Message, sign, style_named
from core.template import render
from core.url import WebhookUrl


@dataclass(frozen=True, slots=True)
class PreparedRequest:
    """A request as it will go out; `headers` are all of them, in sending order."""

    method: Method
    url: WebhookUrl
    headers: tuple[Header, ...]
    body: bytes
    verify_tls: bool
    timeout: float

    @property
    def request_line(self) -> str:
        """The first line on the wire."""
        return f"{self.method} {self.url.target} HTTP/1.1"

    def as_sent(self) -> SentRequest:
        """What history keeps of it: no secret, and a digest instead of the body."""
        return SentRequest(
            method=self.method.value,
            url=str(self.url),
            headers=tuple((header.name, header.shown) for header in self.headers),
            body_sha256=hashlib.sha256(self.body).hexdigest(),
            body_size=len(self.body),
        )


def build_request(
    webhook: Webhook, event: Event, delivery_id: str, workspace: str, now: datetime
) -> PreparedRequest:
    """Build the request of one attempt; pure.

    Args:
        webhook: where it goes, and how it is signed.
        event: what is sent.
        delivery_id: what the receiver sees in `X-ACR-Delivery`.
        workspace: the workspace's slug.
        now: when it is signed.

    Raises:
        InvalidTemplate: when the template does not compile.
        TemplateFailed: when the template breaks over this event.
        InvalidSecret: when HMAC is on and no secret is active.
    """
    body = _body(webhook, event, delivery_id, workspace)
    return PreparedRequest(
        method=webhook.method,
        url=webhook.url,
        headers=(
            *_framing(webhook, body),
            Header("X-ACR-Event", event.type),
            Header("X-ACR-Delivery", delivery_id),
            *_signature(webhook, event, body, now),
            *webhook.headers,
        ),
        body=body,
        verify_tls=not webhook.ignore_ssl,
        timeout=webhook.limits.timeout,
    )


def _body(webhook: Webhook, event: Event, delivery_id: str, workspace: str) -> bytes:
    if webhook.method is Method.GET:
        # RFC 9110 section 9.3.1: content in a GET has no meaning, and some refuse it.
        return b""
    if webhook.template is None:
        return default_body(webhook.content_type, event, workspace)
    context = template_context(event, workspace, webhook.name, delivery_id)
    try:
        return render(webhook.template, context).encode()
    except UnicodeEncodeError as error:
        raise TemplateFailed("The body has half a surrogate pair in it.") from error


def _framing(webhook: Webhook, body: bytes) -> tuple[Header, ...]:
    own = {header.name.lower() for header in webhook.headers}
    framing = [Header("Host", webhook.url.host_header)]
    if "user-agent" not in own:
        framing.append(Header("User-Agent", _user_agent()))
    if "accept" not in own:
        framing.append(Header("Accept", "*/*"))
    framing.append(Header("Accept-Encoding", "identity"))
    if webhook.method is not Method.GET:
        framing.append(Header("Content-Type", webhook.content_type))
        framing.append(Header("Content-Length", str(len(body))))
    return tuple(framing)


def _signature(
    webhook: Webhook, event: Event, body: bytes, now: datetime
) -> tuple[Header, ...]:
    if webhook.signing is None:
        return ()
    headers = sign(
        style_named(webhook.signing.style),
        webhook.signing.active(now),
        # Standard Webhooks: the id stays the same over attempts, the time does not.
        Message(id=event.id, timestamp=int(now.timestamp()), body=body),
    )
    return tuple(Header(name, value) for name, value in headers)


@lru_cache(maxsize=1)
def _user_agent() -> str:
    try:
        return f"Hookline/{version('hookline')}"
    except PackageNotFoundError:
        return "Hookline"
