"""What a body is: the JSON envelope when there is no template, and whether a body is
what its content type says.
"""

import codecs
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NoReturn
from urllib.parse import parse_qsl, quote_plus
from xml.parsers import expat

from core.errors import InvalidPayload
from core.model import MAX_PAYLOAD, Event

FORM = "application/x-www-form-urlencoded"
MAX_DEPTH = 100  # levels of JSON; a deeper stack than here must still read it


@dataclass(frozen=True, slots=True)
class Finding:
    """Why a body is not what its content type says; line and column count from one."""

    words: str
    line: int = 1
    column: int = 1


def stamp(when: datetime) -> str:
    """A time as it is written in bodies and in `--json`: `2026-11-23T14:03:07.123Z`."""
    text = when.astimezone(UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


class _Unreadable(Exception):
    """JSON that cannot be read: why, and where, if that is one place."""

    def __init__(self, words: str, line: int = 0, column: int = 0) -> None:
        super().__init__(words)
        self.words, self.line, self.column = words, line, column


def parse_payload(text: str | bytes) -> Any:
    """Parse an event's data.

    Raises:
        InvalidPayload: with line and column, or with the size.
    """
    raw = text.encode(errors="surrogatepass") if isinstance(text, str) else text
    if len(raw) > MAX_PAYLOAD:
        raise InvalidPayload(
            f"The data has {len(raw):,} bytes; an event carries up to {MAX_PAYLOAD:,}.",
            "Send a reference to large data instead of the data.",
        )
    try:
        return _parse_json(raw)
    except _Unreadable as error:
        place = f" at line {error.line}, column {error.column}" if error.line else ""
        raise InvalidPayload(f"The data is {error.words}{place}.") from None


def _parse_json(raw: bytes) -> Any:
    text = _decode(raw)
    try:
        value = json.loads(text, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        words = f"not JSON: {error.msg}"
        raise _Unreadable(words, error.lineno, error.colno) from None
    except RecursionError:
        raise _too_deep() from None
    except ValueError:  # Python reads integers of up to 4,300 digits
        raise _Unreadable("not readable: it has too long a number") from None
    if text.count("[") + text.count("{") > MAX_DEPTH and _is_deep(value):
        raise _too_deep()
    return value


def _decode(raw: bytes) -> str:
    # Left to itself, json takes UTF-16 and byte order marks: no envelope may hold them.
    if raw.startswith(codecs.BOM_UTF8):
        raise _Unreadable("not JSON: it begins with a byte order mark")
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        words = f"not UTF-8: byte {error.start + 1} cannot be read"
        raise _Unreadable(words) from None


def _is_deep(value: Any) -> bool:
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [child for item in level for child in _children(item)]
        if not level:
            return False
    return True


def _children(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _too_deep() -> _Unreadable:
    return _Unreadable(f"nested deeper than {MAX_DEPTH} levels")


def envelope(event: Event, workspace: str) -> bytes:
    """The default body; the payload goes in as it was given, byte for byte."""
    head = json.dumps(
        {
            "id": event.id,
            "type": event.type,
            "created_at": stamp(event.created_at),
            "workspace": workspace,
        },
        ensure_ascii=False,
    )
    return b"".join((head[:-1].encode(), b', "data": ', event.payload, b"}"))


def default_body(content_type: str, event: Event, workspace: str) -> bytes:
    """The envelope, or for a form the envelope in a field `payload` as GitHub does."""
    body = envelope(event, workspace)
    if media_type(content_type) == FORM:
        return b"payload=" + quote_plus(body).encode()
    return body


def media_type(content_type: str) -> str:
    """The type without its parameters, in lower case."""
    return content_type.partition(";")[0].strip().lower()


def check_body(content_type: str, body: bytes) -> Finding | None:
    """Say why the body is not what the content type claims, or None when it is."""
    media = media_type(content_type)
    if media == "application/json" or media.endswith("+json"):
        return _check_json(body)
    if media in {"application/xml", "text/xml"} or media.endswith("+xml"):
        return _check_xml(body)
    if media == FORM:
        return _check_form(body)
    return None


def _check_json(body: bytes) -> Finding | None:
    try:
        _parse_json(body)
    except _Unreadable as error:
        return Finding(error.words, error.line or 1, error.column or 1)
    return None


def _check_xml(body: bytes) -> Finding | None:
    parser = expat.ParserCreate()
    try:
        parser.Parse(body, True)
    except expat.ExpatError as error:
        words = expat.errors.messages[error.code]
        return Finding(f"not XML: {words}", error.lineno, error.offset + 1)
    except (LookupError, ValueError):
        return Finding("not XML: the encoding it declares is not UTF-8")
    return None


def _check_form(body: bytes) -> Finding | None:
    try:
        parse_qsl(body.decode("ascii"), strict_parsing=True)
    except UnicodeDecodeError as error:
        return Finding(f"not URL-encoded: byte {error.start + 1} is not ASCII")
    except ValueError:
        return Finding("not a form: write name=value pairs joined by &")
    return None


def _refuse_constant(name: str) -> NoReturn:
    raise _Unreadable(f"not JSON: {name} is JavaScript")


def template_context(
    event: Event, workspace: str, webhook_name: str, delivery_id: str
) -> Mapping[str, object]:
    """What a template sees: plain JSON data, and never a secret."""
    return {
        "event": {
            "id": event.id,
            "type": event.type,
            "created_at": stamp(event.created_at),
        },
        "data": json.loads(event.payload),
        "workspace": workspace,
        "webhook": {"name": webhook_name},
        "delivery": {"id": delivery_id},
    }
