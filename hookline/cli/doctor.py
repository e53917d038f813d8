"""`hookline doctor`: check what Hookline needs to run."""

from dataclasses import asdict

from hookline.cli.session import Session, command
from hookline.doctor import Check, Level, examine
from hookline.output import ExitCode
from tui.views.lines import Line, Tone, line

_TONES: dict[Level, Tone] = {Level.OK: "ok", Level.WARN: "warn", Level.FAIL: "bad"}


@command(
    "doctor",
    "hookline doctor",
    "hookline doctor --json | jq '.[] | select(.level != \"ok\")'",
    scoped=False,
)
async def doctor(session: Session) -> ExitCode:
    """Check what Hookline needs to run, and say what to do where something is wrong.

    It ends with 1 when a check fails; a warning is none.
    """
    wiring, interactive = session.wiring, session.interactive
    checks = [check async for check in examine(wiring, has_terminal=interactive)]
    lines = [row for check in checks for row in _lines(check)]
    session.output.show([asdict(check) for check in checks], lines)
    failed = any(check.level is Level.FAIL for check in checks)
    return ExitCode.FAILED if failed else ExitCode.OK


def _lines(check: Check) -> list[Line]:
    level = (f"{check.level:<5}", _TONES[check.level])
    found = line(level, (f"{check.name:<12}", "strong"), check.words)
    return [found, line(" " * 17, check.todo)] if check.todo else [found]
