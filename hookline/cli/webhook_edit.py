"""`hookline webhooks create|edit|duplicate`: what saves a webhook."""

import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import click

from core.actions.caller import Caller
from core.actions.events import list_event_types
from core.actions.webhooks import create_webhook, edit_webhook, find_webhook
from core.draft import (
    WebhookDraft,
    draft_of,
    duplicate_of,
    problems,
    retyped_needed,
)
from core.errors import Invalid
from core.matching import matches_nothing, nearest_patterns
from core.model import Webhook
from hookline.cli.session import Session, command
from hookline.cli.webhook_options import Filled, fill, webhook_options
from hookline.forms import webhook_form
from hookline.output import Output, Usage
from hookline.words import webhook_lines
from tui.views.form import looks_secret


@command(
    "create",
    "hookline webhooks create --name ERP --url https://erp.example.com/hooks \\",
    "    --events 'review.*,finding.created' --generate-secret",
    "hookline webhooks create --name CI --url https://ci.example.com/in \\",
    "    --events '*' --secret-header-file Authorization=token.txt",
)
@click.option("--name", required=True, help="What people call it.")
@webhook_options
@click.option("--inactive", is_flag=True, help="Keep its events back until activated.")
async def create(session: Session, inactive: bool, **given: Any) -> None:
    """Create a webhook.

    Secrets come from files, from stdin or from a hidden prompt, never from an argument.
    """
    draft = WebhookDraft(active=not inactive)
    filled = fill(draft, given, session.sources, session.wiring.entropy)
    async with session.caller() as caller:
        with _all_at_once(session, filled.draft):
            saved = await create_webhook(caller, filled.draft)
        await warn_about(session, caller, saved)
    _saved(session, saved, filled)


@command(
    "edit",
    "hookline webhooks edit ERP --events 'review.*'",
    "hookline webhooks edit ERP --hmac-secret-file new-secret.txt --style standard",
    "hookline webhooks edit ERP --remove-header X-Team --clear-template",
)
@click.argument("webhook")
@click.option("--name", help="What people call it.")
@webhook_options
@click.option(
    "--remove-header",
    "remove_headers",
    multiple=True,
    metavar="NAME",
    help="Send this header no more; may be repeated.",
)
@click.option("--no-hmac", is_flag=True, help="Sign no more, and forget the secret.")
@click.option("--clear-template", is_flag=True, help="Send the JSON envelope.")
@click.option(
    "--drop-secret-headers",
    is_flag=True,
    help="Agree that a new address costs the secret headers.",
)
async def edit(
    session: Session, webhook: str, drop_secret_headers: bool, **given: Any
) -> None:
    """Change a webhook; what you do not name stays as it is.

    A new origin, or checks of certificates switched off, would send saved secret
    headers somewhere else: they are dropped unless you give them again.
    """
    async with session.caller() as caller:
        before = await find_webhook(caller, webhook)
        filled = fill(draft_of(before), given, session.sources, session.wiring.entropy)
        _agree_to_drop(session, before, filled.draft, drop_secret_headers)
        with _all_at_once(session, filled.draft, before):
            saved = await edit_webhook(caller, before.id, filled.draft, before.revision)
        await warn_about(session, caller, saved)
    _saved(session, saved, filled)


@command(
    "duplicate",
    "hookline webhooks duplicate ERP --name 'ERP staging' \\",
    "    --url https://staging.example.com/hooks --generate-secret --inactive",
)
@click.argument("webhook")
@click.option("--name", required=True, help="What people call the new one.")
@webhook_options
@click.option("--no-hmac", is_flag=True, help="Do not sign.")
@click.option("--inactive", is_flag=True, help="Keep its events back until activated.")
async def duplicate(
    session: Session, webhook: str, name: str, inactive: bool, **given: Any
) -> None:
    """Create a second webhook like this one; secrets are not copied."""
    async with session.caller() as caller:
        before = await find_webhook(caller, webhook)
        draft = replace(duplicate_of(before, name), active=not inactive)
        filled = fill(draft, given, session.sources, session.wiring.entropy)
        if filled.draft.style and not filled.draft.secret:
            raise Usage(
                f"{before.name} signs, and its secret is not copied.",
                "Give --generate-secret, --hmac-secret-file FILE or --no-hmac.",
            )
        with _all_at_once(session, filled.draft):
            saved = await create_webhook(caller, filled.draft)
        await warn_about(session, caller, saved)
    _say_not_copied(session, before, saved)
    _saved(session, saved, filled)


@contextmanager
def _all_at_once(
    session: Session, draft: WebhookDraft, before: Webhook | None = None
) -> Iterator[None]:
    """Say everything that is wrong with a draft, not only the first of it."""
    try:
        yield
    except Invalid as first:
        found = problems(draft, before) or [first]
        for problem in found[:-1]:
            session.output.fail(problem)
        raise found[-1] from first


async def warn_about(session: Session, caller: Caller, webhook: Webhook) -> None:
    """Say what is allowed, and yet may be a mistake."""
    _warn_of_exposure(session.output, webhook)
    known = [event_type.name for event_type in await list_event_types(caller)]
    for pattern in matches_nothing(webhook.events, known):
        close = nearest_patterns(pattern, known)
        session.output.warn(
            f"No event type matches {pattern}.",
            f"Did you mean {' or '.join(close)}?" if close else "",
        )


def _warn_of_exposure(output: Output, webhook: Webhook) -> None:
    name, host = webhook.name, webhook.url.host
    if not webhook.url.is_secure and not _is_loopback(host):
        output.warn(
            f"{name} is not encrypted: whoever is between here and {host} reads and "
            "changes every event.",
            "Use an https:// URL.",
        )
    if webhook.ignore_ssl:
        output.warn(
            f"{name} believes any certificate: whoever answers at {host} gets the "
            "events and the secrets.",
            f"Mend the certificate, then '{_edit(webhook)} --verify-ssl'.",
        )
    for header in webhook.headers:
        if looks_secret(header.name) and not header.is_secret:
            output.warn(
                f"{header.name} is saved in the clear and shown to every admin.",
                f"If it is a secret, give it with --secret-header-file {header.name}="
                "FILE.",
            )


def _is_loopback(host: str) -> bool:
    return host in ("localhost", "::1") or host.startswith("127.")


def _edit(webhook: Webhook) -> str:
    return f"hookline webhooks edit {shlex.quote(webhook.name)}"


def _saved(session: Session, webhook: Webhook, filled: Filled) -> None:
    form = webhook_form(webhook)
    if filled.generated:
        form["generated_secret"] = filled.generated.reveal()
    session.output.show(form, webhook_lines(webhook))
    if filled.generated and not session.output.as_json:
        session.output.say(
            "",
            "The secret, shown only now. The receiver needs it:",
            filled.generated.reveal(),
        )


def _agree_to_drop(
    session: Session, before: Webhook, draft: WebhookDraft, agreed: bool
) -> None:
    names = ", ".join(retyped_needed(before, draft))
    if not names:
        return
    if not agreed:
        session.confirm(
            f"This change drops the secret headers {names} of {before.name}.",
            "Give them again with --secret-header-file, or agree with "
            "--drop-secret-headers.",
        )
    session.output.say(f"Dropped: {names}. Give them again with --secret-header-file.")


def _say_not_copied(session: Session, before: Webhook, saved: Webhook) -> None:
    has = {header.name.lower() for header in saved.headers}
    missing = [
        h.name for h in before.headers if h.is_secret and h.name.lower() not in has
    ]
    if missing:
        session.output.say(f"Not copied, because secret: {', '.join(missing)}.")
