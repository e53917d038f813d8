"""What the console works with. `hookline` builds it; the console opens it after its
first paint, because loading the store takes longer than a person should wait.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    # Only for types: a place to open at is named before the first paint, and the
    # actions load what the core loads.
    from core.actions.caller import Caller
    from core.ports import Send


class LocalWorker(Protocol):
    """A worker that the console runs as a process of its own."""

    @property
    def running(self) -> bool:
        """Whether the process is alive."""

    async def start(self) -> None:
        """Start it. Raises HooklineError when it does not come up."""

    async def stop(self) -> None:
        """Let it finish what is in flight and end."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Who works where, how tests are sent, and the worker the console may run."""

    caller: "Caller"
    send: "Send"
    worker: LocalWorker


OpenDesk = Callable[[], Awaitable[Desk]]
"""Opens the desk. Raises HooklineError saying what is wrong (no database, say)."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the console opens: the list of webhooks, or one webhook or delivery."""

    webhook: str | None = None
    delivery: str | None = None
