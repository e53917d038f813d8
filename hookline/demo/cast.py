"""Who is in the demo: three workspaces, their people, and their webhooks.

Each webhook has a URL to look at in pictures, the place of the loopback receiver that
behaves like it, and the answers it gave in the past.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import sha256

from core.access import Role
from core.draft import WebhookDraft
from core.headers import Header
from core.secret import Secret
from core.signing import new_secret, style_named
from hookline.demo.answers import (
    Answer,
    expired,
    json_body,
    no_answer,
    refused,
    reset,
    says,
    sometimes,
    until,
)

Bases = Mapping[str, str]
"""Where the loopback receiver listens: a URL for each kind of listener, by its name."""


@dataclass(frozen=True, slots=True)
class Place:
    """A tenant, and how many seconds pass there between two scenes."""

    slug: str
    name: str
    pace: float


PLACES = (
    Place("acme", "Acme Corporation", 55.0),
    Place("northwind", "Northwind Traders", 130.0),
    Place("initech", "Initech", 170.0),
)

PEOPLE = (
    ("grace", Role.WORKSPACE_ADMIN, "acme"),
    ("linus", Role.MAINTAINER, "acme"),
    ("margaret", Role.BILLING_MANAGER, "acme"),
    ("radia", Role.WORKSPACE_ADMIN, "northwind"),
    ("peter", Role.MEMBER, "initech"),
)


@dataclass(frozen=True, slots=True)
class Part:
    """A webhook of the demo."""

    workspace: str
    draft: WebhookDraft
    """As it is saved; its URL is the one for pictures."""
    behaves: str
    """The listener and path of the receiver that behaves like it: `http /ok/ci`."""
    answer: Answer
    """What it answered in the past."""

    @property
    def name(self) -> str:
        """The webhook's name."""
        return self.draft.name

    def placed(self, bases: Bases | None) -> WebhookDraft:
        """The draft with its URL at the receiver, or with the picture's if none is."""
        if bases is None:
            return self.draft
        listener, path = self.behaves.split()
        return replace(self.draft, url=bases[listener] + path)


def demo_secret(name: str, style: str) -> Secret:
    """The signing secret of a demo webhook: of no worth, for anyone can compute it."""
    entropy = sha256(f"hookline demo {name}".encode()).digest()
    return new_secret(style_named(style), entropy)


def _part(
    workspace: str,
    name: str,
    *,
    url: str,
    events: str,
    behaves: str,
    answer: Answer,
    style: str | None = "acrity",
    **fields: object,
) -> Part:
    secret = demo_secret(name, style) if style else None
    draft = WebhookDraft(name=name, url=url, events=events, style=style, secret=secret)
    return Part(workspace, replace(draft, **fields), behaves, answer)  # type: ignore[arg-type]


_SLACK = """\
{
  "text": {{ (data.review.title ~ ": " ~ data.review.verdict) | tojson }},
  "blocks": [
    {"type": "section", "text": {"type": "mrkdwn", "text":
      {{ ("*" ~ data.repository ~ "* #" ~ data.review.pull_request) | tojson }}}},
    {% for finding in data.findings %}
    {"type": "context", "elements": [{"type": "mrkdwn", "text":
      {{ (finding.severity ~ ": " ~ finding.message) | tojson }}}]},
    {% endfor %}
    {"type": "divider"}
  ]
}
"""
# `review.failed` has no title: this template breaks over it, and the demo shows how.
_TEAM_FEED = """\
{"channel": "reviews",
 "line": {{ (data.author ~ ": " ~ data.review.title) | tojson }}}
"""
_TPS = """\
<?xml version="1.0"?>
<report id="{{ event.id | e }}" type="{{ event.type | e }}">
  <at>{{ event.created_at | e }}</at>
  <repository>{{ data.repository | default("none") | e }}</repository>
</report>
"""
_ERP_DOWN = """\
<html><head><title>500 Internal Server Error</title></head>
<body><h1>Internal Server Error</h1><p>ORA-12541: TNS:no listener</p></body></html>
"""
_HURRIED = (0, 5, 20, 60)  # seconds; gives up while one watches

OLD_WIKI = "Old wiki"
CHAT_BOT = "Chat bot"
PRINTER = "Printer queue"
SHOP = "Shop backend"
SHOP_TYPO = "https://shop.nortwind.example/webhooks/acrity"
METRICS = "Metrics gateway"
METRICS_INSIDE = "http://10.20.0.15:9091/push"
CI = "CI pipeline"
PARTNER = "Partner portal"

