"""What an admin does with webhooks, and the audit rows it leaves."""

from dataclasses import replace

import pytest

from core.access import Actor, Membership, Role
from core.actions.caller import Caller
from core.actions.events import add_event_type, emit
from core.actions.preview import find_sample, preview, send_test
from core.actions.webhooks import (
    activate_webhook,
    create_webhook,
    deactivate_webhook,
    delete_webhook,
    edit_webhook,
    held_deliveries,
    list_webhooks,
)
from core.audit import AuditEntry
from core.catalogue import default_catalogue
from core.draft import WebhookDraft, draft_of
from core.engine.intake import Submission
from core.errors import (
    HooklineError,
    IdempotencyConflict,
    Invalid,
    InvalidPayload,
    NameTaken,
    NotFound,
    Stale,
    UnknownEventType,
)
from core.headers import Header
from core.history import DeliveryFilter, Window
from core.model import DeliveryState, Event, EventType
from core.outcome import Outcome, Response
from core.ports import Held
from core.request import PreparedRequest
from core.secret import Secret
from tests.builders import (
    NOON,
    WORKSPACE_ID,
    a_workspace,
    an_audit_entry,
    counting_ids,
)
from tests.memory_store import MemoryStore

DRAFT = WebhookDraft(
    name="ci",
    url="https://ci.example.com/hooks",
    events="review.*",
    headers=(Header("Authorization", Secret("Bearer canary-header-secret")),),
    style="acrity",
    secret=Secret("canary-signing-secret"),
)


async def an_admin() -> Caller:
    store, ids = MemoryStore(), counting_ids()
    await store.add_workspace(a_workspace(), default_catalogue(), an_audit_entry())
    ada = Membership("ada", Role.WORKSPACE_ADMIN, WORKSPACE_ID)
    return Caller(Actor("ada", (ada,)), a_workspace(), store, lambda: NOON, ids)


async def audit_of(caller: Caller) -> list[AuditEntry]:
    entries = await caller.store.audit_entries(WORKSPACE_ID, Window())
    return [entry for entry in reversed(entries) if entry.id.startswith("aud_0")]


async def states(caller: Caller) -> list[DeliveryState]:
    rows = await caller.store.deliveries(WORKSPACE_ID, DeliveryFilter(), Window())
    return [row.delivery.state for row in rows]


async def emit_reviews(caller: Caller, count: int) -> None:
    await emit(caller, [Submission("review.completed", "{}")] * count)


async def test_a_webhook_goes_through_its_life_and_every_step_is_audited() -> None:
    ada = await an_admin()

    made = await create_webhook(ada, DRAFT)
    draft = replace(draft_of(made), name="ci 2")
    await edit_webhook(ada, made.id, draft, base_revision=1)
    await deactivate_webhook(ada, made.id)
    await activate_webhook(ada, made.id, Held.DELIVER)
    await delete_webhook(ada, made.id)

    entries = await audit_of(ada)
    assert [(e.login, e.action, e.subject) for e in entries] == [
        ("ada", "webhook.created", made.id),
        ("ada", "webhook.edited", made.id),
        ("ada", "webhook.deactivated", made.id),
        ("ada", "webhook.activated", made.id),
        ("ada", "webhook.deleted", made.id),
    ]
    assert "canary" not in repr(entries)
    assert await list_webhooks(ada) == []


async def test_a_secret_that_was_replaced_is_audited_as_changed() -> None:
    ada = await an_admin()
    made = await create_webhook(ada, DRAFT)

    draft = replace(draft_of(made), secret=Secret("another-canary-secret"))
    await edit_webhook(ada, made.id, draft, base_revision=1)

    changes = (await audit_of(ada))[-1].changes
    assert [(c.field, c.before, c.after) for c in changes] == [
        ("signing", "acrity, 1 secret", "acrity, 1 secret, changed")
    ]


async def test_a_new_origin_drops_secret_headers_and_says_so() -> None:
    ada = await an_admin()
    made = await create_webhook(ada, DRAFT)

    moved = replace(draft_of(made), url="https://evil.example.net/hooks")
    after = await edit_webhook(ada, made.id, moved, base_revision=1)

    assert after.headers == ()
    changes = {c.field: (c.before, c.after) for c in (await audit_of(ada))[-1].changes}
    assert changes["secret headers"] == ("Authorization", "dropped")


async def test_an_editor_that_started_from_an_older_revision_loses_nothing() -> None:
    ada = await an_admin()
    made = await create_webhook(ada, DRAFT)
    await edit_webhook(ada, made.id, replace(draft_of(made), name="b"), 1)

    with pytest.raises(Stale, match="saved by somebody else"):
        await edit_webhook(ada, made.id, replace(draft_of(made), name="c"), 1)


async def test_a_name_is_taken_once() -> None:
    ada = await an_admin()
    await create_webhook(ada, DRAFT)

    with pytest.raises(NameTaken):
        await create_webhook(ada, DRAFT)


