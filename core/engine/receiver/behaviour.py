"""How the receiver answers, by the path that is asked for. Pure: the same question
after the same number of others gets the same answer.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import Enum, auto
from types import MappingProxyType
from urllib.parse import parse_qsl

from core.errors import Invalid
from core.explain import status_phrase

MAX_BIG = 64 * 1024 * 1024  # bytes
MAX_SECONDS = 3600.0
_GOLDEN = 0.6180339887

Pairs = tuple[tuple[str, str], ...]


class Manner(Enum):
    """How an answer is given."""

    WHOLE = auto()
    RAW = auto()  # the body is all there is, and it is no HTTP
    DRIP = auto()  # byte by byte
    HANG = auto()
    CLOSE = auto()
    RESET = auto()


@dataclass(frozen=True, slots=True)
class Question:
    """A request as it came in; names of headers are as they were written."""

    method: str
    target: str
    raw_headers: tuple[tuple[bytes, bytes], ...]
    body: bytes

    @property
    def headers(self) -> Pairs:
        """The headers as text, in the order they came."""
        return tuple(
            (name.decode("latin-1"), value.decode("latin-1"))
            for name, value in self.raw_headers
        )


@dataclass(frozen=True, slots=True)
class Answer:
    """What is to be sent back, and how; `delay` in seconds, of `DRIP` for each byte."""

    status: int = 200
    body: bytes = b'{"ok": true}\n'
    kind: str = "application/json"
    headers: Pairs = ()
    delay: float = 0.0
    manner: Manner = Manner.WHOLE

    @property
    def words(self) -> str:
        """What a person calls it."""
        if self.manner in (Manner.WHOLE, Manner.DRIP):
            return f"{self.status} {status_phrase(self.status)}".strip()
        return _MANNERS[self.manner]


_MANNERS = {
    Manner.RAW: "no HTTP",
    Manner.HANG: "no answer",
    Manner.CLOSE: "closed",
    Manner.RESET: "reset",
}


class Parameters:
    """The parameters of a behaviour, checked as they are read."""

    def __init__(self, query: str) -> None:
        self._given = dict(parse_qsl(query, keep_blank_values=True))

    def text(self, name: str, default: str = "") -> str:
        """A text."""
        return self._given.get(name, default)

    def number(self, name: str, default: float, most: float) -> float:
        """A number from 0 to `most`. Raises Invalid."""
        text = self._given.get(name, "")
        if not text:
            return default
        if not re.fullmatch(r"\d{1,9}(\.\d{1,6})?", text) or float(text) > most:
            raise Invalid(f"{name} is a number from 0 to {most:g}, not {text!r}.")
        return float(text)

    def status(self, default: int) -> int:
        """The parameter `status`. Raises Invalid."""
        return checked_status(self._given.get("status", str(default)))

    def retry_after(self, default: str = "") -> Pairs:
        """The header Retry-After, if the parameter asks for it."""
        text = self._given.get("retry_after", default)
        if not (text.isascii() and text.isprintable()):
            raise Invalid("retry_after is seconds or an HTTP date.")
        return (("Retry-After", text),) if text else ()


@dataclass(frozen=True, slots=True)
class Asked:
    """What a behaviour knows: the rest of the path, its parameters, the whole question,
    and how often the same target was asked for before.
    """

    rest: str
    given: Parameters
    question: Question
    before: int


@dataclass(frozen=True, slots=True)
class Behaviour:
    """One way to behave: an example of its path, and what it does in words.

    A `fixed` one depends on the target alone.
    """

    example: str
    words: str
    answer: Callable[[Asked], Answer]
    fixed: bool = True


def checked_status(text: str) -> int:
    """A final status from its digits. Raises Invalid."""
    if re.fullmatch(r"[2-5]\d\d", text):
        return int(text)
    raise Invalid(f"A status is a number from 200 to 599, not {text!r}.")


def is_fixed(target: str) -> bool:
    """Whether this target gets the same answer each time."""
    name, _ = _split(target.partition("?")[0])
    return name not in BEHAVIOURS or BEHAVIOURS[name].fixed


def answer_to(question: Question, before: int) -> Answer:
    """The answer to a question whose target was asked for so many times before."""
    path, _, query = question.target.partition("?")
    name, rest = _split(path)
    behaviour = BEHAVIOURS.get(name)
    if behaviour is None:
        return _nothing_here(path)
    try:
        return behaviour.answer(Asked(rest, Parameters(query), question, before))
    except Invalid as problem:
        return _text(400, f"{problem}\nExample: {behaviour.example}\n")


def describe() -> str:
    """What the receiver can do, line by line."""
    width = max(len(one.example) for one in BEHAVIOURS.values())
    lines = [f"{one.example:<{width}}  {one.words}" for one in BEHAVIOURS.values()]
    return "\n".join(
        (
            "The loopback receiver of Hookline. How it answers is up to the path:",
            "",
            *lines,
            "",
            "More of a path may follow, such as /ok/orders.",
            "",
        )
    )


def _split(path: str) -> tuple[str, str]:
    name, _, rest = path.removeprefix("/").partition("/")
    return name, rest


def _nothing_here(path: str) -> Answer:
    if path in ("", "/"):
        return _text(200, describe())
    return _text(404, f"No behaviour is called {path}. GET / lists them.\n")


def _text(status: int, text: str) -> Answer:
    return Answer(status, text.encode("utf-8", "replace"), "text/plain; charset=utf-8")


def _with_status(status: int, headers: Pairs = ()) -> Answer:
    if status in (204, 304):
        return Answer(status, b"", "", headers)
    if 200 <= status < 300:
        return Answer(status, headers=headers)
    return replace(
        _text(status, f"{status} {status_phrase(status)}\n"), headers=headers
    )


def _ok(asked: Asked) -> Answer:
    return _with_status(asked.given.status(200))


def _status(asked: Asked) -> Answer:
    status = checked_status(asked.rest.partition("/")[0])
    return _with_status(status, asked.given.retry_after())


def _too_many(asked: Asked) -> Answer:
    return _with_status(429, asked.given.retry_after("30"))


def _slow(asked: Asked) -> Answer:
    answer = _with_status(asked.given.status(200))
    seconds = asked.given.number("seconds", 2.0, MAX_SECONDS)
    spread = asked.given.number("spread", 0.0, 1.0)
    # Steps of the golden ratio: spread evenly, and yet no two in a row are alike.
    share = (asked.before * _GOLDEN) % 1.0 * 2 - 1
    return replace(answer, delay=seconds * (1 + spread * share))


def _redirect(asked: Asked) -> Answer:
    target = asked.given.text("to", "/ok")
    if not target.isprintable() or not target.isascii():
        raise Invalid("to is a URL in ASCII.")
    return _with_status(asked.given.status(302), (("Location", target),))


def _flaky(asked: Asked) -> Answer:
    share = asked.given.number("fail", 0.3, 1.0)
    # Spread evenly: of n questions, n times the share have failed, never by chance.
    fails = int((asked.before + 1) * share + 1e-9) > int(asked.before * share + 1e-9)
    if fails:
        return _with_status(asked.given.status(503), asked.given.retry_after())
    return _with_status(200)


def _echo(asked: Asked) -> Answer:
    question = asked.question
    head = "".join(f"{name}: {value}\r\n" for name, value in question.headers)
    line = f"{question.method} {question.target} HTTP/1.1\r\n"
    body = (line + head + "\r\n").encode("latin-1") + question.body
    return Answer(asked.given.status(200), body, "text/plain; charset=utf-8")


def _big(asked: Asked) -> Answer:
    size = int(asked.given.number("bytes", 1024 * 1024, MAX_BIG))
    return Answer(asked.given.status(200), b"x" * size, "text/plain")


def _drip(asked: Asked) -> Answer:
    size = int(asked.given.number("bytes", 1000, MAX_BIG))
    pause = asked.given.number("seconds", 0.5, MAX_SECONDS)
    return Answer(200, b"." * size, "text/plain", delay=pause, manner=Manner.DRIP)


def _garbage(asked: Asked) -> Answer:
    return Answer(0, b"\x00\x01 220 this is no HTTP\r\n\r\n", manner=Manner.RAW)


def _only(manner: Manner) -> Callable[[Asked], Answer]:
    return lambda asked: Answer(0, b"", manner=manner)


BEHAVIOURS: Mapping[str, Behaviour] = MappingProxyType(
    {
        "ok": Behaviour("/ok", "200, or ?status=204", _ok),
        "status": Behaviour("/status/503?retry_after=5", "any status", _status),
        "too-many": Behaviour(
            "/too-many?retry_after=30", "429 with Retry-After", _too_many
        ),
        "slow": Behaviour(
            "/slow?seconds=2&spread=0.5", "200 after a while", _slow, fixed=False
        ),
        "hang": Behaviour("/hang", "never answers", _only(Manner.HANG)),
        "reset": Behaviour("/reset", "resets the connection", _only(Manner.RESET)),
        "close": Behaviour("/close", "hangs up without a word", _only(Manner.CLOSE)),
        "redirect": Behaviour("/redirect?to=/ok", "302 with Location", _redirect),
        "flaky": Behaviour(
            "/flaky?fail=0.3&status=503",
            "fails so often, evenly spread",
            _flaky,
            fixed=False,
        ),
        "echo": Behaviour("/echo", "the request itself, as text", _echo, fixed=False),
        "big": Behaviour("/big?bytes=1048576", "a large body", _big),
        "drip": Behaviour("/drip?seconds=0.5&bytes=1000", "byte by byte", _drip),
        "garbage": Behaviour("/garbage", "answers, but not in HTTP", _garbage),
    }
)