PARTS = (
    _part(
        "acme",
        CI,
        url="https://ci.acme.example/hooks/review",
        events="review.*",
        behaves="http /slow/ci?seconds=0.05&spread=0.7",
        answer=says(200, json_body(queued=True, pipeline="review-gate")),
        headers=(
            Header("X-Team", "platform"),
            Header("X-Build-Token", Secret("bld_demo_4f9d27c1a0")),
        ),
    ),
    _part(
        "acme",
        "Slack #reviews",
        url="https://hooks.slack.example/services/T024/B7QX",
        events="review.completed",
        behaves="https /slow/slack?seconds=0.14&spread=0.6",
        answer=says(200, "ok", kind="text/plain", wait=(0.06, 0.22)),
        style=None,
        template=_SLACK,
    ),
    _part(
        "acme",
        "Data warehouse",
        url="https://ingest.warehouse.example/v2/acrity",
        events="*",
        behaves="http /slow/warehouse?seconds=0.8&spread=0.6&status=202",
        answer=says(202, json_body(accepted=1), wait=(0.5, 1.6)),
        style="standard",
    ),
    _part(
        "acme",
        "Legacy ERP",
        url="http://erp.acme.example:8080/cgi-bin/notify",
        events="repository.*, member.*, finding.created",
        behaves="http /status/500/erp",
        answer=until(
            38,
            says(200, "OK", kind="text/plain"),
            says(500, _ERP_DOWN, kind="text/html", wait=(0.2, 0.9)),
        ),
        content_type="application/x-www-form-urlencoded",
    ),
    _part(
        "acme",
        "On-call relay",
        url="https://events.oncall.example/v1/enqueue",
        events="connector.*, credential.*, repository.blocked, review.failed",
        behaves="http /flaky/oncall?fail=0.6&status=429&retry_after=30",
        answer=sometimes(
            0.55,
            says(
                429,
                json_body(error="rate_limited"),
                ("Retry-After", "30"),
                ("X-RateLimit-Remaining", "0"),
            ),
            says(200, json_body(status="success")),
        ),
        style="standard",
    ),
    _part(
        "acme",
        "Audit archive",
        url="https://archive.acme.example/webhooks/audit",
        events="member.*, api_key.*, credential.*",
        behaves="http /flaky/archive?fail=0.2&status=503",
        answer=sometimes(
            0.2, says(503, "upstream timed out", kind="text/plain"), says(200)
        ),
        method="PUT",
        style="standard",
    ),
    _part(
        "acme",
        "Staging mirror",
        url="https://staging.acme.example:8443/hooks",
        events="review.completed, review.failed",
        behaves="self-signed /ok/staging?status=204",
        answer=says(204, ""),
        ignore_ssl=True,
    ),
    _part(
        "acme",
        PARTNER,
        url="https://portal.partner.example/in/acme",
        events="review.completed",
        behaves="expired /ok/partner",
        answer=until(95, says(200), expired),
        schedule=_HURRIED,
        headers=(Header("Authorization", Secret("Bearer demo-7bb1c6e2f4")),),
    ),
    _part(
        "acme",
        CHAT_BOT,
        url="https://bot.chat.example/acme",
        events="finding.created",
        behaves="http /ok/bot",
        answer=says(200),
        style=None,
    ),
    _part(
        "acme",
        OLD_WIKI,
        url="http://wiki.acme.example/rpc",
        events="repository.*, review.skipped",
        behaves="http /status/404/wiki",
        answer=says(404, "no such page", kind="text/plain"),
        style=None,
    ),
    _part(
        "northwind",
        SHOP,
        url="https://shop.northwind.example/webhooks/acrity",
        events="*",
        behaves="http /slow/shop?seconds=0.04&spread=0.5",
        answer=says(200, json_body(received=True)),
        style="standard",
    ),
    _part(
        "northwind",
        "Billing",
        url="https://billing.northwind.example/hooks",
        events="member.*, api_key.*, repository.connected",
        behaves="http /hang/billing",
        answer=no_answer,
        timeout=3.0,
    ),
    _part(
        "northwind",
        "Docs site",
        url="http://docs.northwind.example/hook",
        events="repository.ready, review.skipped",
        behaves="http /redirect/docs?status=301&to=https://docs.northwind.example/hook",
        answer=says(301, "", ("Location", "https://docs.northwind.example/hook")),
    ),
    _part(
        "northwind",
        "Team feed",
        url="https://chat.northwind.example/hooks/9dk2",
        events="review.started, review.failed",
        behaves="http /slow/feed?seconds=0.09&spread=0.4",
        answer=says(200),
        template=_TEAM_FEED,
        schedule=_HURRIED,
    ),
    _part(
        "initech",
        "TPS reports",
        url="http://tps.initech.example/cover-sheet",
        events="review.*, repository.*",
        behaves="http /reset/tps",
        answer=until(55, says(200, "<ok/>", kind="application/xml"), reset),
        template=_TPS,
        content_type="application/xml",
    ),
    _part(
        "initech",
        PRINTER,
        url="https://printer.initech.example/jobs",
        events="review.completed",
        behaves="http /status/410/printer",
        answer=until(70, says(200), says(410, "PC LOAD LETTER", kind="text/plain")),
    ),
    _part(
        "initech",
        METRICS,
        url="http://metrics.initech.example:9091/push",
        events="finding.created, review.completed",
        behaves="closed /push",
        answer=until(60, says(200), refused),
    ),
)
