"""Where the parts meet: the only place that makes a clock, ids, randomness and a store.

What a command works with is a `Wiring`; the tests pass one of their own.
"""

import os
import pwd
import random
import secrets
import socket
from base64 import b32encode
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from core.actions.caller import Caller, enter
from core.history import WorkerBeat
from core.ports import Clock, NewId, Send, Store
from core.retry import JITTER
from hookline.settings import Settings

OpenStore = Callable[[Settings], AbstractAsyncContextManager[Store]]
OpenSender = Callable[[], AbstractAsyncContextManager[Send]]

_CROCKFORD = bytes.maketrans(
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", b"0123456789abcdefghjkmnpqrstvwxyz"
)


@dataclass(frozen=True, slots=True)
class Wiring:
    """The settings, who is at the keyboard, and the effects a command may have."""

    settings: Settings
    login: str
    clock: Clock
    new_id: NewId
    entropy: Callable[[int], bytes]
    jitter: Callable[[], float]
    open_store: OpenStore
    create_store: OpenStore
    open_sender: OpenSender

    @asynccontextmanager
    async def caller(self, workspace: str | None = None) -> AsyncIterator[Caller]:
        """Open the store and let the person into a workspace; the store closes after.

        Raises:
            HooklineError: why the store cannot be opened, or the person not let in.
        """
        slug = workspace or self.settings.workspace
        async with self.open_store(self.settings) as store:
            yield await enter(store, self.login, slug, self.clock, self.new_id)


def wire(settings: Settings) -> Wiring:
    """The parts as they are outside of tests."""
    return Wiring(
        settings=settings,
        login=current_login(),
        clock=utc_now,
        new_id=new_id,
        entropy=secrets.token_bytes,
        jitter=lambda: random.uniform(*JITTER),
        open_store=_open_store,
        create_store=_create_store,
        open_sender=_open_sender,
    )


def utc_now() -> datetime:
    """The time."""
    return datetime.now(UTC)


def current_login() -> str:
    """The login of whoever runs the process; the environment could name another."""
    uid = os.geteuid()
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid{uid}"  # a container's user without a name


def new_id(prefix: str) -> str:
    """Draw an id such as `evt_01kb…`: a UUIDv7 in Crockford's base 32.

    Ids sort by the time they were drawn, also those of one millisecond.
    """
    # Only here: commands that draw no id load no extension module for it.
    from uuid_utils import uuid7

    return spell_id(prefix, uuid7().int)


def spell_id(prefix: str, number: int) -> str:
    """Write a UUID's number as an id."""
    # 160 bits make whole letters; the first six are always zero.
    letters = b32encode(number.to_bytes(20, "big"))[6:]
    return f"{prefix}_{letters.translate(_CROCKFORD).decode('ascii')}"


def worker_identity(wiring: Wiring) -> WorkerBeat:
    """Who a worker in this process says it is."""
    from hookline import __version__

    now = wiring.clock()
    return WorkerBeat(
        id=wiring.new_id("wrk"),
        host=socket.gethostname(),
        pid=os.getpid(),
        version=__version__,
        started_at=now,
        seen_at=now,
    )


@asynccontextmanager
async def _open_store(settings: Settings) -> AsyncIterator[Store]:
    from store.opening import open_store

    store = await open_store(settings.database, settings.key_file)
    try:
        yield store
    finally:
        await store.close()


@asynccontextmanager
async def _create_store(settings: Settings) -> AsyncIterator[Store]:
    from store.opening import create_store

    store = await create_store(settings.database, settings.key_file)
    try:
        yield store
    finally:
        await store.close()


def _open_sender() -> AbstractAsyncContextManager[Send]:
    from core.engine.sender import open_sender

    return open_sender()
