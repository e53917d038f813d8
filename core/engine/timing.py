"""Where an attempt is at this moment, and how long each of its phases took.

The one mutable value the sender and the transport share: the sender makes it, the
transport fills it as it goes, so it tells the truth after an answer, an error and a
cancellation alike.
"""

from collections.abc import Callable
from time import monotonic
from typing import Final, Literal

from core.outcome import Phases, TlsFacts

Phase = Literal["dns", "connect", "tls", "send", "wait", "receive"]
"""The parts of an attempt, in their order; they neither overlap nor leave gaps."""

DNS: Final = "dns"
CONNECT: Final = "connect"
TLS: Final = "tls"
SEND: Final = "send"
WAIT: Final = "wait"
RECEIVE: Final = "receive"


class Timing:
    """The clock card of one attempt.

    After the attempt `phase` is the one in which it ended. A phase that was entered
    twice (a stale connection was replaced) has the sum, so `phases().total` is always
    what the whole attempt took. The clock is not the event loop's, for uvloop's stands
    still within an iteration.
    """

    __slots__ = ("_clock", "_seconds", "_since", "peer", "phase", "reused", "tls_facts")

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self.phase: Phase | None = None
        self.reused = False
        self.peer: str | None = None
        self.tls_facts: TlsFacts | None = None
        self._clock = clock
        self._since: float | None = None
        self._seconds: dict[Phase, float] = {}

    def __repr__(self) -> str:
        state = "running" if self._since is not None else "stopped"
        spent = " ".join(
            f"{name}={s * 1000:.1f}ms" for name, s in self._seconds.items()
        )
        return f"<Timing {state} in {self.phase}: {spent or 'nothing yet'}>"

    def enter(self, phase: Phase) -> None:
        """Begin a phase, which ends the one before."""
        now = self._clock()
        self._spend(now)
        self.phase = phase
        self._since = now

    def stop(self) -> None:
        """End the phase that is running, if one is."""
        self._spend(self._clock())

    def _spend(self, now: float) -> None:
        if self._since is not None and self.phase is not None:
            before = self._seconds.get(self.phase, 0.0)
            self._seconds[self.phase] = before + now - self._since
            self._since = None

    def phases(self) -> Phases:
        """What was measured so far, as the value that history keeps."""
        return Phases(
            **self._seconds,
            reused=self.reused,
            peer=self.peer,
            tls_facts=self.tls_facts,
        )
