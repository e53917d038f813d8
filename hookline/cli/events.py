"""`hookline events`: what happened, and where it went."""

import click

from core.actions.deliveries import list_deliveries
from core.actions.events import find_event, list_events
from core.history import PAGE, DeliveryFilter, Window
from core.matching import check_pattern
from hookline.cli.lazy import Group
from hookline.cli.session import Session, command
from hookline.forms import delivery_row_form, event_form, event_row_form
from hookline.words import EVENT_COLUMNS, event_cells, event_lines


@command(
    "list",
    "hookline events list",
    "hookline events list --type 'review.*' --limit 200 --json | jq -r '.[].id'",
)
@click.option(
    "--type", metavar="PATTERN", help="Only these: review.completed, review.*"
)
@click.option(
    "--limit",
    type=click.IntRange(1, PAGE),
    default=50,
    show_default=True,
    help="How many.",
)
@click.option("--before", metavar="ID", help="Those older than this one: a next page.")
async def list_(
    session: Session, type: str | None, limit: int, before: str | None
) -> None:
    """List events, newest first."""
    wanted = None if type is None else check_pattern(type)
    async with session.caller() as caller:
        rows = await list_events(caller, Window(before, limit=limit), wanted)
    session.output.table(
        [event_row_form(row) for row in rows],
        EVENT_COLUMNS,
        map(event_cells, rows),
        "No event matches." if type else "There is no event yet: 'hookline emit'.",
    )
    if len(rows) == limit:
        session.output.say(f"There may be more: --before {rows[-1].id}")


@command(
    "show",
    "hookline events show evt_01kb…",
    "hookline events show evt_01kb… --json | jq .data",
)
@click.argument("event", metavar="ID")
async def show(session: Session, event: str) -> None:
    """Show an event: its data, and the deliveries it led to."""
    async with session.caller() as caller:
        found = await find_event(caller, event)
        wanted = DeliveryFilter(event_id=found.id)
        rows = await list_deliveries(caller, wanted, Window())
    form = {**event_form(found), "deliveries": [delivery_row_form(r) for r in rows]}
    session.output.show(form, event_lines(found, rows))


events = Group(
    "events", help="See what happened, and where it went.", commands=[list_, show]
)
