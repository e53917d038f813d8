"""A desk to try the console at: a memory store with a believable hour behind it.

Fixed clock, fixed ids, the real builder and judge; what receivers answer is a table.
Strangers' texts in it try to steer the terminal, to pass as markup, and to turn around.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from core.access import Actor, Membership, Role
from core.actions.caller import Caller
from core.catalogue import default_catalogue
from core.engine.attempt import make_attempt
from core.errors import HooklineError
from core.headers import Header
from core.history import WorkerBeat
from core.model import Event, Method, Signing, SigningSecret, Webhook, Workspace
from core.outcome import Failure, FailureKind, Outcome, Phases, Response, TlsFacts
from core.ports import NewId
from core.request import PreparedRequest
from core.secret import Secret
from core.work import LEASE, Finished
from tests.builders import (
    HEADER_KEY,
    MINUTE,
    NOON,
    SECOND,
    SIGNING_KEY,
    a_beat,
    a_webhook,
    counting_ids,
    fan_out,
)
from tests.memory_store import MemoryStore
from tui.desk import Desk

ACME = Workspace("wsp_acme", "acme", "Acme")
GLOBEX = Workspace("wsp_globex", "globex", "Globex")
ADA = Actor("ada", (Membership("ada", Role.PLATFORM_ADMIN),))

ESCAPING = "\x1b]52;c;aGFoYQ==\x07"
"""Would write to the clipboard."""
MARKUP = "[/x][@click=app.quit]click[/]"
"""Would crash a console that reads markup, or end it at a click."""
TURNED = "\u202egnp.exe"
"""Reads backwards."""

TLS = TlsFacts(
    version="TLS 1.3",
    cipher="TLS_AES_128_GCM_SHA256",
    subject="CN=erp.acme.example",
    issuer="CN=R11,O=Let's Encrypt",
    expires_at=NOON + 61 * timedelta(days=1),
)


def _phases(wait: float, **changes: object) -> Phases:
    usual = Phases(
        dns=0.0031,
        connect=0.018,
        tls=0.0412,
        send=0.0006,
        wait=wait,
        receive=0.0009,
        peer="203.0.113.9:443",
        tls_facts=TLS,
    )
    return replace(usual, **changes)  # type: ignore[arg-type]


def _answer(status: int, body: bytes, wait: float, **headers: str) -> Response:
    named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    reasons = {200: "OK", 202: "Accepted", 410: "Gone", 503: "Service Unavailable"}
    return Response(
        status,
        reasons.get(status, ""),
        (("content-type", "application/json"), ("server", "nginx"), *named),
        body,
        phases=_phases(wait),
    )


THANKS = _answer(200, b'{"status": "ok", "queued": true}', 0.084)
SLOW = _answer(202, b"", 2.31)
BUSY = _answer(
    503,
    b'{"error": "maintenance", "until": "12:30"}',
    1.137,
    retry_after="300",
    x_trace=f"abc{ESCAPING}",
)
HOSTILE = _answer(
    422,
    f'{{"error": "{ESCAPING}{MARKUP}", "file": "{TURNED}"}}'.encode(),
    0.2,
    x_note=MARKUP,
)
EXPIRED = Failure(
    FailureKind.TLS,
    "The certificate of legacy.acme.example expired on 2026-11-20.",
    Phases(dns=0.002, connect=0.02, tls=0.06, peer="203.0.113.40:443"),
)
SILENT = Failure(
    FailureKind.TIMEOUT,
    "No answer within 15 s: waiting for the answer.",
    _phases(14.94, receive=None),
)
REFUSED = Failure(
    FailureKind.CONNECT,
    "198.51.100.7:8443 refused the connection.",
    Phases(dns=0.004, connect=0.011, peer="198.51.100.7:8443"),
)
GONE = _answer(410, b"", 0.05)

# What a host answers, by how many minutes ago it was asked.
ANSWERS: Mapping[str, Callable[[int], Outcome]] = {
    "erp.acme.example": lambda ago: BUSY if ago < 15 else THANKS,
    "sap-gw.acme.example": lambda ago: SILENT if ago % 3 == 0 else THANKS,
    "collect.bi.example": lambda ago: SLOW,
    "legacy.acme.example": lambda ago: EXPIRED,
    "old-crm.example": lambda ago: GONE,
    "evil.example": lambda ago: HOSTILE,
    "build-7.acme.example": lambda ago: REFUSED if ago < 4 else THANKS,
}


@dataclass
class FixedClock:
    """A clock that stands still until it is moved."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        """The time it shows."""
        return self.now


@dataclass
class FakeWorker:
    """The worker a console may run: it says that it runs."""

    store: MemoryStore
    clock: FixedClock
    running: bool = False
    problem: HooklineError | None = None

    async def start(self) -> None:
        """Start, or raise what was prepared."""
        if self.problem is not None:
            raise self.problem
        self.running = True
        await self.store.beat(_beat(self.clock.now))

    async def stop(self) -> None:
        """Stop."""
        self.running = False
        await self.store.retire("wrk_1")


def _beat(now: datetime) -> WorkerBeat:
    return a_beat(started_at=now - 3 * MINUTE, seen_at=now, in_flight=2, delivered=310)


def _thanks(ago: int) -> Outcome:
    return THANKS


@dataclass
class Receivers:
    """`Send`: each host answers by the table, and the answer takes its time."""

    clock: FixedClock
    answers: Mapping[str, Callable[[int], Outcome]] = field(
        default_factory=lambda: dict(ANSWERS)
    )

    async def __call__(self, request: PreparedRequest) -> Outcome:
        """Answer, and let the clock go on meanwhile."""
        ago = round((NOON - self.clock.now) / MINUTE)
        answer = self.answers.get(request.url.host, _thanks)
        outcome = answer(ago)
        self.clock.now += SECOND * outcome.phases.total
        return outcome


@dataclass
class DemoDesk:
    """A desk, and the parts behind it that a test moves."""

    desk: Desk
    store: MemoryStore
    clock: FixedClock
    receivers: Receivers
    new_id: NewId

    async def open(self) -> Desk:
        """The desk, as the console asks for it."""
        return self.desk

    async def emit(self, event_type: str = "review.completed", count: int = 1) -> None:
        """Let events happen now."""
        payload = _sample(event_type)
        events = [
            Event(self.new_id("evt"), ACME.id, event_type, payload, self.clock.now)
            for _ in range(count)
        ]
        await self.store.accept(events, fan_out(self.new_id))

    async def work(self) -> None:
        """Send what is due, as a worker in another process would."""
        started = self.clock.now
        for claim in await self.store.claim(started, started + LEASE, 1000, {}):
            self.clock.now = started
            attempt = await make_attempt(
                claim, send=self.receivers, clock=self.clock, jitter=1.0
            )
            await self.store.record([Finished(claim.delivery, attempt)])
        self.clock.now = started


async def an_empty_desk() -> DemoDesk:
    """A desk in a new workspace: event types and nothing else; no worker runs."""
    store, clock, new_id = MemoryStore(), FixedClock(), counting_ids()
    caller = Caller(ADA, ACME, store, clock, new_id)
    for workspace in (ACME, GLOBEX):
        entry = caller.audit("workspace.added", workspace.id)
        await store.add_workspace(workspace, default_catalogue(), entry)
    receivers = Receivers(clock)
    desk = Desk(caller, receivers, FakeWorker(store, clock))
    return DemoDesk(desk, store, clock, receivers, new_id)


async def a_busy_desk(*, with_worker: bool = True) -> DemoDesk:
    """A desk with a dozen webhooks and an hour of deliveries until noon."""
    demo = await an_empty_desk()
    for webhook in webhooks():
        caller = demo.desk.caller
        entry = caller.audit("webhook.created", webhook.id)
        await demo.store.add_webhook(webhook, entry)
    types = ("review.started", "review.completed", "finding.created", "member.added")
    for number in range(60):
        demo.clock.now = NOON - (60 - number) * MINUTE + 44.118 * SECOND
        await demo.emit(types[number % len(types)], 1 + (number * 7) % 3)
        await demo.work()
    await _switch_off(demo)
    demo.clock.now = NOON
    await demo.emit("review.failed")
    if with_worker:
        await demo.store.beat(_beat(NOON))
    return demo


async def _switch_off(demo: DemoDesk) -> None:
    caller = demo.desk.caller
    gone = await demo.store.webhook(ACME.id, "crm-contacts")
    reason = "410 Gone: the receiver wants no more events."
    off = replace(gone, active=False, revision=2, disabled_reason=reason)
    await demo.store.deactivate(off, caller.audit("webhook.disabled", gone.id))


def webhooks() -> list[Webhook]:
    """A dozen: healthy, slow, failing in several ways, inactive, and hostile."""
    return [
        _webhook("orders-erp", "https://erp.acme.example/api/v2/orders", **_SECRETS),
        _webhook("invoices-sap", "https://sap-gw.acme.example/hooks"),
        _webhook("bi-ingest", "https://collect.bi.example/v1/events", events=("*",)),
        _webhook("slack-ops", "https://hooks.chat.example/T0/B0", template=_CHAT),
        _webhook("legacy-audit", "https://legacy.acme.example/in"),
        _webhook("crm-contacts", "https://old-crm.example/push", events=("member.*",)),
        _webhook("ci-runner", "https://build-7.acme.example:8443/run"),
        _webhook(
            "staging-mirror", "https://staging.acme.example/hooks", ignore_ssl=True
        ),
        _webhook("data-lake", "https://lake.acme.example/ingest", method=Method.PUT),
        _webhook(
            "pager", "https://pager.example/v2/enqueue", events=("review.failed",)
        ),
        _webhook("nightly", "https://night.acme.example/hooks", active=False),
        _webhook(f"evil {MARKUP}", "https://evil.example/[b]?q=1"),
    ]


_SECRETS = {
    "headers": (Header("X-Env", "prod"), Header("Authorization", Secret(HEADER_KEY))),
    "signing": Signing(
        "acrity",
        (SigningSecret(Secret(SIGNING_KEY), datetime(2026, 11, 1, tzinfo=UTC)),),
    ),
}
_CHAT = """{
  "text": {{ (event.type ~ " in " ~ workspace) | tojson }}
}"""


def _webhook(name: str, url: str, **changes: object) -> Webhook:
    slug = "".join(c for c in name if c.isalnum())[:12]
    plain = a_webhook(
        url,
        id=f"whk_{slug}",
        name=name,
        events=("review.*", "finding.created"),
        created_at=NOON - 9 * MINUTE * 1000,
        updated_at=NOON - 70 * MINUTE,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def _sample(event_type: str) -> bytes:
    samples = {known.name: known.sample for known in default_catalogue()}
    return samples[event_type].encode()
