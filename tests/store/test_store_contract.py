"""What every store promises, asked of each one: in memory, and over SQLite."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from core.access import Membership, Role
from core.audit import Change
from core.errors import IdempotencyConflict, NameTaken, NotFound, Stale
from core.headers import Header
from core.history import (
    Bucket,
    Count,
    DeliveryDetail,
    DeliveryFilter,
    DeliveryRow,
    EventRow,
    LastAttempt,
    StatusRange,
    WebhookHealth,
    Window,
    last_attempt,
)
from core.model import (
    Delivery,
    DeliveryState,
    Event,
    Limits,
    Method,
    Signing,
    SigningSecret,
    Trigger,
    Workspace,
)
from core.outcome import FailureKind, Outcome, Phases, TlsFacts
from core.ports import Held, Store, Subscription
from core.retry import Delivered, GiveUp, RetryAt, RetryPolicy, Verdict
from core.secret import Secret
from core.work import Claim
from tests.builders import (
    DAY,
    HOUR,
    MINUTE,
    NOON,
    SECOND,
    WORKSPACE_ID,
    a_beat,
    a_delivery,
    a_failure,
    a_membership,
    a_response,
    a_secret_header,
    a_signed_webhook,
    a_webhook,
    a_workspace,
    an_audit_entry,
    an_event,
    an_event_type,
    fan_out,
    finished,
)

ALL = DeliveryFilter()
NEWEST = Window()
LEASE_END = NOON + MINUTE


async def accept(store: Store, *events: Event) -> Sequence[Event | Exception]:
    """Accept events; the deliveries of evt_01 are dlv_01a, dlv_01b, …"""

    def deliver(event: Event, found: Sequence[Subscription]) -> Sequence[Delivery]:
        letters = iter("abcdefgh")
        name = event.id.removeprefix("evt_")
        return fan_out(lambda kind: f"{kind}_{name}{next(letters)}")(event, found)

    return await store.accept(events, deliver)


async def some_events(store: Store, count: int) -> None:
    """Accept events one second apart; their deliveries are dlv_01a, dlv_02a, …"""
    await accept(
        store,
        *(
            an_event(id=f"evt_{number:02}", created_at=NOON + number * SECOND)
            for number in range(1, count + 1)
        ),
    )


async def claim(store: Store, limit: int = 16) -> list[Delivery]:
    """Claim what is due within a day; the leases end a minute after noon."""
    claims = await store.claim(NOON + DAY, LEASE_END, limit, {})
    return [claim.delivery for claim in claims]


async def send(
    store: Store, outcome: Outcome | None = None, verdict: Verdict | None = None
) -> list[Delivery]:
    """Claim all that is due and record the same outcome for each."""
    claimed = await claim(store)
    await store.record([finished(one, outcome, verdict) for one in claimed])
    return claimed


async def ids(
    store: Store, wanted: DeliveryFilter = ALL, window: Window = NEWEST
) -> list[str]:
    """The ids of a page of the history."""
    return [row.id for row in await store.deliveries(WORKSPACE_ID, wanted, window)]


async def states(store: Store) -> dict[str, tuple[str, object]]:
    """The state and the due time of each delivery."""
    rows = await store.deliveries(WORKSPACE_ID, ALL, NEWEST)
    return {row.id: (row.delivery.state.value, row.delivery.due_at) for row in rows}


# People.


async def test_workspaces_come_by_slug(empty_store: Store) -> None:
    zebra = Workspace("wsp_1", "zebra", "Zebra")
    acme = Workspace("wsp_2", "acme", "Acme")
    for number, workspace in enumerate((zebra, acme)):
        await empty_store.add_workspace(
            workspace, [], an_audit_entry(id=f"aud_{number}")
        )

    assert list(await empty_store.workspaces()) == [acme, zebra]


async def test_a_workspace_starts_with_its_catalogue(empty_store: Store) -> None:
    types = [an_event_type("b.two"), an_event_type("a.one", sample="[]")]

    await empty_store.add_workspace(a_workspace(), types, an_audit_entry())

    assert list(await empty_store.event_types(WORKSPACE_ID)) == [types[1], types[0]]
    assert list(await empty_store.event_types("wsp_other")) == []


async def test_a_slug_is_taken_once(store: Store) -> None:
    with pytest.raises(NameTaken) as refused:
        await store.add_workspace(
            a_workspace(id="wsp_2"), [], an_audit_entry(id="aud_9")
        )

    assert refused.value.field == "slug"
    assert list(await store.workspaces()) == [a_workspace()]


async def test_a_member_has_one_role_in_each_place(store: Store) -> None:
    admin = Membership("ada", Role.PLATFORM_ADMIN)
    await store.set_member(a_membership(), an_audit_entry(id="aud_1"))
    await store.set_member(admin, an_audit_entry(id="aud_2"))
    await store.set_member(a_membership(role=Role.MEMBER), an_audit_entry(id="aud_3"))

    assert list(await store.memberships("ada")) == [
        admin,
        a_membership(role=Role.MEMBER),
    ]
    assert list(await store.memberships("bob")) == []


async def test_members_of_a_workspace_include_platform_admins(store: Store) -> None:
    root = Membership("root", Role.PLATFORM_ADMIN)
    ada = a_membership()
    elsewhere = a_membership(login="eve", workspace_id="wsp_2")
    for number, member in enumerate((root, elsewhere, ada)):
        await store.set_member(member, an_audit_entry(id=f"aud_{number}"))

    assert list(await store.members(WORKSPACE_ID)) == [ada, root]


async def test_a_removed_member_is_gone_there_only(store: Store) -> None:
    elsewhere = a_membership(workspace_id="wsp_2")
    await store.set_member(a_membership(), an_audit_entry(id="aud_1"))
    await store.set_member(elsewhere, an_audit_entry(id="aud_2"))

    await store.remove_member("ada", WORKSPACE_ID, an_audit_entry(id="aud_3"))

    assert list(await store.memberships("ada")) == [elsewhere]
    with pytest.raises(NotFound):
        await store.remove_member("ada", WORKSPACE_ID, an_audit_entry(id="aud_4"))
    with pytest.raises(NotFound):
        await store.remove_member("ada", None, an_audit_entry(id="aud_5"))


async def test_each_change_leaves_its_audit_entry(store: Store) -> None:
    changes = (Change("role", None, "member"), Change("note", "ä", "\N{SNOWMAN}"))
    entry = an_audit_entry(id="aud_1", changes=changes)
    await store.set_member(a_membership(), entry)
    platform = an_audit_entry(id="aud_2", workspace_id=None)
    await store.set_member(Membership("root", Role.PLATFORM_ADMIN), platform)

    entries = await store.audit_entries(WORKSPACE_ID, NEWEST)

    assert list(entries) == [
        entry,
        an_audit_entry(id="aud_0b"),
        an_audit_entry(id="aud_0a"),
    ]


async def test_a_refused_change_leaves_no_audit_entry(store: Store) -> None:
    with pytest.raises(NameTaken):
        await store.add_webhook(a_webhook(id="whk_2"), an_audit_entry(id="aud_9"))
    with pytest.raises(NotFound):
        await store.remove_member("ada", None, an_audit_entry(id="aud_9"))

    entries = await store.audit_entries(WORKSPACE_ID, NEWEST)
    assert [entry.id for entry in entries] == ["aud_0b", "aud_0a"]


async def test_an_event_type_is_added_once(store: Store) -> None:
    custom = an_event_type("invoice.paid")
    await store.add_event_type(WORKSPACE_ID, custom, an_audit_entry())

    with pytest.raises(NameTaken):
        await store.add_event_type(WORKSPACE_ID, custom, an_audit_entry(id="aud_2"))

    assert list(await store.event_types(WORKSPACE_ID)) == [custom, an_event_type()]


# Webhooks.


async def test_a_webhook_comes_back_as_it_was_saved(store: Store) -> None:
    webhook = a_webhook(
        "http://[2001:db8::1]:8080/in?a=%20b",
        id="whk_2",
        name="Çaylak ✓",
        events=("review.*", "finding.created"),
        created_at=NOON + timedelta(microseconds=123456),
        method=Method.PUT,
        content_type="text/plain; charset=utf-8",
        headers=(Header("X-Team", "[[no seal]]"), a_secret_header()),
        signing=Signing(
            "standard",
            (
                SigningSecret(Secret("new key"), NOON),
                SigningSecret(Secret("old key"), NOON - DAY, NOON + DAY),
            ),
        ),
        template='{"id": {{ event.id | tojson }}}',
        ignore_ssl=True,
        active=False,
        disabled_reason="410 Gone",
        retry=RetryPolicy((0, 60), give_up_on_4xx=True),
        limits=Limits(timeout=2.5, in_flight=3),
    )

    await store.add_webhook(webhook, an_audit_entry())

    assert await store.webhook(WORKSPACE_ID, "whk_2") == webhook
    assert await store.webhook(WORKSPACE_ID, "Çaylak ✓") == webhook
    assert list(await store.webhooks(WORKSPACE_ID)) == [a_webhook(), webhook]


async def test_a_saved_secret_is_the_same_object_each_time(store: Store) -> None:
    """An editor tells a kept secret from one typed again by identity."""
    await store.add_webhook(
        a_signed_webhook(id="whk_2", name="Signed"), an_audit_entry()
    )

    first = await store.webhook(WORKSPACE_ID, "whk_2")
    [second] = [w for w in await store.webhooks(WORKSPACE_ID) if w.id == "whk_2"]

    assert first.headers[1].value is second.headers[1].value


async def test_a_webhook_is_found_in_its_workspace_only(store: Store) -> None:
    for wanted in ("whk_ci", "CI"):
        with pytest.raises(NotFound):
            await store.webhook("wsp_other", wanted)
    with pytest.raises(NotFound):
        await store.webhook(WORKSPACE_ID, "ci")
    assert list(await store.webhooks("wsp_other")) == []


async def test_a_name_is_taken_once_in_a_workspace(store: Store) -> None:
    other = a_workspace(id="wsp_2", slug="other")
    await store.add_workspace(other, [], an_audit_entry(id="aud_1"))

    with pytest.raises(NameTaken):
        await store.add_webhook(a_webhook(id="whk_2"), an_audit_entry(id="aud_2"))

    there = a_webhook(id="whk_3", workspace_id="wsp_2")
    await store.add_webhook(there, an_audit_entry(id="aud_3"))
    assert list(await store.webhooks("wsp_2")) == [there]


async def test_saving_makes_the_next_revision(store: Store) -> None:
    after = a_signed_webhook(name="Build", revision=2, updated_at=NOON + HOUR)

    await store.save_webhook(after, an_audit_entry())

    assert await store.webhook(WORKSPACE_ID, "Build") == after
    with pytest.raises(NotFound):
        await store.webhook(WORKSPACE_ID, "CI")


@pytest.mark.parametrize("revision", [1, 3])
async def test_only_the_next_revision_is_saved(store: Store, revision: int) -> None:
    with pytest.raises(Stale):
        await store.save_webhook(a_webhook(revision=revision), an_audit_entry())

    assert await store.webhook(WORKSPACE_ID, "whk_ci") == a_webhook()


async def test_saving_refuses_a_taken_name_and_an_unknown_id(store: Store) -> None:
    await store.add_webhook(a_webhook(id="whk_2", name="Chat"), an_audit_entry())

    with pytest.raises(NameTaken):
        await store.save_webhook(
            a_webhook(name="Chat", revision=2), an_audit_entry(id="aud_2")
        )
    with pytest.raises(NotFound):
        await store.save_webhook(
            a_webhook(id="whk_9", revision=2), an_audit_entry(id="aud_3")
        )


async def test_deactivating_holds_what_is_not_yet_sent(store: Store) -> None:
    await some_events(store, 3)
    [_sending, tried] = await claim(store, limit=2)
    retry = RetryAt(NOON + HOUR, "by the schedule")
    await store.record([finished(tried, a_failure(), retry)])

    held = await store.deactivate(a_webhook(revision=2), an_audit_entry())

    assert held == 2
    assert (await store.webhook(WORKSPACE_ID, "whk_ci")).active is False
    assert await states(store) == {
        "dlv_01a": ("sending", LEASE_END),
        "dlv_02a": ("held", None),
        "dlv_03a": ("held", None),
    }


async def test_activating_delivers_what_was_held_if_asked(store: Store) -> None:
    await some_events(store, 2)
    await store.deactivate(a_webhook(revision=2), an_audit_entry(id="aud_1"))

    freed = await store.activate(
        a_webhook(revision=3), Held.DELIVER, NOON + HOUR, an_audit_entry(id="aud_2")
    )

    assert freed == 2
    assert await store.webhook(WORKSPACE_ID, "whk_ci") == a_webhook(revision=3)
    assert await states(store) == {
        "dlv_01a": ("pending", NOON + HOUR),
        "dlv_02a": ("pending", NOON + HOUR),
    }


async def test_activating_drops_what_was_held_if_asked(store: Store) -> None:
    await some_events(store, 1)
    await store.deactivate(a_webhook(revision=2), an_audit_entry(id="aud_1"))
    await some_events_of_an_hour_later(store)

    dropped = await store.activate(
        a_webhook(revision=3), Held.DROP, NOON + HOUR, an_audit_entry(id="aud_2")
    )

    assert dropped == 2
    assert await states(store) == {
        "dlv_01a": ("cancelled", None),
        "dlv_50a": ("cancelled", None),
    }


async def some_events_of_an_hour_later(store: Store) -> None:
    """Accept one event, evt_50."""
    await accept(store, an_event(id="evt_50", created_at=NOON + HOUR))


async def test_switching_takes_the_next_revision_too(store: Store) -> None:
    with pytest.raises(Stale):
        await store.deactivate(a_webhook(revision=1), an_audit_entry())
    with pytest.raises(Stale):
        await store.activate(
            a_webhook(revision=3), Held.DELIVER, NOON, an_audit_entry()
        )
    with pytest.raises(NotFound):
        await store.deactivate(a_webhook(id="whk_9", revision=2), an_audit_entry())


async def test_deleting_cancels_what_waits_and_keeps_the_history(store: Store) -> None:
    await some_events(store, 1)
    [claimed] = await send(store)
    await some_events_of_an_hour_later(store)

    await store.delete_webhook("whk_ci", an_audit_entry())

    assert list(await store.webhooks(WORKSPACE_ID)) == []
    assert await states(store) == {
        "dlv_01a": ("delivered", None),
        "dlv_50a": ("cancelled", None),
    }
    detail = await store.delivery(WORKSPACE_ID, claimed.id)
    assert (detail.webhook_name, detail.webhook) == ("CI", None)
    assert len(detail.attempts) == 1


async def test_deleting_cancels_what_is_held(store: Store) -> None:
    await some_events(store, 1)
    await store.deactivate(a_webhook(revision=2), an_audit_entry(id="aud_1"))

    await store.delete_webhook("whk_ci", an_audit_entry(id="aud_2"))

    assert await states(store) == {"dlv_01a": ("cancelled", None)}


async def test_a_deleted_webhook_is_gone_and_its_name_is_free(store: Store) -> None:
    await store.delete_webhook("whk_ci", an_audit_entry(id="aud_1"))

    for wanted in ("whk_ci", "CI"):
        with pytest.raises(NotFound):
            await store.webhook(WORKSPACE_ID, wanted)
    with pytest.raises(NotFound):
        await store.delete_webhook("whk_ci", an_audit_entry(id="aud_2"))
    with pytest.raises(NotFound):
        await store.save_webhook(a_webhook(revision=2), an_audit_entry(id="aud_3"))
    again = a_webhook(id="whk_2")
    await store.add_webhook(again, an_audit_entry(id="aud_4"))
    assert list(await store.webhooks(WORKSPACE_ID)) == [again]


# Health.


async def test_a_webhook_without_history_is_idle(store: Store) -> None:
    assert await store.health(WORKSPACE_ID, NOON) == {"whk_ci": WebhookHealth()}
    assert await store.health("wsp_other", NOON) == {}


async def test_health_counts_the_last_hour_in_buckets(store: Store) -> None:
    await some_events(store, 5)
    claimed = await claim(store)
    moments = [-61 * MINUTE, -55 * MINUTE, -MINUTE, 0 * MINUTE, 2 * MINUTE]
    good, bad = a_response(), a_failure()
    outcomes: list[Outcome] = [good, bad, bad, good, a_response(201)]
    await store.record(
        [
            finished(delivery, outcome, at=NOON + moment)
            for delivery, outcome, moment in zip(
                claimed, outcomes, moments, strict=True
            )
        ]
    )

    health = (await store.health(WORKSPACE_ID, NOON + 3 * MINUTE))["whk_ci"]

    assert health.hour == (
        Bucket(failed=1),
        *[Bucket()] * 9,
        Bucket(failed=1),
        Bucket(delivered=2),
    )
    assert health.success_rate == 0.5
    assert health.last == LastAttempt(
        number=1,
        at=NOON + 2 * MINUTE,
        duration=timedelta(milliseconds=120),
        status=201,
        failure=None,
        why="201 Created",
    )


async def test_health_counts_what_waits_and_what_is_held(store: Store) -> None:
    held = a_webhook(id="whk_2", name="Held", active=False)
    await store.add_webhook(held, an_audit_entry())
    await some_events(store, 3)
    await claim(store, limit=1)

    health = await store.health(WORKSPACE_ID, NOON)

    assert health == {
        "whk_ci": WebhookHealth(waiting=3),
        "whk_2": WebhookHealth(held=3),
    }


async def test_failing_since_is_the_first_failure_after_a_success(
    store: Store,
) -> None:
    await some_events(store, 5)
    one, two, three, four, five = await claim(store)

    async def failing_since(*done: tuple[Delivery, Outcome, int]) -> object:
        await store.record(
            [finished(d, outcome, at=NOON + at * SECOND) for d, outcome, at in done]
        )
        return (await store.health(WORKSPACE_ID, NOON))["whk_ci"].failing_since

    assert await failing_since((one, a_failure(), 1)) == NOON + SECOND
    assert await failing_since((two, a_response(503), 2)) == NOON + SECOND
    assert (
        await failing_since((three, a_response(), 3), (four, a_failure(), 4))
        == NOON + 4 * SECOND
    )
    assert await failing_since((five, a_response(), 5)) is None


async def test_activating_forgets_since_when_it_failed(store: Store) -> None:
    await some_events(store, 1)
    await send(store, a_failure())
    await store.deactivate(a_webhook(revision=2), an_audit_entry(id="aud_1"))

    await store.activate(
        a_webhook(revision=3), Held.DROP, NOON, an_audit_entry(id="aud_2")
    )

    health = (await store.health(WORKSPACE_ID, NOON))["whk_ci"]
    assert health.failing_since is None


# Intake.


async def test_an_accepted_event_comes_back_byte_for_byte(store: Store) -> None:
    event = an_event(payload=b' {"a" : 1,\n"\xc3\xa4": [ ] } ', idempotency_key="k")

    assert list(await accept(store, event)) == [event]

    assert await store.event(WORKSPACE_ID, event.id) == event
    for workspace_id, event_id in (("wsp_2", event.id), (WORKSPACE_ID, "evt_9")):
        with pytest.raises(NotFound):
            await store.event(workspace_id, event_id)


async def test_fan_out_sees_the_webhooks_of_the_workspace(store: Store) -> None:
    other = a_workspace(id="wsp_2", slug="other")
    await store.add_workspace(other, [], an_audit_entry(id="aud_1"))
    for number, webhook in enumerate(
        (
            a_webhook(id="whk_a", name="A", events=("x.*", "y.z"), active=False),
            a_webhook(id="whk_b", name="B"),
            a_webhook(id="whk_c", name="C", workspace_id="wsp_2"),
        )
    ):
        await store.add_webhook(webhook, an_audit_entry(id=f"aud_2{number}"))
    await store.delete_webhook("whk_b", an_audit_entry(id="aud_3"))
    seen: list[tuple[str, tuple[str, ...], bool]] = []

    def look(event: Event, found: Sequence[Subscription]) -> Sequence[Delivery]:
        seen.extend((one.id, one.events, one.active) for one in found)
        return []

    await store.accept([an_event()], look)

    assert sorted(seen) == [
        ("whk_a", ("x.*", "y.z"), False),
        ("whk_ci", ("*",), True),
    ]


async def test_an_event_for_an_inactive_webhook_is_held(store: Store) -> None:
    await store.deactivate(a_webhook(revision=2), an_audit_entry())

    await some_events(store, 1)

    assert await states(store) == {"dlv_01a": ("held", None)}
    assert await claim(store) == []


async def test_a_key_used_again_gives_the_first_event(store: Store) -> None:
    first = an_event(id="evt_01", idempotency_key="order 7")
    again = replace(first, id="evt_02", created_at=NOON + HOUR)
    at_once = replace(first, id="evt_03")

    assert list(await accept(store, first)) == [first]
    assert list(await accept(store, again, at_once)) == [first, first]

    assert await ids(store) == ["dlv_01a"]


async def test_a_key_used_twice_in_one_batch_is_one_event(store: Store) -> None:
    first = an_event(id="evt_01", idempotency_key="order 7")
    plain = an_event(id="evt_02")

    answers = await accept(store, first, plain, replace(first, id="evt_03"))

    assert list(answers) == [first, plain, first]
    assert await ids(store) == ["dlv_02a", "dlv_01a"]


@pytest.mark.parametrize(
    "other",
    [an_event(payload=b"{}"), an_event(type="review.failed")],
    ids=["payload", "type"],
)
async def test_a_key_with_other_content_is_refused_and_the_rest_is_kept(
    store: Store, other: Event
) -> None:
    first = an_event(id="evt_01", idempotency_key="k")
    wrong = replace(other, id="evt_02", idempotency_key="k")
    plain = an_event(id="evt_03")
    await accept(store, first)

    refused, kept = await accept(store, wrong, plain)

    assert isinstance(refused, IdempotencyConflict)
    assert kept == plain
    assert await ids(store) == ["dlv_03a", "dlv_01a"]


async def test_a_key_counts_in_its_workspace_only(store: Store) -> None:
    other = a_workspace(id="wsp_2", slug="other")
    await store.add_workspace(other, [], an_audit_entry())
    here = an_event(id="evt_01", idempotency_key="k")
    there = an_event(id="evt_02", workspace_id="wsp_2", idempotency_key="k")

    assert list(await accept(store, here, there)) == [here, there]


async def test_events_come_in_pages_with_their_number_of_deliveries(
    store: Store,
) -> None:
    await store.add_webhook(
        a_webhook(id="whk_2", name="Chat", events=("review.failed",)),
        an_audit_entry(),
    )
    completed = an_event(id="evt_01")
    failed = an_event(id="evt_02", type="review.failed")
    paid = an_event(id="evt_03", type="invoice.paid")
    await accept(store, completed, failed, paid)

    rows = [EventRow(paid, 1), EventRow(failed, 2), EventRow(completed, 1)]
    assert list(await store.events(WORKSPACE_ID, NEWEST)) == rows
    assert list(await store.events(WORKSPACE_ID, NEWEST, "review.*")) == rows[1:]
    assert list(await store.events(WORKSPACE_ID, NEWEST, "*")) == rows
    assert list(await store.events(WORKSPACE_ID, NEWEST, "review")) == []
    assert (
        list(await store.events(WORKSPACE_ID, Window(older_than="evt_03"))) == rows[1:]
    )
    assert list(await store.events("wsp_2", NEWEST)) == []


# Queue.


async def test_a_claim_holds_all_it_takes_to_send(store: Store) -> None:
    webhook = a_signed_webhook(revision=2)
    await store.save_webhook(webhook, an_audit_entry())
    event = an_event(id="evt_01")
    await accept(store, event)

    claims = await store.claim(NOON, LEASE_END, 10, {})

    taken = a_delivery(
        id="dlv_01a",
        event_id="evt_01",
        state=DeliveryState.SENDING,
        due_at=LEASE_END,
        claims=1,
    )
    assert list(claims) == [Claim(taken, event, webhook, "acme")]
    detail = await store.delivery(WORKSPACE_ID, "dlv_01a")
    assert detail.delivery == taken


async def test_only_what_is_due_is_claimed_and_only_once(store: Store) -> None:
    await some_events(store, 2)

    assert await store.claim(NOON, LEASE_END, 10, {}) == []
    [first] = await store.claim(NOON + SECOND, LEASE_END, 10, {})
    [second] = await store.claim(NOON + 2 * SECOND, LEASE_END, 10, {})

    assert (first.delivery.id, second.delivery.id) == ("dlv_01a", "dlv_02a")
    assert await store.claim(NOON + 3 * SECOND, LEASE_END, 10, {}) == []


async def test_those_that_wait_longest_are_claimed_first(store: Store) -> None:
    await some_events(store, 5)

    assert [one.id for one in await claim(store, limit=2)] == ["dlv_01a", "dlv_02a"]
    assert [one.id for one in await claim(store, limit=2)] == ["dlv_03a", "dlv_04a"]


async def test_a_webhook_has_no_more_than_its_room(store: Store) -> None:
    small = a_webhook(id="whk_2", name="Small", limits=Limits(in_flight=2))
    await store.add_webhook(small, an_audit_entry())
    await some_events(store, 5)

    async def taken(room: dict[str, int]) -> list[str]:
        claims = await store.claim(NOON + DAY, NOON + DAY, 100, room)
        await store.release([one.delivery for one in claims], NOON)
        return sorted(one.delivery.webhook_id for one in claims)

    assert await taken({}) == ["whk_2"] * 2 + ["whk_ci"] * 5
    assert await taken({"whk_ci": 1}) == ["whk_2"] * 2 + ["whk_ci"]
    assert await taken({"whk_ci": 0, "whk_2": 4}) == ["whk_2"] * 4
    assert await taken({"whk_ci": 0, "whk_2": -1}) == []


async def test_webhooks_share_a_claim_fairly(store: Store) -> None:
    await some_events(store, 12)
    quick = a_webhook(id="whk_2", name="Quick")
    await store.add_webhook(quick, an_audit_entry(id="aud_1"))
    await accept(store, *(an_event(id=f"evt_5{n}") for n in range(6)))
    other = a_webhook(id="whk_3", name="Other")
    await store.add_webhook(other, an_audit_entry(id="aud_2"))
    await accept(store, an_event(id="evt_60"))

    taken = await claim(store, limit=9)

    shares = [one.webhook_id for one in taken]
    counts = {webhook_id: shares.count(webhook_id) for webhook_id in set(shares)}
    assert counts == {"whk_ci": 4, "whk_2": 4, "whk_3": 1}


async def test_with_more_webhooks_than_places_nobody_starves(store: Store) -> None:
    for number in range(1, 5):
        await store.add_webhook(
            a_webhook(id=f"whk_{number}", name=f"W{number}"),
            an_audit_entry(id=f"aud_{number}"),
        )
    await some_events(store, 3)

    first, second, third = [
        {one.webhook_id for one in await claim(store, limit=2)} for _ in range(3)
    ]

    assert [len(first), len(second)] == [2, 2]
    assert len(first | second | third) == 5


async def test_nothing_is_claimed_for_no_places(store: Store) -> None:
    await some_events(store, 2)

    assert await claim(store, limit=0) == []
    assert await claim(store, limit=-1) == []


async def test_a_lease_that_ended_is_taken_over(store: Store) -> None:
    await some_events(store, 1)
    [first] = await claim(store)

    assert await store.claim(LEASE_END - SECOND, LEASE_END + HOUR, 10, {}) == []
    [second] = await store.claim(LEASE_END, LEASE_END + HOUR, 10, {})

    assert second.delivery == replace(first, due_at=LEASE_END + HOUR, claims=2)


async def test_a_lease_is_extended_by_whoever_holds_it(store: Store) -> None:
    await some_events(store, 1)
    [first] = await claim(store)

    await store.extend([first], LEASE_END + HOUR)

    assert await states(store) == {"dlv_01a": ("sending", LEASE_END + HOUR)}
    [_second] = await store.claim(LEASE_END + HOUR, LEASE_END + DAY, 10, {})
    await store.extend([first], NOON)
    assert await states(store) == {"dlv_01a": ("sending", LEASE_END + DAY)}


async def test_what_is_released_is_due_at_once_as_before(store: Store) -> None:
    await some_events(store, 2)
    _, tried = await claim(store)
    retry = RetryAt(NOON + HOUR, "by the schedule")
    await store.record([finished(tried, a_failure(), retry)])
    claimed = await claim(store)

    await store.release(claimed, NOON + MINUTE)

    assert len(claimed) == 2
    assert await states(store) == {
        "dlv_01a": ("pending", NOON + MINUTE),
        "dlv_02a": ("retrying", NOON + MINUTE),
    }


async def test_a_late_release_changes_nothing(store: Store) -> None:
    await some_events(store, 1)
    [late] = await claim(store)
    [now] = await claim(store)

    await store.release([late], NOON)

    assert late.claims < now.claims
    assert await states(store) == {"dlv_01a": ("sending", LEASE_END)}


RETRY = RetryAt(NOON + HOUR, "as the receiver asked (Retry-After)")
ALL_PHASES = Phases(
    dns=0.001,
    connect=0.002,
    tls=0.003,
    send=0.000004,
    wait=0.5,
    receive=0.0,
    reused=True,
    peer="192.0.2.7:443",
    tls_facts=TlsFacts("TLSv1.3", "AES", "CN=ci", None, NOON + DAY),
)


@pytest.mark.parametrize(
    ("outcome", "verdict", "state", "due_at"),
    [
        (a_response(204, body=b"", headers=()), Delivered(), "delivered", None),
        (a_response(phases=ALL_PHASES), Delivered(), "delivered", None),
        (a_response(429, truncated=True), RETRY, "retrying", RETRY.when),
        (
            a_response(500, body=bytes(range(256)), headers=(("x", "\xff"), ("x", ""))),
            GiveUp("all used"),
            "exhausted",
            None,
        ),
        (a_response(410), GiveUp("gone", disable=True), "exhausted", None),
        (a_failure(), RETRY, "retrying", RETRY.when),
        (
            replace(a_failure(FailureKind.DNS), phases=Phases(dns=0.25)),
            GiveUp("over"),
            "exhausted",
            None,
        ),
    ],
)
async def test_an_attempt_is_kept_whole_and_moves_its_delivery(
    store: Store,
    outcome: Outcome,
    verdict: Verdict,
    state: str,
    due_at: datetime | None,
) -> None:
    await some_events(store, 1)
    [claimed] = await claim(store)
    done = finished(claimed, outcome, verdict, at=NOON + timedelta(microseconds=7))

    await store.record([done])

    detail = await store.delivery(WORKSPACE_ID, "dlv_01a")
    after = replace(claimed, state=DeliveryState(state), due_at=due_at, attempts=1)
    assert detail == DeliveryDetail(
        delivery=after,
        event=an_event(id="evt_01", created_at=NOON + SECOND),
        webhook_name="CI",
        webhook=a_webhook(),
        attempts=(done.attempt,),
    )
    rows = await store.deliveries(WORKSPACE_ID, ALL, NEWEST)
    assert list(rows) == [DeliveryRow(after, "CI", last_attempt(done.attempt))]


async def test_an_attempt_without_a_request_is_kept(store: Store) -> None:
    await some_events(store, 1)
    [claimed] = await claim(store)
    broken = finished(claimed, a_failure(FailureKind.TEMPLATE, "line 1: no such name"))
    done = replace(broken, attempt=replace(broken.attempt, request=None))

    await store.record([done])

    detail = await store.delivery(WORKSPACE_ID, "dlv_01a")
    assert detail.attempts == (done.attempt,)


async def test_attempts_come_in_their_order(store: Store) -> None:
    await some_events(store, 1)
    [claimed] = await claim(store)
    first = finished(claimed, a_failure(), RETRY, at=NOON)
    await store.record([first])
    [claimed] = await claim(store)
    second = finished(claimed, a_failure(), RETRY, at=NOON + SECOND)
    await store.record([second])

    detail = await store.delivery(WORKSPACE_ID, "dlv_01a")

    assert detail.attempts == (first.attempt, second.attempt)
    assert detail.delivery.attempts == 2


async def test_a_batch_is_recorded_together(store: Store) -> None:
    await some_events(store, 3)
    one, two, three = await claim(store)

    await store.record(
        [
            finished(one, a_response()),
            finished(two, a_failure(), RETRY),
            finished(three, a_response(500)),
        ]
    )

    assert await states(store) == {
        "dlv_01a": ("delivered", None),
        "dlv_02a": ("retrying", RETRY.when),
        "dlv_03a": ("exhausted", None),
    }


async def test_recording_nothing_is_nothing(store: Store) -> None:
    await store.record([])
    await store.extend([], NOON)
    await store.release([], NOON)

    assert await states(store) == {}


async def test_a_late_worker_keeps_its_attempt_and_moves_nothing(store: Store) -> None:
    await some_events(store, 1)
    [late] = await claim(store)
    [now] = await claim(store)
    lost = finished(late, a_response(), at=NOON)
    held = finished(now, a_failure(), RETRY, at=NOON + SECOND)

    await store.record([lost])
    assert await states(store) == {"dlv_01a": ("sending", LEASE_END)}
    [row] = await store.deliveries(WORKSPACE_ID, ALL, NEWEST)
    assert row.last is None
    await store.record([held])

    detail = await store.delivery(WORKSPACE_ID, "dlv_01a")
    assert detail.attempts == (lost.attempt, replace(held.attempt, number=2))
    assert detail.delivery.state is DeliveryState.RETRYING


async def test_recording_the_same_twice_keeps_one(store: Store) -> None:
    await some_events(store, 2)
    one, two = await claim(store)
    done = finished(one, a_response())

    await store.record([done])
    await store.record([done, finished(two, a_response())])

    detail = await store.delivery(WORKSPACE_ID, one.id)
    assert detail.attempts == (done.attempt,)
    assert await states(store) == {
        "dlv_01a": ("delivered", None),
        "dlv_02a": ("delivered", None),
    }


async def test_what_would_wait_for_a_switched_off_webhook_is_held(
    store: Store,
) -> None:
    await some_events(store, 3)
    one, two, three = await claim(store)
    await store.deactivate(a_webhook(revision=2), an_audit_entry())

    await store.record([finished(one, a_failure(), RETRY), finished(two)])
    await store.release([three], NOON)

    assert await states(store) == {
        "dlv_01a": ("held", None),
        "dlv_02a": ("delivered", None),
        "dlv_03a": ("held", None),
    }


async def test_what_would_wait_for_a_deleted_webhook_is_cancelled(
    store: Store,
) -> None:
    await some_events(store, 2)
    one, two = await claim(store)
    await store.delete_webhook("whk_ci", an_audit_entry())

    await store.record([finished(one, a_failure(), RETRY)])
    await store.release([two], NOON)

    assert await states(store) == {
        "dlv_01a": ("cancelled", None),
        "dlv_02a": ("cancelled", None),
    }


async def test_a_crash_while_switching_off_leaves_nothing_due(store: Store) -> None:
    await some_events(store, 1)
    await claim(store)
    await store.deactivate(a_webhook(revision=2), an_audit_entry())

    assert await claim(store) == []

    assert await states(store) == {"dlv_01a": ("held", None)}
    assert await store.next_due() is None


async def test_next_due_is_the_first_attempt_or_the_first_lease_end(
    store: Store,
) -> None:
    assert await store.next_due() is None
    await some_events(store, 2)
    assert await store.next_due() == NOON + SECOND
    [one] = await claim(store, limit=1)
    assert await store.next_due() == NOON + 2 * SECOND
    [two] = await claim(store, limit=1)
    assert await store.next_due() == LEASE_END
    await store.record([finished(one), finished(two, a_failure(), RETRY)])
    assert await store.next_due() == RETRY.when


@pytest.mark.parametrize("verdict", [Delivered(), GiveUp("over"), RETRY])
async def test_a_delivery_is_made_due_again_by_hand(
    store: Store, verdict: Verdict
) -> None:
    await some_events(store, 1)
    [claimed] = await send(store, a_failure(), verdict)
    audit = an_audit_entry(id="aud_7", action="delivery.redelivered")

    again = await store.redeliver("dlv_01a", NOON + HOUR, audit)

    assert again == replace(
        claimed,
        state=DeliveryState.PENDING,
        due_at=NOON + HOUR,
        attempts=1,
        trigger=Trigger.MANUAL,
    )
    assert await claim(store) == [
        replace(again, state=DeliveryState.SENDING, due_at=LEASE_END, claims=2)
    ]
    assert (await store.audit_entries(WORKSPACE_ID, NEWEST))[0] == audit


async def test_after_an_attempt_by_hand_the_schedule_goes_on(store: Store) -> None:
    await some_events(store, 1)
    await send(store, a_failure())
    await store.redeliver("dlv_01a", NOON + HOUR, an_audit_entry())
    [by_hand] = await claim(store)

    await store.record([finished(by_hand, a_failure(), RETRY, at=NOON + HOUR)])

    detail = await store.delivery(WORKSPACE_ID, "dlv_01a")
    assert [a.trigger for a in detail.attempts] == [Trigger.SCHEDULE, Trigger.MANUAL]
    assert detail.delivery.trigger is Trigger.SCHEDULE


async def test_what_was_redelivered_and_released_is_pending_by_hand(
    store: Store,
) -> None:
    await some_events(store, 1)
    await send(store)
    await store.redeliver("dlv_01a", NOON, an_audit_entry())
    [by_hand] = await claim(store)

    await store.release([by_hand], NOON + HOUR)

    [row] = await store.deliveries(WORKSPACE_ID, ALL, NEWEST)
    expected = (DeliveryState.PENDING, NOON + HOUR, Trigger.MANUAL)
    found = row.delivery
    assert (found.state, found.due_at, found.trigger) == expected


async def test_what_cannot_go_out_is_not_redelivered(store: Store) -> None:
    await some_events(store, 2)
    await claim(store, limit=1)

    async def redeliver(delivery_id: str) -> Delivery:
        return await store.redeliver(delivery_id, NOON, an_audit_entry(id="aud_9"))

    with pytest.raises(NotFound):
        await redeliver("dlv_99")
    with pytest.raises(Stale, match="being sent"):
        await redeliver("dlv_01a")
    await store.deactivate(a_webhook(revision=2), an_audit_entry(id="aud_1"))
    with pytest.raises(Stale, match="inactive"):
        await redeliver("dlv_02a")
    await store.delete_webhook("whk_ci", an_audit_entry(id="aud_2"))
    with pytest.raises(Stale, match="deleted"):
        await redeliver("dlv_02a")


async def test_workers_live_from_their_first_beat_until_they_retire(
    store: Store,
) -> None:
    later = a_beat(seen_at=NOON + MINUTE, in_flight=3, delivered=9)
    await store.beat(a_beat())
    await store.beat(a_beat(id="wrk_2"))
    await store.beat(later)

    assert list(await store.workers()) == [later, a_beat(id="wrk_2")]

    await store.retire("wrk_1")
    await store.retire("wrk_9")
    assert list(await store.workers()) == [a_beat(id="wrk_2")]


# History.


async def test_pages_are_newest_first_and_meet_without_gaps(store: Store) -> None:
    await some_events(store, 5)

    newest = await ids(store, window=Window(limit=2))
    older = await ids(store, window=Window(older_than=newest[-1], limit=2))
    oldest = await ids(store, window=Window(older_than=older[-1], limit=2))

    assert [newest, older, oldest] == [
        ["dlv_05a", "dlv_04a"],
        ["dlv_03a", "dlv_02a"],
        ["dlv_01a"],
    ]
    assert await ids(store, window=Window(newer_than="dlv_01a", limit=2)) == older
    assert await ids(store, window=Window(newer_than="", limit=2)) == [
        "dlv_02a",
        "dlv_01a",
    ]
    between = Window(older_than="dlv_05a", newer_than="dlv_01a", limit=2)
    assert await ids(store, window=between) == ["dlv_04a", "dlv_03a"]
    assert await ids(store, window=Window(newer_than="dlv_05a")) == []


async def a_history(store: Store) -> None:
    """One delivery in each state, to CI, and of event 6 also to two chats.

    01a delivered · 02a retrying after 503 · 03a exhausted by a timeout · 04a exhausted
    by 404 · 05a sending · 06a held · 06b cancelled · 06c pending, an hour later
    """
    await some_events(store, 5)
    results: list[tuple[Outcome, Verdict]] = [
        (a_response(), Delivered()),
        (a_response(503), RETRY),
        (a_failure(), GiveUp("over")),
        (a_response(404), GiveUp("over")),
    ]
    *claimed, _sending = await claim(store)
    await store.record(
        [
            finished(one, outcome, verdict)
            for one, (outcome, verdict) in zip(claimed, results, strict=True)
        ]
    )
    held = a_webhook(id="whk_2", name="Held", events=("chat.*",), active=False)
    deleted = a_webhook(id="whk_3", name="Gone", events=("chat.*",))
    await store.add_webhook(held, an_audit_entry(id="aud_1"))
    await store.add_webhook(deleted, an_audit_entry(id="aud_2"))
    later = an_event(id="evt_06", type="chat.sent", created_at=NOON + HOUR)
    await accept(store, later)
    await store.delete_webhook("whk_3", an_audit_entry(id="aud_3"))


def in_states(*wanted: DeliveryState, **others: Any) -> DeliveryFilter:
    """A filter by states, and whatever else."""
    return DeliveryFilter(states=frozenset(wanted), **others)


S = DeliveryState
FILTERS = [
    (ALL, "06c 06b 06a 05a 04a 03a 02a 01a"),
    (DeliveryFilter(webhook_id="whk_ci"), "06c 05a 04a 03a 02a 01a"),
    (DeliveryFilter(webhook_id="whk_3"), "06b"),
    (DeliveryFilter(webhook_id="whk_9"), ""),
    (in_states(S.DELIVERED), "01a"),
    (in_states(S.HELD), "06a"),
    (in_states(S.RETRYING, S.EXHAUSTED), "04a 03a 02a"),
    (in_states(S.CANCELLED, S.PENDING, S.SENDING), "06c 06b 05a"),
    (in_states(S.DELIVERED, S.HELD), "06a 01a"),
    (in_states(S.EXHAUSTED, webhook_id="whk_ci"), "04a 03a"),
    (in_states(S.EXHAUSTED, webhook_id="whk_2"), ""),
    (in_states(S.DELIVERED, webhook_id="whk_ci"), "01a"),
    (DeliveryFilter(event_type="chat.sent"), "06c 06b 06a"),
    (DeliveryFilter(event_type="chat.*"), "06c 06b 06a"),
    (DeliveryFilter(event_type="*"), "06c 06b 06a 05a 04a 03a 02a 01a"),
    (DeliveryFilter(event_type="chat"), ""),
    (DeliveryFilter(event_type="ch_t.*"), ""),
    (in_states(S.HELD, event_type="chat.*"), "06a"),
    (DeliveryFilter(event_id="evt_06"), "06c 06b 06a"),
    (DeliveryFilter(event_id="evt_06", webhook_id="whk_2"), "06a"),
    (in_states(S.PENDING, S.HELD, event_id="evt_06"), "06c 06a"),
    (in_states(S.DELIVERED, event_id="evt_06"), ""),
    (DeliveryFilter(status=StatusRange(503, 503)), "02a"),
    (DeliveryFilter(status=StatusRange(400, 599)), "04a 02a"),
    (DeliveryFilter(status=StatusRange(200, 299)), "01a"),
    (DeliveryFilter(status=StatusRange(100, 599)), "04a 02a 01a"),
    (DeliveryFilter(status=StatusRange(503, 503), webhook_id="whk_ci"), "02a"),
    (in_states(S.EXHAUSTED, status=StatusRange(400, 599)), "04a"),
    (in_states(S.DELIVERED, status=StatusRange(400, 599)), ""),
    (DeliveryFilter(failure=FailureKind.TIMEOUT), "03a"),
    (DeliveryFilter(failure=FailureKind.DNS), ""),
    (
        DeliveryFilter(failure=FailureKind.TIMEOUT, status=StatusRange(404, 404)),
        "",
    ),
    (DeliveryFilter(since=NOON + 3 * SECOND), "06c 06b 06a 05a 04a 03a"),
    (DeliveryFilter(since=NOON + HOUR), "06c 06b 06a"),
    (DeliveryFilter(since=NOON + DAY), ""),
    (DeliveryFilter(until=NOON + 3 * SECOND), "02a 01a"),
    (DeliveryFilter(until=NOON + 30 * MINUTE), "05a 04a 03a 02a 01a"),
    (DeliveryFilter(until=NOON), ""),
    (DeliveryFilter(since=NOON + 2 * SECOND, until=NOON + 4 * SECOND), "03a 02a"),
    (in_states(S.EXHAUSTED, S.PENDING, since=NOON + 4 * SECOND), "06c 04a"),
    (DeliveryFilter(webhook_id="whk_ci", until=NOON + MINUTE), "05a 04a 03a 02a 01a"),
]


def expected_ids(found: str) -> list[str]:
    """`06a 01a` in full."""
    return [f"dlv_{name}" for name in found.split()]


async def test_a_filter_finds_what_it_wants(store: Store) -> None:
    await a_history(store)

    found = {wanted: await ids(store, wanted) for wanted, _ in FILTERS}

    assert found == {wanted: expected_ids(found) for wanted, found in FILTERS}


async def test_a_filtered_count_is_how_many_there_are(store: Store) -> None:
    await a_history(store)

    counts = {
        wanted: await store.count_deliveries(WORKSPACE_ID, wanted)
        for wanted, _ in FILTERS
    }

    assert counts == {wanted: Count(len(found.split())) for wanted, found in FILTERS}


async def test_filtered_pages_meet_without_gaps(store: Store) -> None:
    await a_history(store)

    for wanted, found in FILTERS:
        down, up = Window(limit=2), Window(newer_than="", limit=2)
        expected, downwards, upwards = expected_ids(found), list[str](), list[str]()
        while page := await ids(store, wanted, down):
            downwards += page
            down = Window(older_than=page[-1], limit=2)
        while page := await ids(store, wanted, up):
            upwards = page + upwards
            up = Window(newer_than=page[0], limit=2)
        assert (downwards, upwards) == (expected, expected), wanted


async def test_nobody_sees_another_workspaces_history(store: Store) -> None:
    await a_history(store)

    for wanted, _ in FILTERS:
        assert list(await store.deliveries("wsp_2", wanted, NEWEST)) == []
        assert await store.count_deliveries("wsp_2", wanted) == Count(0)
    assert list(await store.delivery_rows("wsp_2", ["dlv_01a"])) == []
    assert list(await store.audit_entries("wsp_2", NEWEST)) == []
    with pytest.raises(NotFound):
        await store.delivery("wsp_2", "dlv_01a")


async def test_a_count_stops_at_its_cap(store: Store) -> None:
    await a_history(store)
    several = in_states(S.EXHAUSTED, S.RETRYING)

    async def count(wanted: DeliveryFilter, cap: int) -> Count:
        return await store.count_deliveries(WORKSPACE_ID, wanted, cap)

    assert await count(ALL, 8) == Count(8)
    assert await count(ALL, 7) == Count(7, exact=False)
    assert await count(several, 3) == Count(3)
    assert await count(several, 1) == Count(1, exact=False)


async def test_rows_are_read_again_as_they_are_now(store: Store) -> None:
    await a_history(store)
    rows = {row.id: row for row in await store.deliveries(WORKSPACE_ID, ALL, NEWEST)}

    again = await store.delivery_rows(WORKSPACE_ID, ["dlv_01a", "dlv_99", "dlv_06b"])

    assert list(again) == [rows["dlv_06b"], rows["dlv_01a"]]
    assert again[0].webhook_name == "Gone"
    assert list(await store.delivery_rows(WORKSPACE_ID, [])) == []


async def test_a_delivery_that_is_not_there_is_not_found(store: Store) -> None:
    with pytest.raises(NotFound):
        await store.delivery(WORKSPACE_ID, "dlv_99")


# Tests of webhooks.


def a_test(**changes: Any) -> Delivery:
    """A delivery as a test of a webhook makes it."""
    test = a_delivery(
        id="dlv_0t",
        state=DeliveryState.SENDING,
        due_at=None,
        claims=1,
        trigger=Trigger.TEST,
    )
    return replace(test, **changes)


async def test_a_test_is_kept_and_is_no_part_of_health(store: Store) -> None:
    done = finished(a_test(), a_response(500), at=NOON)
    event = an_event(type="webhook.test")
    audit = an_audit_entry(id="aud_7", action="webhook.tested")

    await store.record_test(event, a_test(), done, audit)

    detail = await store.delivery(WORKSPACE_ID, "dlv_0t")
    after = a_test(state=DeliveryState.EXHAUSTED, attempts=1)
    assert detail == DeliveryDetail(after, event, "CI", a_webhook(), (done.attempt,))
    [row] = await store.deliveries(WORKSPACE_ID, ALL, NEWEST)
    assert row == DeliveryRow(after, "CI", last_attempt(done.attempt))
    health = await store.health(WORKSPACE_ID, NOON)
    assert health == {"whk_ci": WebhookHealth(last=last_attempt(done.attempt))}
    assert (await store.audit_entries(WORKSPACE_ID, NEWEST))[0] == audit
    assert await store.next_due() is None


async def test_a_test_with_a_recorded_event_adds_an_attempt_only(store: Store) -> None:
    await some_events(store, 1)
    await send(store)
    before = await store.delivery(WORKSPACE_ID, "dlv_01a")
    [row] = await store.deliveries(WORKSPACE_ID, ALL, NEWEST)
    test = a_test(id="dlv_01a", event_id="evt_01")
    done = finished(test, a_response(500), at=NOON + MINUTE)

    await store.record_test(before.event, test, done, an_audit_entry())

    after = await store.delivery(WORKSPACE_ID, "dlv_01a")
    extra = replace(done.attempt, number=2)
    assert after == replace(before, attempts=(*before.attempts, extra))
    assert list(await store.deliveries(WORKSPACE_ID, ALL, NEWEST)) == [row]


# Changes.


async def test_the_mark_moves_with_every_change_and_with_nothing_else(
    store: Store,
) -> None:
    marks = [await store.change_mark()]
    await some_events(store, 2)
    marks.append(await store.change_mark())
    claimed = await claim(store)
    marks.append(await store.change_mark())
    await store.record([finished(one) for one in claimed])
    marks.append(await store.change_mark())
    await store.beat(a_beat())
    marks.append(await store.change_mark())

    await store.deliveries(WORKSPACE_ID, ALL, NEWEST)
    await store.next_due()
    assert await store.change_mark() == marks[-1]
    assert len(set(marks)) == len(marks)


async def test_a_claim_of_nothing_moves_no_mark(store: Store) -> None:
    """A worker looks at the mark to learn whether there is work."""
    before = await store.change_mark()

    assert await claim(store) == []

    assert await store.change_mark() == before
