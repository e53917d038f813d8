"""`hookline preview`: the exact request, before it is sent."""

import click

from core.actions.preview import find_sample
from core.actions.preview import preview as build
from core.actions.webhooks import find_webhook
from core.body import check_body
from core.catalogue import TEST_EVENT
from core.curl import as_curl
from core.request import PreparedRequest
from hookline.cli.session import Session, command
from hookline.forms import request_form
from hookline.output import Output
from hookline.words import NOT_VERIFIED
from tui.views.request import content_type_of, prepared_lines


@command(
    "preview",
    "hookline preview --webhook ERP --event review.completed",
    "hookline preview --webhook ERP --event evt_01kb… --json | jq -r .body",
    "hookline preview --webhook ERP --curl",
)
@click.option("--webhook", required=True, metavar="ID|NAME", help="Where it would go.")
@click.option(
    "--event",
    metavar="ID|TYPE",
    default=TEST_EVENT,
    show_default=True,
    help="A recorded event, or the sample of an event type.",
)
@click.option("--curl", is_flag=True, help="Print it as a curl command.")
async def preview(session: Session, webhook: str, event: str, curl: bool) -> None:
    """Show the request a webhook would get for an event; nothing is sent.

    It is built as the worker builds it: every header in sending order with the
    signature, and the body byte for byte. Secret header values are masked.
    """
    async with session.caller() as caller:
        wanted = await find_webhook(caller, webhook)
        sample = await find_sample(caller, event, wanted.id)
        request = await build(caller, wanted, sample)
    if curl:
        session.output.raw(as_curl(request))
        return
    session.output.show(request_form(request), prepared_lines(request))
    _warn(session.output, request)


def _warn(output: Output, request: PreparedRequest) -> None:
    shown = [(header.name, header.shown) for header in request.headers]
    finding = check_body(content_type_of(shown), request.body)
    if finding and request.body:
        output.warn(
            f"The body is {finding.words} (line {finding.line}, column "
            f"{finding.column})."
        )
    if not request.verify_tls:
        output.warn(f"The certificate is {NOT_VERIFIED}.")
