"""What came of the demo's deliveries, as the sender and as the receiver saw it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from core.engine.receiver import Received
from core.explain import why
from core.history import DeliveryFilter
from core.model import DeliveryState, Webhook, Workspace
from core.outcome import Failure, Outcome
from core.ports import Send, Store
from core.request import PreparedRequest


class OutcomeTally:
    """A `Send` that counts outcomes by the URL they came from."""

    def __init__(self, send: Send) -> None:
        self.outcomes: Counter[tuple[str, str]] = Counter()
        self.delivered: Counter[str] = Counter()
        self._send = send

    async def __call__(self, request: PreparedRequest) -> Outcome:
        """Send it, and count."""
        outcome = await self._send(request)
        url = str(request.url)
        self.outcomes[url, outcome_words(outcome)] += 1
        self.delivered[url] += outcome.is_success
        return outcome


class SignatureTally:
    """Counts what the receiver found of the signatures."""

    def __init__(self) -> None:
        self.found: Counter[bool | None] = Counter()

    def __call__(self, received: Received) -> None:
        """Count a request."""
        self.found[received.check.verified] += 1

    @property
    def form(self) -> dict[str, int]:
        """The counts by name."""
        names = {"verified": True, "refused": False, "unsigned": None}
        return {name: self.found[found] for name, found in names.items()}


@dataclass(frozen=True, slots=True)
class WebhookTally:
    """How one webhook fared: attempts by outcome, and its deliveries by state."""

    workspace: str
    name: str
    delivered: int
    failed: int
    outcomes: Mapping[str, int]
    states: Mapping[str, int]

    @property
    def form(self) -> dict[str, object]:
        """The counts for programs."""
        return {
            "workspace": self.workspace,
            "name": self.name,
            "delivered": self.delivered,
            "failed": self.failed,
            "outcomes": dict(self.outcomes),
            "states": dict(self.states),
        }


def outcome_words(outcome: Outcome) -> str:
    """What an outcome is counted under: `429 Too Many Requests`, `timeout`."""
    return outcome.kind.value if isinstance(outcome, Failure) else why(outcome)


async def webhook_tally(
    store: Store, workspace: Workspace, webhook: Webhook, tally: OutcomeTally
) -> WebhookTally:
    """Count for one webhook."""
    url = str(webhook.url)
    outcomes = {
        words: count for (at, words), count in tally.outcomes.items() if at == url
    }
    states = {}
    for state in DeliveryState:
        wanted = DeliveryFilter(webhook.id, frozenset({state}))
        states[state.value] = (await store.count_deliveries(workspace.id, wanted)).value
    delivered = tally.delivered[url]
    return WebhookTally(
        workspace=workspace.slug,
        name=webhook.name,
        delivered=delivered,
        failed=sum(outcomes.values()) - delivered,
        outcomes=dict(sorted(outcomes.items())),
        states={state: count for state, count in states.items() if count},
    )
