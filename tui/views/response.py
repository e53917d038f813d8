"""What came of an attempt as lines: the answer, or the failure with what to do.

Pure; the sentences are those of `core.explain`.
"""

from collections.abc import Iterator

from core.explain import remedy, status_phrase, why
from core.outcome import MAX_BODY, Failure, Outcome, Phases, Response, TlsFacts
from tui.views.lines import Line, Tone, body_lines, line, size_words
from tui.views.request import content_type_of, header_line

_PHASES = ("dns", "connect", "tls", "send", "wait", "receive")
_BARS_FROM = 18  # cells: the phase's name, its duration and the gaps
_EIGHTHS = "▏▎▍▌▋▊▉█"
_SHORTEST = 1e-9  # seconds; below it there is nothing to share out


def outcome_lines(outcome: Outcome) -> list[Line]:
    """Status line, headers and body; or kind, sentence and remedy of a failure."""
    if isinstance(outcome, Failure):
        return [
            line(("✖ no answer ", "bad"), (f"({outcome.kind})", "muted")),
            (),
            line((outcome.detail, "prose")),
            line((remedy(outcome), "prose")),
        ]
    return [
        _status_line(outcome),
        *(header_line(name, value) for name, value in outcome.headers),
        (),
        *body_lines(outcome.body, content_type_of(outcome.headers)),
        *_cut(outcome),
    ]


def headline(outcome: Outcome) -> Line:
    """The outcome in one line, such as `✖ 503 Service Unavailable · 1.20 s`."""
    mark, tone = _sign(outcome)
    took = f" · {duration_words(outcome.phases.total)}"
    return line((f"{mark} {why(outcome)}", tone), (took, "muted"))


def phase_lines(phases: Phases, width: int) -> list[Line]:
    """The parts of an attempt below one another, each bar where the one above ends.

    Args:
        phases: how long each took.
        width: cells there are for a line.
    """
    parts = [
        (name, seconds)
        for name in _PHASES
        if (seconds := getattr(phases, name)) is not None
    ]
    if not parts:
        return [line(("nothing was sent", "muted"))]
    bars = _bars(parts, phases.total, max(8, width - _BARS_FROM))
    return [*bars, (), *_connection(phases)]


def duration_words(seconds: float) -> str:
    """A duration as a person reads it: `0.4 ms`, `41 ms`, `1.20 s`."""
    if seconds < 0.01:
        return f"{seconds * 1000:.1f} ms"
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    return f"{seconds:.2f} s"


def _sign(outcome: Outcome) -> tuple[str, Tone]:
    return ("✔", "ok") if outcome.is_success else ("✖", "bad")


def _status_line(response: Response) -> Line:
    phrase = response.reason or status_phrase(response.status)
    tone = _sign(response)[1]
    return line(("HTTP/1.1 ", "muted"), (f"{response.status} {phrase}".strip(), tone))


def _cut(response: Response) -> list[Line]:
    if not response.truncated:
        return []
    words = f"… cut here: Hookline keeps the first {size_words(MAX_BODY)} of an answer"
    return [line((words, "warn"))]


def _bars(parts: list[tuple[str, float]], total: float, cells: int) -> Iterator[Line]:
    longest = max(seconds for _, seconds in parts)
    begin = 0.0
    for name, seconds in parts:
        tone: Tone = "accent" if seconds == longest else "muted"
        yield line(
            f"{name:<8}",
            f"{duration_words(seconds):>8}  ",
            (_bar(begin, seconds, total, cells), tone),
        )
        begin += seconds
    yield line((f"{'total':<8}{duration_words(total):>8}", "strong"))


def _bar(begin: float, seconds: float, total: float, cells: int) -> str:
    if total < _SHORTEST:
        return _EIGHTHS[0]
    eighths = cells * 8 / total
    left = min(int(begin * eighths / 8), cells - 1)
    length = max(1, min(round(seconds * eighths), (cells - left) * 8))
    full, rest = divmod(length, 8)
    return " " * left + _EIGHTHS[-1] * full + (_EIGHTHS[rest - 1] if rest else "")


def _connection(phases: Phases) -> Iterator[Line]:
    if phases.peer:
        how = "an open connection was used again" if phases.reused else "connected"
        yield line(("peer  ", "muted"), phases.peer, (f"  {how}", "muted"))
    if phases.tls_facts:
        yield from _tls(phases.tls_facts)


def _tls(facts: TlsFacts) -> Iterator[Line]:
    yield line(("tls   ", "muted"), f"{facts.version}  {facts.cipher}")
    if facts.subject is None:
        yield line(("      the certificate was not verified", "warn"))
        return
    yield line(("for   ", "muted"), facts.subject)
    yield line(("by    ", "muted"), facts.issuer or "an unnamed issuer")
    if facts.expires_at:
        yield line(("until ", "muted"), f"{facts.expires_at:%F %R} UTC")
