"""One request on its way and its response as it arrives: what the two sides share.

The connection pushes into it from the event loop's callbacks; one task at a time waits
on it, first for the head, then as the response's stream. It may outlive its connection:
a response that is complete is read from here while the connection serves another.
"""

import asyncio
from typing import Protocol, Self

import httpx

from core.engine.timing import RECEIVE, SEND, Timing
from core.engine.transport.reader import RawHeaders

MAX_UNREAD = 256 * 1024  # bytes of body; beyond it the receiver has to wait for us


class Line(Protocol):
    """What an exchange asks of the connection that carries it."""

    def pause(self) -> None:
        """Read no more for now."""

    def resume(self) -> None:
        """Read on."""

    def abort(self) -> None:
        """Close at once: nobody wants the rest."""


class Exchange(httpx.AsyncByteStream):
    """A response in progress; iterated once, it is the body as it was sent.

    It ends `complete`, or with an `error`, or because its reader left; whoever of
    these comes first lets go of the connection and stops the timing.
    """

    def __init__(self, timing: Timing, patience: float | None = None) -> None:
        self.timing = timing
        self.status = 0
        self.version = ""
        self.reason = b""
        self.headers: RawHeaders = []
        self.heard = False
        self.complete = False
        self.error: Exception | None = None
        self.line: Line | None = None
        self._loop = asyncio.get_running_loop()
        self._patience = patience  # seconds to wait for the head, or for more body
        self._waiter: asyncio.Future[None] | None = None
        self._unread = bytearray()
        self._is_paused = False

    def __repr__(self) -> str:
        if self.error is not None:
            state = f"failed: {type(self.error).__name__}"
        elif self.complete:
            state = "complete"
        else:
            state = "under way" if self.line is not None else "not carried"
        return f"<Exchange {self.status or 'unanswered'} {state}>"

    # The connection's side.

    def hear(self) -> None:
        """A byte of the receiver has come."""
        self.heard = True
        if self.timing.phase != RECEIVE:
            self.timing.enter(RECEIVE)

    def head(self, status: int, reason: bytes, version: str, raw: RawHeaders) -> None:
        """The final response's head is complete."""
        self.status = status
        self.reason = reason
        self.version = version
        self.headers = raw

    def body(self, data: bytes) -> None:
        """Some bytes of the body; hold the receiver back while nobody reads them."""
        self._unread += data
        if len(self._unread) > MAX_UNREAD and not self._is_paused and self.line:
            self._is_paused = True
            self.line.pause()

    def finish(self) -> None:
        """The response is complete."""
        self.complete = True
        self._let_go()

    def fail(self, error: Exception) -> None:
        """No more will come, for this reason."""
        self.error = error
        self._let_go()

    def wake(self) -> None:
        """Tell the task that waits that there is news."""
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    # The task's side.

    async def answered(self) -> None:
        """Wait for the response's head.

        Raises:
            httpx.TransportError: why there is none.
        """
        while not self.status:
            if self.error is not None:
                raise self.error
            await self._news()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        while not self._unread:
            if self.complete:
                raise StopAsyncIteration
            if self.error is not None:
                raise self.error
            if self.line is None:
                raise httpx.StreamClosed
            await self._news()
        data = bytes(self._unread)
        self._unread.clear()
        if self._is_paused:
            self._read_on()
        return data

    async def aclose(self) -> None:
        """Drop what was not read; if more would come, close the connection."""
        self._unread.clear()
        if self.line is not None:
            self.abandon()

    def abandon(self) -> None:
        """Leave, at whatever point this is, and close the connection."""
        line = self.line
        self._let_go()
        if line is not None:
            line.abort()

    async def _news(self) -> None:
        self._waiter = self._loop.create_future()
        timer = None
        if self._patience is not None:
            timer = self._loop.call_later(self._patience, self._give_up)
        try:
            await self._waiter
        except BaseException:  # the deadline of the caller, mostly
            self.abandon()
            raise
        finally:
            self._waiter = None
            if timer is not None:
                timer.cancel()

    def _give_up(self) -> None:
        if self._waiter is None or self._waiter.done():
            return  # news came in the very last moment
        line = self.line
        late = f"within {self._patience:g} s"
        if self.timing.phase == SEND:
            self.fail(httpx.WriteTimeout(f"The request was not taken {late}."))
        else:
            self.fail(httpx.ReadTimeout(f"Nothing more was answered {late}."))
        if line is not None:
            line.abort()

    def _read_on(self) -> None:
        self._is_paused = False
        if self.line is not None:
            self.line.resume()

    def _let_go(self) -> None:
        self.timing.stop()
        if self._is_paused:
            self._read_on()
        self.line = None
        self.wake()
