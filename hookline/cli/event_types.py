"""`hookline event-types`: the catalogue of what may be emitted."""

import click

from core.actions.events import add_event_type, list_event_types
from core.model import MAX_PAYLOAD, EventType
from hookline.cli.lazy import Group
from hookline.cli.session import Session, command
from hookline.forms import event_type_form
from hookline.words import event_type_cells


@command(
    "list",
    "hookline event-types list",
    "hookline event-types list --json | jq '.[] | select(.name == \"review.failed\")'",
)
async def list_(session: Session) -> None:
    """List the kinds of events of the workspace."""
    async with session.caller() as caller:
        types = await list_event_types(caller)
    session.output.table(
        [event_type_form(event_type) for event_type in types],
        ("NAME", "DESCRIPTION"),
        map(event_type_cells, types),
        "There is none: 'hookline event-types add --help'.",
    )


@command(
    "add",
    "hookline event-types add invoice.paid --description 'An invoice was paid.' \\",
    "    --sample-file invoice.json",
)
@click.argument("name")
@click.option("--description", default="", help="When such an event happens.")
@click.option("--sample", metavar="JSON", help="Data such an event has, for previews.")
@click.option("--sample-file", metavar="FILE", help="The same from a file; - is stdin.")
async def add(
    session: Session,
    name: str,
    description: str,
    sample: str | None,
    sample_file: str | None,
) -> None:
    """Add a kind of event."""
    if sample_file is not None:
        sample = session.sources.text(sample_file, MAX_PAYLOAD, "--sample-file")
    event_type = EventType(name, description, sample or "{}")
    async with session.caller() as caller:
        await add_event_type(caller, event_type)
    session.output.show(event_type_form(event_type), [f"Added {name}."])


event_types = Group(
    "event-types", help="See and add kinds of events.", commands=[list_, add]
)
