"""The options a webhook is made of, and the draft they fill."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import click

from core.draft import WebhookDraft
from core.errors import Invalid
from core.headers import parse_header
from core.model import CONTENT_TYPES, Method
from core.secret import Secret
from core.signing import ACRITY, STYLES, new_secret, style_named
from core.template import MAX_SOURCE
from hookline.cli.sources import Sources
from hookline.output import Usage
from tui.views.form import parse_schedule

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

KEY_FILE = "--hmac-secret-file"
HEADER_FILE = "--secret-header-file"

OPTIONS: tuple[Decorator, ...] = (
    click.option("--url", help="Where requests go: https://…"),
    click.option(
        "--events",
        metavar="PATTERNS",
        help="Which events: review.completed, review.*, or *; commas between.",
    ),
    click.option(
        "--method",
        type=click.Choice(list(Method), case_sensitive=False),
        help="Request method; POST if you do not say.",
    ),
    click.option(
        "--content-type", metavar="TYPE", help=f"{CONTENT_TYPES[0]} if you do not say."
    ),
    click.option(
        "--header",
        "headers",
        multiple=True,
        metavar="'NAME: VALUE'",
        help="Send this header; may be repeated.",
    ),
    click.option(
        HEADER_FILE,
        "secret_headers",
        multiple=True,
        metavar="NAME=FILE",
        help="Send a header whose value is secret: read from FILE, - is stdin.",
    ),
    click.option(
        KEY_FILE,
        "secret_file",
        metavar="FILE",
        help="Sign with the secret in FILE; - is stdin, or asks for it.",
    ),
    click.option(
        "--generate-secret",
        is_flag=True,
        help="Sign with a new strong secret, printed once.",
    ),
    click.option(
        "--style",
        type=click.Choice(list(STYLES)),
        help=f"How requests are signed; {ACRITY.name} if you do not say.",
    ),
    click.option(
        "--template-file",
        metavar="FILE",
        help="Jinja2 that writes the body; - is stdin.",
    ),
    click.option(
        "--ignore-ssl/--verify-ssl",
        default=None,
        help="Believe any certificate, or check it. Ignoring may leak secrets.",
    ),
    click.option(
        "--timeout", type=float, metavar="SECONDS", help="For a whole attempt."
    ),
    click.option(
        "--in-flight", type=int, metavar="N", help="Requests at the same time at most."
    ),
    click.option(
        "--schedule",
        metavar="WAITS",
        help="The wait before each attempt, such as '0 5s 5m 2h'.",
    ),
    click.option(
        "--give-up-on-4xx/--retry-4xx", default=None, help="Whether a 4xx is the end."
    ),
)


def webhook_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of a webhook to a command."""
    for option in reversed(OPTIONS):
        function = option(function)
    return function


@dataclass(frozen=True, slots=True)
class Filled:
    """A draft with what was given, and the secret that was generated, if any."""

    draft: WebhookDraft
    generated: Secret | None = None


def fill(
    draft: WebhookDraft,
    given: dict[str, Any],
    sources: Sources,
    entropy: Callable[[int], bytes],
) -> Filled:
    """Put what was given over a draft; what was not given stays.

    Raises:
        Invalid: for a header or file that cannot be used.
        Usage: for options that contradict each other.
    """
    plain = ("name", "url", "method", "content_type", "events", "ignore_ssl")
    limits = ("timeout", "in_flight", "give_up_on_4xx")
    changes = {
        field: given[field]
        for field in (*plain, *limits)
        if given.get(field) is not None
    }
    draft = replace(draft, **changes)
    if given["schedule"] is not None:
        draft = replace(draft, schedule=parse_schedule(given["schedule"]))
    draft = _with_headers(draft, given, sources)
    draft = _with_template(draft, given, sources)
    return _with_signing(draft, given, sources, entropy)


def _with_headers(
    draft: WebhookDraft, given: dict[str, Any], sources: Sources
) -> WebhookDraft:
    typed = [parse_header(text) for text in given["headers"]]
    secret = [sources.secret_header(t, HEADER_FILE) for t in given["secret_headers"]]
    removed = {name.lower() for name in given.get("remove_headers", ())}
    if missing := removed - {header.name.lower() for header in draft.headers}:
        raise Invalid(
            f"There is no header {', '.join(sorted(missing))} to remove.",
            field="headers",
        )
    replaced = removed | {header.name.lower() for header in (*typed, *secret)}
    kept = [header for header in draft.headers if header.name.lower() not in replaced]
    return replace(
        draft,
        headers=(*kept, *typed, *secret),
        retyped=draft.retyped | {header.name for header in secret},
    )


def _with_template(
    draft: WebhookDraft, given: dict[str, Any], sources: Sources
) -> WebhookDraft:
    if given.get("clear_template"):
        if given["template_file"]:
            raise Usage("--clear-template and --template-file exclude each other.")
        return replace(draft, template=None)
    if not given["template_file"]:
        return draft
    source = sources.text(given["template_file"], MAX_SOURCE * 4, "--template-file")
    return replace(draft, template=source)


def _with_signing(
    draft: WebhookDraft,
    given: dict[str, Any],
    sources: Sources,
    entropy: Callable[[int], bytes],
) -> Filled:
    named, file = given["style"], given["secret_file"]
    generate = given["generate_secret"]
    if given.get("no_hmac"):
        if named or file or generate:
            raise Usage("--no-hmac excludes the other options about signing.")
        return Filled(replace(draft, style=None))
    if file and generate:
        raise Usage(f"{KEY_FILE} and --generate-secret exclude each other.")
    if not (named or file or generate):
        return Filled(draft)
    style = style_named(named or draft.style or ACRITY.name)
    if generate:
        made = new_secret(style, entropy(32))
        return Filled(replace(draft, style=style.name, secret=made), made)
    secret = sources.secret(file, KEY_FILE, "Signing secret") if file else None
    return Filled(replace(draft, style=style.name, secret=secret))
