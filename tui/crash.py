"""What happens when the console itself is wrong: a report on disk, one line on screen.

Textual prints the local variables of each frame, and those hold secrets. The report
holds the traceback without them, in a file that only its owner can read.
"""

import os
from datetime import datetime
from pathlib import Path
from traceback import TracebackException


def write_report(error: BaseException, folder: Path, now: datetime) -> Path:
    """Write the traceback, without local variables, to a new private file."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"crash-{now:%Y%m%d-%H%M%S}-{os.getpid()}.txt"
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW
    lines = TracebackException.from_exception(error, capture_locals=False).format()
    with os.fdopen(os.open(path, flags, 0o600), "w", encoding="utf-8") as report:
        report.writelines(lines)
    return path


def last_words(error: BaseException, folder: Path, now: datetime) -> str:
    """Write the report and return the one line that says so."""
    kind = type(error).__name__
    try:
        path = write_report(error, folder, now)
    except OSError as problem:
        reason = problem.strerror or type(problem).__name__
        return (
            f"The console stopped on a mistake of its own ({kind}); "
            f"no report could be written to {folder}: {reason}."
        )
    return (
        f"The console stopped on a mistake of its own ({kind}). Accepted events are "
        f"safe and delivery goes on in a worker. Report: {path}"
    )
