"""The command line as a function: words in; exit code, stdout and stderr out.

It runs over a store in memory, with the time, the ids and the answers of receivers
given, so that all that is printed can be compared whole.
"""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO, Any, Protocol

from click.testing import CliRunner

from core.access import Membership, Role
from core.catalogue import default_catalogue
from core.model import Webhook
from core.outcome import Outcome
from core.ports import Send, Store
from core.request import PreparedRequest
from hookline.cli.main import run
from hookline.cli.session import Session
from hookline.output import Output
from hookline.settings import Settings, Terminal
from hookline.wiring import Wiring
from tests.builders import (
    NOON,
    WORKSPACE_ID,
    a_response,
    a_workspace,
    an_audit_entry,
    counting_ids,
)
from tests.memory_store import MemoryStore

MEMBERS = (
    Membership("grace", Role.PLATFORM_ADMIN),
    Membership("ada", Role.WORKSPACE_ADMIN, WORKSPACE_ID),
    Membership("linus", Role.MAINTAINER, WORKSPACE_ID),
)


@dataclass(frozen=True)
class Ended:
    """How a run of the program ended."""

    code: int
    out: str = ""
    err: str = ""

    @property
    def json(self) -> Any:
        """What was printed, as JSON."""
        return json.loads(self.out)


class Hookline(Protocol):
    """The program, to be called with what is typed."""

    def __call__(
        self,
        *args: str,
        stdin: str | bytes | IO[bytes] | None = None,
        interactive: bool = False,
    ) -> Ended:
        """Run a command line; `interactive` lets it ask, and stdin answers."""


def at_keyboard(settings: Settings, wire: Callable[[], Wiring]) -> Hookline:
    """The program over these settings and effects."""

    def program(
        *args: str,
        stdin: str | bytes | IO[bytes] | None = None,
        interactive: bool = False,
    ) -> Ended:
        def begin(output: Output) -> Session:
            return Session(
                output=output,
                load_settings=lambda: settings,
                wire=lambda _: wire(),
                interactive=interactive,
            )

        with CliRunner().isolation(input=stdin) as (out, err, _):
            code = run(args, begin=begin)
            sys.stdout.flush()
            sys.stderr.flush()
        return Ended(code, out.getvalue().decode(), err.getvalue().decode())

    return program


@dataclass
class Program:
    """Hookline over a store in memory; `ada` is at the keyboard of workspace acme."""

    home: Path
    store: MemoryStore = field(default_factory=MemoryStore)
    login: str = "ada"
    now: datetime = NOON
    outcome: Outcome = field(default_factory=a_response)
    sent: list[PreparedRequest] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._new_id = counting_ids()
        asyncio.run(self._found())

    def __call__(
        self,
        *args: str,
        stdin: str | bytes | IO[bytes] | None = None,
        interactive: bool = False,
        as_login: str | None = None,
    ) -> Ended:
        """Run a command line; `interactive` lets it ask, and stdin answers."""
        settings = Settings(self.home, terminal=Terminal("xterm-256color"))
        login = as_login or self.login
        program = at_keyboard(settings, lambda: self.wiring(settings, login))
        return program(*args, stdin=stdin, interactive=interactive)

    def wiring(self, settings: Settings, login: str) -> Wiring:
        """What the program works with here."""
        return Wiring(
            settings=settings,
            login=login,
            clock=lambda: self.now,
            new_id=self._new_id,
            entropy=lambda size: bytes(range(size)),
            jitter=lambda: 1.0,
            open_store=self._open_store,
            create_store=self._open_store,
            open_sender=self._open_sender,
        )

    @asynccontextmanager
    async def _open_store(self, settings: Settings) -> AsyncIterator[Store]:
        yield self.store

    @asynccontextmanager
    async def _open_sender(self) -> AsyncIterator[Send]:
        async def send(request: PreparedRequest) -> Outcome:
            self.sent.append(request)
            return self.outcome

        yield send

    def add(self, webhook: Webhook) -> Webhook:
        """Put a webhook into the store, as somebody did before."""
        asyncio.run(self.store.add_webhook(webhook, an_audit_entry(id="aud_000000")))
        return webhook

    def webhook(self, id_or_name: str) -> Webhook:
        """A webhook as it is saved."""
        return asyncio.run(self.store.webhook(WORKSPACE_ID, id_or_name))

    def payload(self, event_id: str) -> bytes:
        """An event's data as it is kept."""
        return asyncio.run(self.store.event(WORKSPACE_ID, event_id)).payload

    def deliver(self) -> Ended:
        """Run a worker until nothing is due."""
        return self("worker", "--until-idle", as_login="grace")

    async def _found(self) -> None:
        entry = an_audit_entry(id="aud_000000")
        await self.store.add_workspace(a_workspace(), default_catalogue(), entry)
        for member in MEMBERS:
            await self.store.set_member(member, entry)
