"""What ties a process to the one that started it: its standard input.

When the other ends, however it ends, that closes. So nothing outlives its starter.
"""

import asyncio
import os
import sys
from collections.abc import Callable


def call_when_stdin_ends(act: Callable[[], None]) -> None:
    """Call once when whoever holds the other end of stdin is gone."""
    loop, descriptor = asyncio.get_running_loop(), sys.stdin.fileno()

    def on_stdin() -> None:
        if not os.read(descriptor, 4096):
            loop.remove_reader(descriptor)
            act()

    loop.add_reader(descriptor, on_stdin)
