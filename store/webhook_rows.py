"""Webhooks to rows and back, their secrets sealed on the way in and opened on the way
out.
"""

import json

from sqlalchemy import RowMapping

from core.headers import Header
from core.model import Limits, Method, Signing, SigningSecret, Webhook
from core.retry import RetryPolicy
from core.secret import Secret
from core.url import parse_url
from store.convert import Params, dumps, maybe_micros, maybe_moment, micros, moment
from store.sealing import KeyRing, Place


def webhook_params(webhook: Webhook, keys: KeyRing) -> Params:
    """A webhook's row."""
    return {
        "id": webhook.id,
        "workspace_id": webhook.workspace_id,
        "revision": webhook.revision,
        "active": webhook.active,
        "in_flight": webhook.limits.in_flight,
        "timeout": webhook.limits.timeout,
        "name": webhook.name,
        "url": str(webhook.url),
        "events": dumps(webhook.events),
        "created_at": micros(webhook.created_at),
        "updated_at": micros(webhook.updated_at),
        "method": webhook.method.value,
        "content_type": webhook.content_type,
        "ignore_ssl": webhook.ignore_ssl,
        "disabled_reason": webhook.disabled_reason,
        "schedule": dumps(webhook.retry.schedule),
        "give_up_on_4xx": webhook.retry.give_up_on_4xx,
        "headers": _sealed_headers(webhook, keys),
        "signing": _sealed_signing(webhook, keys),
        "template": webhook.template,
    }


def to_webhook(row: RowMapping, keys: KeyRing) -> Webhook:
    """The webhook of a row of `webhooks`.

    Raises:
        KeyProblem: a secret of it does not open.
    """
    return Webhook(
        id=row["id"],
        workspace_id=row["workspace_id"],
        name=row["name"],
        url=parse_url(row["url"]),
        events=tuple(json.loads(row["events"])),
        created_at=moment(row["created_at"]),
        updated_at=moment(row["updated_at"]),
        method=Method(row["method"]),
        content_type=row["content_type"],
        headers=_opened_headers(row, keys),
        signing=_opened_signing(row, keys),
        template=row["template"],
        ignore_ssl=row["ignore_ssl"],
        active=row["active"],
        disabled_reason=row["disabled_reason"],
        retry=RetryPolicy(tuple(json.loads(row["schedule"])), row["give_up_on_4xx"]),
        limits=Limits(row["timeout"], row["in_flight"]),
        revision=row["revision"],
    )


def settings_text(webhook: Webhook) -> str:
    """What a revision says, as JSON; of a secret only that there is one."""
    signing = webhook.signing
    return dumps(
        {
            "name": webhook.name,
            "url": str(webhook.url),
            "method": webhook.method.value,
            "content_type": webhook.content_type,
            "events": webhook.events,
            "headers": [
                [h.name, None if isinstance(h.value, Secret) else h.value]
                for h in webhook.headers
            ],
            "signing": signing and [signing.style, len(signing.secrets)],
            "template": webhook.template,
            "ignore_ssl": webhook.ignore_ssl,
            "active": webhook.active,
            "disabled_reason": webhook.disabled_reason,
            "schedule": webhook.retry.schedule,
            "give_up_on_4xx": webhook.retry.give_up_on_4xx,
            "timeout": webhook.limits.timeout,
            "in_flight": webhook.limits.in_flight,
        }
    )


def _place(webhook_id: str, workspace_id: str, column: str, name: str = "") -> Place:
    return Place("webhooks", column, webhook_id, workspace_id, name)


def _sealed_headers(webhook: Webhook, keys: KeyRing) -> str:
    """Pairs of name and value; a sealed value stands in a list of its own."""

    def value(header: Header) -> str | list[str]:
        if not isinstance(header.value, Secret):
            return header.value
        place = _place(webhook.id, webhook.workspace_id, "headers", header.name)
        return [keys.seal(header.value, place)]

    return dumps([[header.name, value(header)] for header in webhook.headers])


def _opened_headers(row: RowMapping, keys: KeyRing) -> tuple[Header, ...]:
    def header(name: str, value: str | list[str]) -> Header:
        if isinstance(value, str):
            return Header(name, value)
        place = _place(row["id"], row["workspace_id"], "headers", name)
        return Header(name, keys.open(value[0], place))

    return tuple(header(name, value) for name, value in json.loads(row["headers"]))


def _sealed_signing(webhook: Webhook, keys: KeyRing) -> str | None:
    """The style, and of each secret: its seal, since when, until when."""
    if webhook.signing is None:
        return None
    place = _place(webhook.id, webhook.workspace_id, "signing")
    secrets = [
        [
            keys.seal(key.secret, place),
            micros(key.created_at),
            maybe_micros(key.expires_at),
        ]
        for key in webhook.signing.secrets
    ]
    return dumps([webhook.signing.style, secrets])


def _opened_signing(row: RowMapping, keys: KeyRing) -> Signing | None:
    if row["signing"] is None:
        return None
    place = _place(row["id"], row["workspace_id"], "signing")
    style, secrets = json.loads(row["signing"])
    return Signing(
        style,
        tuple(
            SigningSecret(keys.open(sealed, place), moment(since), maybe_moment(until))
            for sealed, since, until in secrets
        ),
    )
