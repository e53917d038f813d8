"""`hookline deliveries`: the history, and sending again."""

from collections.abc import Sequence

import click

from core.actions.caller import Caller
from core.actions.deliveries import find_delivery, list_deliveries, redeliver
from core.actions.webhooks import list_webhooks
from core.curl import as_curl
from core.diagnosis import diagnose
from core.errors import NotFound, Stale
from core.filter import KEYS, parse_filter, term
from core.history import (
    PAGE,
    DeliveryDetail,
    DeliveryFilter,
    DeliveryRow,
    Window,
)
from core.request import build_request
from hookline.cli.lazy import Group
from hookline.cli.session import Session, command
from hookline.forms import delivery_detail_form, delivery_form, delivery_row_form
from hookline.output import ExitCode, exit_code_for
from hookline.words import DELIVERY_COLUMNS, delivery_cells, delivery_lines

MAX_ROWS = 10_000


@command(
    "list",
    "hookline deliveries list --webhook ERP --state failed --since 15m",
    "hookline deliveries list status:5xx type:review.* --json | jq -r '.[].id'",
    "hookline deliveries list --limit 1000 --before dlv_01kb…",
)
@click.argument("terms", nargs=-1, metavar="[KEY:VALUE]...")
@click.option("--webhook", metavar="ID|NAME", help=KEYS["webhook"])
@click.option("--state", metavar="STATES", help=KEYS["state"])
@click.option("--type", metavar="PATTERN", help=KEYS["type"])
@click.option("--status", metavar="STATUS", help=KEYS["status"])
@click.option("--since", metavar="WHEN", help=KEYS["since"])
@click.option("--until", metavar="WHEN", help="As --since.")
@click.option("--event", metavar="ID", help=KEYS["event"])
@click.option(
    "--limit",
    type=click.IntRange(1, MAX_ROWS),
    default=50,
    show_default=True,
    help="How many.",
)
@click.option("--before", metavar="ID", help="Those older than this one: a next page.")
async def list_(
    session: Session,
    terms: tuple[str, ...],
    limit: int,
    before: str | None,
    **given: str | None,
) -> None:
    """List deliveries, newest first.

    The options are the terms of the console's filter; both can be written.
    """
    text = " ".join(
        (*terms, *(term(key, value) for key, value in given.items() if value))
    )
    async with session.caller() as caller:
        names = {row.id: row.webhook.name for row in await list_webhooks(caller)}
        wanted = parse_filter(text, names, caller.now)
        rows = await _newest(caller, wanted, before, limit)
    session.output.table(
        [delivery_row_form(row) for row in rows],
        DELIVERY_COLUMNS,
        map(delivery_cells, rows),
        "No delivery matches." if text else "Nothing was sent yet.",
    )
    if len(rows) == limit:
        session.output.say(f"There may be more: --before {rows[-1].id}")


@command(
    "show",
    "hookline deliveries show dlv_01kb…",
    "hookline deliveries show dlv_01kb… --curl",
    "hookline deliveries show dlv_01kb… --json | jq '.attempts[-1].response.status'",
)
@click.argument("delivery", metavar="ID")
@click.option("--curl", is_flag=True, help="Print the request as a curl command.")
async def show(session: Session, delivery: str, curl: bool) -> None:
    """Show a delivery: why it stands where it does, and every attempt.

    Secrets are masked; in the curl command they are variables for you to set.
    """
    async with session.caller() as caller:
        detail = await find_delivery(caller, delivery)
        webhooks = await list_webhooks(caller)
    if curl:
        session.output.raw(_curl(caller, detail))
        return
    health = {row.id: row.health for row in webhooks}
    found = health.get(detail.delivery.webhook_id)
    diagnosis = diagnose(detail, caller.now, found)
    session.output.show(
        delivery_detail_form(detail, diagnosis),
        delivery_lines(detail, diagnosis, caller.workspace.slug),
    )


@command(
    "redeliver",
    "hookline deliveries redeliver dlv_01kb…",
    "hookline deliveries list state:exhausted --json | jq -r '.[].id' \\",
    "    | xargs hookline deliveries redeliver",
)
@click.argument("deliveries", nargs=-1, required=True, metavar="ID...")
async def redeliver_(session: Session, deliveries: tuple[str, ...]) -> ExitCode:
    """Send deliveries again, as soon as a worker can.

    What cannot be sent again is named, and the others are.
    """
    worst = ExitCode.OK
    async with session.caller() as caller:
        for delivery_id in deliveries:
            try:
                again = await redeliver(caller, delivery_id)
            except (NotFound, Stale) as error:
                session.output.fail(error)
                worst = max(worst, exit_code_for(error))
            else:
                words = f"{again.id} is due again."
                session.output.show_line(delivery_form(again), words)
    return worst


async def _newest(
    caller: Caller, wanted: DeliveryFilter, before: str | None, limit: int
) -> Sequence[DeliveryRow]:
    rows: list[DeliveryRow] = []
    while len(rows) < limit:
        older_than = rows[-1].id if rows else before
        asked = min(PAGE, limit - len(rows))
        page = await list_deliveries(caller, wanted, Window(older_than, limit=asked))
        rows += page
        if len(page) < asked:
            break
    return rows


def _curl(caller: Caller, detail: DeliveryDetail) -> str:
    if detail.webhook is None:
        raise NotFound(
            f"The webhook {detail.webhook_name} was deleted, so its request cannot be "
            "built again."
        )
    request = build_request(
        detail.webhook,
        detail.event,
        detail.delivery.id,
        caller.workspace.slug,
        caller.now,
    )
    return as_curl(request)


deliveries = Group(
    "deliveries",
    help="Read the history of deliveries, and send again.",
    commands=[list_, show, redeliver_],
)
