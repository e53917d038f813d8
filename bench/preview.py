"""From a key in the template to the request beside it: the editor in a pseudo-terminal
of 120 × 40, measured from outside.

    python -m bench.preview [--keys 60]

Each key makes the body one byte longer, so the preview is there when the terminal was
sent the next Content-Length. Printed for a template of 1 KiB, for one whose output is
large, and for a large one; with the bytes for each key and the processor's time.
"""

import argparse
import json
import os
import statistics
import sys
import time
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.pty_session import PtySession, pty_session
from core.access import Actor, Membership, Role
from core.actions.caller import Caller
from core.audit import AuditEntry
from core.draft import WebhookDraft
from core.model import EventType, Workspace
from core.outcome import Failure, FailureKind, Outcome
from core.request import PreparedRequest
from core.secret import Secret
from tests.builders import counting_ids
from tests.memory_store import MemoryStore
from tui.app import ConsoleApp, Surroundings
from tui.desk import Desk
from tui.screens.editor import EditorScreen

BETWEEN_KEYS = 0.12  # seconds: a fast typist
FIELDS = (
    *("id", "status", "currency", "total", "customer", "email"),
    *("country", "city", "street", "zip", "language", "phone"),
)
ROW = ", ".join(f'"{name}": {{{{ row.{name} | tojson }}}}' for name in FIELDS)
SMALL = f"""{{
  "note": "",
  "id": {{{{ event.id | tojson }}}},
  "type": {{{{ event.type | tojson }}}},
  "created_at": {{{{ event.created_at | tojson }}}},
  "workspace": {{{{ workspace | tojson }}}},
  "title": {{{{ data.title | upper | tojson }}}},
  "rows": [
  {{% for row in data.rows %}}
    {{{ROW}}}{{{{ "," if not loop.last }}}}
  {{% endfor %}}
  ],
  {{# padding that a person might have written as a comment about the receiver #}}
  "sender": {{{{ (webhook.name ~ " " ~ delivery.id) | tojson }}}}
}}
"""
COMMENT = "  {# " + "a line of a long template that says nothing " * 2 + "#}\n"
LARGE = SMALL.replace('  "sender"', COMMENT * 200 + '  "sender"')
TEMPLATES = {"small": (SMALL, 2), "large output": (SMALL, 150), "large": (LARGE, 2)}


def payload(rows: int) -> str:
    row = {name: f"{name} of a believable length" for name in FIELDS}
    return json.dumps({"title": "A benchmark", "rows": [row] * rows})


class NoWorker:
    running = False

    async def start(self) -> None: ...

    async def stop(self) -> None: ...


async def refuse(_: PreparedRequest) -> Outcome:
    return Failure(FailureKind.CONNECT, "Nothing is sent here.")


class BenchEditor(ConsoleApp):
    """The program under measurement: the editor on one template."""

    def __init__(self, folder: Path, name: str) -> None:
        super().__init__(Surroundings(folder))
        self.template, self.rows = TEMPLATES[name]

    async def on_ready(self) -> None:
        store, new_id = MemoryStore(), counting_ids()
        workspace = Workspace("wsp_1", "acme", "Acme")
        actor = Actor("ada", (Membership("ada", Role.PLATFORM_ADMIN),))
        now = datetime(2026, 11, 23, 14, 3, 7, tzinfo=UTC)
        entry = AuditEntry("aud_1", workspace.id, now, "ada", "bench", workspace.id)
        kinds = [EventType("bench.event", "", payload(self.rows))]
        await store.add_workspace(workspace, kinds, entry)
        draft = WebhookDraft(
            name="bench",
            url="https://bench.example.com/hooks",
            events="*",
            style="standard",
            secret=Secret("whsec_" + "QUJD" * 10),
            template=self.template,
        )
        caller = Caller(actor, workspace, store, lambda: now, new_id)
        screen = EditorScreen(Desk(caller, refuse, NoWorker()), draft=draft)
        await self.push_screen(screen)


def editor(name: str) -> AbstractContextManager[PtySession]:
    environ = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
    return pty_session([sys.executable, "-m", "bench.preview", "--run", name], environ)


def processor_seconds(seen: PtySession) -> float:
    fields = Path(f"/proc/{seen.pid}/stat").read_text().split()
    return (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")


def first_length(seen: PtySession) -> int:
    """Read the Content-Length off the screen."""
    seen.wait_for(b"Content-Length")
    seen.settle(1.0)
    after = seen.output.rpartition(b"Content-Length")[2].partition(b"\x1b[")[2]
    digits = [part.partition(b"m")[2] for part in after.split(b"\x1b[")[:4]]
    return int(next(word for word in map(bytes.strip, digits) if word.isdigit()))


def measure(name: str, keys: int) -> dict[str, object]:
    with editor(name) as seen:
        length = first_length(seen)
        seen.press(b"\x0f")
        seen.press(b"4")  # the body
        seen.press(b"\x1b[B")
        seen.press(b"\x1b[F")
        seen.press(b"\x1b[D\x1b[D")  # between the quotes of the note
        echoes, times, sizes = [], [], []
        before = processor_seconds(seen)
        for number in range(1, keys + 1):
            seen.output = b""
            began = time.perf_counter()
            seen.type(b"x")
            seen.wait_for(b"x")
            echoes.append((time.perf_counter() - began) * 1000)
            seen.wait_for(str(length + number).encode())
            times.append((time.perf_counter() - began) * 1000)
            seen.settle(BETWEEN_KEYS)
            sizes.append(len(seen.output))
        spent = (processor_seconds(seen) - before) / keys
    times.sort()
    return {
        "template": name,
        "template bytes": len(TEMPLATES[name][0]),
        "body bytes": length,
        "echo ms": round(statistics.median(echoes), 1),
        "median ms": round(statistics.median(times), 1),
        "p95 ms": round(times[int(len(times) * 0.95)], 1),
        "max ms": round(times[-1], 1),
        "cpu ms": round(spent * 1000, 1),
        "bytes": round(statistics.median(sizes)),
    }


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--run", choices=TEMPLATES)
    options.add_argument("--keys", type=int, default=60)
    chosen = options.parse_args()
    if chosen.run:
        with TemporaryDirectory() as folder:
            BenchEditor(Path(folder), chosen.run).run()
        return
    print(json.dumps([measure(name, chosen.keys) for name in TEMPLATES], indent=2))


if __name__ == "__main__":
    main()