async def test_an_invalid_draft_is_not_saved() -> None:
    ada = await an_admin()

    with pytest.raises(Invalid):
        await create_webhook(ada, replace(DRAFT, url="ftp://x"))

    assert await list_webhooks(ada) == []


@pytest.mark.parametrize(
    ("held", "state"),
    [(Held.DELIVER, DeliveryState.PENDING), (Held.DROP, DeliveryState.CANCELLED)],
)
async def test_events_of_an_inactive_webhook_are_held_and_then_as_asked(
    held: Held, state: DeliveryState
) -> None:
    ada = await an_admin()
    made = await create_webhook(ada, replace(DRAFT, active=False))
    await emit_reviews(ada, 3)

    counted = await held_deliveries(ada, made.id)
    before = await states(ada)
    moved = await activate_webhook(ada, made.id, held)

    assert (counted, moved) == (3, 3)
    assert before == [DeliveryState.HELD] * 3
    assert await states(ada) == [state] * 3


async def test_deactivating_holds_what_was_not_yet_sent() -> None:
    ada = await an_admin()
    made = await create_webhook(ada, DRAFT)
    await emit_reviews(ada, 2)

    held = await deactivate_webhook(ada, made.id)

    assert held == 2
    assert await states(ada) == [DeliveryState.HELD] * 2


async def test_the_preview_of_a_recorded_event_names_its_delivery() -> None:
    ada = await an_admin()
    made = await create_webhook(ada, DRAFT)
    (event,) = await emit(ada, [Submission("review.completed", '{"a": 1}')])
    assert isinstance(event, Event)
    rows = await ada.store.deliveries(WORKSPACE_ID, DeliveryFilter(), Window())

    request = await preview(ada, made, await find_sample(ada, event.id, made.id))

    headers = {header.name: header.shown for header in request.headers}
    assert headers["X-ACR-Delivery"] == rows[0].id
    assert headers["Authorization"] == "••••ret"


async def test_a_sample_of_an_unknown_type_names_the_nearest() -> None:
    ada = await an_admin()

    with pytest.raises(UnknownEventType, match=r"Did you mean review\.completed"):
        await find_sample(ada, "review.complete")
    with pytest.raises(NotFound):
        await find_sample(ada, "evt_nowhere")


async def test_a_test_is_sent_once_and_kept() -> None:
    ada = await an_admin()
    made = await create_webhook(ada, DRAFT)
    sample = await find_sample(ada, "webhook.test")
    shown = await preview(ada, made, sample)
    sent: list[PreparedRequest] = []

    async def fail(request: PreparedRequest) -> Outcome:
        sent.append(request)
        return Response(500)

    attempt = await send_test(ada, made, sample, fail, record=True)

    assert sent == [shown]
    detail = await ada.store.delivery(WORKSPACE_ID, attempt.delivery_id)
    assert detail.attempts == (attempt,)
    assert (detail.delivery.state, detail.event) == (
        DeliveryState.EXHAUSTED,
        sample.event,
    )


async def test_a_draft_is_tested_without_a_trace_in_the_history() -> None:
    ada = await an_admin()
    made = await create_webhook(ada, DRAFT)

    async def accept(request: PreparedRequest) -> Outcome:
        return Response(200)

    sample = await find_sample(ada, "webhook.test")
    await send_test(ada, made, sample, accept, record=False)

    assert await states(ada) == []


async def test_one_key_gives_one_event_and_never_two() -> None:
    ada = await an_admin()
    first, again, other = await emit(
        ada,
        [
            Submission("review.completed", '{"a": 1}', "key"),
            Submission("review.completed", '{"a": 1}', "key"),
            Submission("review.completed", '{"a": 2}', "key"),
        ],
    )

    assert isinstance(first, Event)
    assert again == first
    assert isinstance(other, IdempotencyConflict)


async def test_bad_events_are_refused_and_the_good_ones_kept() -> None:
    ada = await an_admin()

    answers = await emit(
        ada,
        [
            Submission("review.complete", "{}"),
            Submission("review.completed", '{"a": }'),
            Submission("review.completed", '"' + "x" * 300_000 + '"'),
            Submission("review.completed", "{}"),
        ],
    )

    assert [type(answer) for answer in answers] == [
        UnknownEventType,
        InvalidPayload,
        InvalidPayload,
        Event,
    ]
    assert str(answers[1]) == (
        "The data is not JSON: Expecting value at line 1, column 7."
    )


async def test_an_event_type_needs_a_name_and_a_sample() -> None:
    ada = await an_admin()

    await add_event_type(ada, EventType("invoice.paid", "Paid.", '{"total": 1}'))

    for wrong in (EventType("Invoice Paid"), EventType("a.b", sample="{")):
        with pytest.raises(HooklineError):
            await add_event_type(ada, wrong)
