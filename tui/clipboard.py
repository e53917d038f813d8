"""Copying over SSH, honestly: each way to copy says what is known about it.

OSC 52 gets no answer, and tmux drops it unless told otherwise; so inside tmux its own
command is used, and what is too long for either goes to a private file.
"""

import asyncio
import base64
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

OSC_52_LIMIT = 74_994  # encoded bytes; beyond it terminals drop the whole sequence
TMUX_PATIENCE = 2.0  # seconds


@dataclass(frozen=True, slots=True)
class Copied:
    """Which way a copy went, and the words to tell the person."""

    how: Literal["tmux", "terminal", "file", "nowhere"]
    words: str


class Clipboard:
    """Copies text by the best way there is."""

    def __init__(
        self,
        folder: Path,
        send: Callable[[str], None],
        *,
        in_tmux: bool = False,
        load_buffer: Callable[[str], Awaitable[bool]] | None = None,
    ) -> None:
        """Say how to copy.

        Args:
            folder: Where the file goes when nothing else is possible.
            send: Writes OSC 52 with this text to the terminal.
            in_tmux: Whether tmux stands between us and the terminal.
            load_buffer: Gives text to tmux and says if it took it.
        """
        self._path = folder / "copied.txt"
        self._send = send
        self._in_tmux = in_tmux
        self._load_buffer = load_buffer or load_tmux_buffer

    async def copy(self, text: str) -> Copied:
        """Copy the text, or put it where it can be fetched."""
        if self._in_tmux:
            if await self._load_buffer(text):
                return Copied(
                    "tmux", "Copied to tmux, which passes it to the terminal."
                )
            return self._to_file(text, "tmux did not take the copy")
        if len(base64.b64encode(_as_bytes(text))) > OSC_52_LIMIT:
            return self._to_file(text, "Too long for the terminal's clipboard")
        self._send(text)
        return Copied("terminal", "Copy sent to the terminal (OSC 52).")

    def _to_file(self, text: str, why: str) -> Copied:
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with os.fdopen(os.open(self._path, flags, 0o600), "wb") as file:
                file.write(_as_bytes(text))
        except OSError as error:
            reason = error.strerror or type(error).__name__
            return Copied("nowhere", f"{why}, and {self._path} is no way: {reason}.")
        return Copied("file", f"{why}: it is in {self._path}")


async def load_tmux_buffer(text: str) -> bool:
    """Give the text to tmux, which also sends it to the outer terminal."""
    try:
        process = await asyncio.create_subprocess_exec(
            *("tmux", "load-buffer", "-w", "-"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
    except OSError:
        return False
    try:
        await asyncio.wait_for(process.communicate(_as_bytes(text)), TMUX_PATIENCE)
    except TimeoutError:
        process.kill()
        await process.wait()
    return process.returncode == 0


def _as_bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
