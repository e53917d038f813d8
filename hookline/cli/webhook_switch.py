"""`hookline webhooks activate|deactivate|test`: what makes a webhook send, or not."""

import click

from core.actions.preview import find_sample, send_test
from core.actions.webhooks import (
    activate_webhook,
    deactivate_webhook,
    find_webhook,
    held_deliveries,
)
from core.catalogue import TEST_EVENT
from core.explain import remedy
from core.model import Webhook
from core.outcome import Response
from core.ports import Held
from hookline.cli.session import Session, command
from hookline.forms import attempt_form
from hookline.output import ExitCode, Usage
from hookline.words import answer_lines, count_words


@command(
    "activate",
    "hookline webhooks activate ERP",
    "hookline webhooks activate ERP --deliver-held",
)
@click.argument("webhook")
@click.option("--deliver-held", "held", flag_value=Held.DELIVER, type=Held)
@click.option("--drop-held", "held", flag_value=Held.DROP, type=Held)
async def activate(session: Session, webhook: str, held: Held | None) -> None:
    """Let a webhook send again.

    If events were kept back for it, you say whether they are delivered or dropped.
    """
    async with session.caller() as caller:
        wanted = await find_webhook(caller, webhook)
        waiting = await held_deliveries(caller, wanted.id)
        chosen = held or _choose(session, wanted, waiting)
        count = await activate_webhook(caller, wanted.id, chosen)
    form = {"id": wanted.id, "active": True, "held": chosen.value, "count": count}
    kept = count_words(count, "held delivery is", "held deliveries are")
    done = "due now" if chosen is Held.DELIVER else "dropped"
    words = f"; {kept} {done}" if count else ""
    session.output.show(form, [f"{wanted.name} is active{words}."])


@command("deactivate", "hookline webhooks deactivate ERP")
@click.argument("webhook")
async def deactivate(session: Session, webhook: str) -> None:
    """Keep a webhook's events back; nothing is lost."""
    async with session.caller() as caller:
        wanted = await find_webhook(caller, webhook)
        count = await deactivate_webhook(caller, wanted.id)
    form = {"id": wanted.id, "active": False, "count": count}
    words = f"{wanted.name} is inactive; {_held(count)} held, and what comes is kept."
    session.output.show(form, [words])


@command(
    "test",
    "hookline webhooks test ERP",
    "hookline webhooks test ERP --event review.completed --json",
)
@click.argument("webhook")
@click.option(
    "--event",
    metavar="ID|TYPE",
    default=TEST_EVENT,
    show_default=True,
    help="A recorded event, or the sample of an event type.",
)
async def test(session: Session, webhook: str, event: str) -> ExitCode:
    """Send one request for real, and show what came back.

    It ends with 1 when the receiver did not answer with 2xx.
    """
    async with session.caller() as caller, session.wiring.open_sender() as send:
        wanted = await find_webhook(caller, webhook)
        sample = await find_sample(caller, event)
        attempt = await send_test(caller, wanted, sample, send, record=True)
    form = {**attempt_form(attempt), "webhook_id": wanted.id}
    session.output.show(form, answer_lines(attempt))
    if isinstance(attempt.outcome, Response) and (todo := remedy(attempt.outcome)):
        session.output.say("", todo)
    return ExitCode.OK if attempt.outcome.is_success else ExitCode.FAILED


def _choose(session: Session, webhook: Webhook, waiting: int) -> Held:
    if not waiting:
        # Whatever comes in this moment was wanted: nothing is dropped unasked.
        return Held.DELIVER
    if not session.interactive:
        raise Usage(
            f"{_held(waiting)} held for {webhook.name}: what becomes of "
            f"{'it' if waiting == 1 else 'them'}?",
            "Say --deliver-held or --drop-held.",
        )
    question = f"{_held(waiting)} held for {webhook.name}"
    answer = session.ask(question, [*Held, "cancel"])
    if answer == "cancel":
        raise click.Abort
    return Held(answer)


def _held(count: int) -> str:
    return count_words(count, "delivery is", "deliveries are")
