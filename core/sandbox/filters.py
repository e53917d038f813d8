"""The filters and tests a template has: Jinja's, less those that could do harm."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import wraps
from typing import Any

from jinja2 import TemplateRuntimeError, Undefined, filters, pass_environment
from jinja2.environment import Environment
from jinja2.filters import FILTERS, make_attrgetter
from jinja2.tests import TESTS

from core.sandbox.budget import CONTAINERS, MAX_TEXT, paid, size, spend, too_large

_PRINTED = (int, float, Undefined)  # an undefined value says so when it is printed
_MAX_INDENT = 8
_MAX_DIGITS = 20  # of round
_QUOTED_A_STEP = 8  # characters; Python quotes them one by one
_MAX_INT = 4300  # characters that int reads; Python itself says so for base ten

_OF_TEXT = """
    capitalize e escape lower replace string title trim truncate upper wordcount
"""
_OF_VALUES = """
    abs count d default dictsort first float groupby items last length list map max
    min reject rejectattr reverse select selectattr sort unique
"""
_TESTS = """
    boolean defined divisibleby eq equalto even false float ge gt in integer iterable le
    lower lt mapping ne none number odd sameas sequence string true undefined upper
"""


def as_text(value: Any) -> str:
    """A value as it is printed; what would print as Python writes it is refused."""
    if isinstance(value, str):
        return value
    if value is None or isinstance(value, _PRINTED):
        return str(value)
    if isinstance(value, Iterable):
        raise TemplateRuntimeError("a list or an object is no text: add | tojson")
    raise TemplateRuntimeError("a function is no text: call it with ()")


def join(values: Iterable[Any], separator: str = "") -> str:
    """The values as one text, paid for, if it is not too long."""
    texts: list[str] = []
    room = MAX_TEXT
    for value in values:
        text = as_text(value)
        texts.append(text)
        room -= len(text) + len(separator)
        if room < 0:
            raise too_large("joining text")
    joined = separator.join(texts)
    spend(size(joined))
    return joined


@pass_environment
def _join(
    environment: Environment, value: Any, d: str = "", attribute: Any = None
) -> str:
    if attribute is not None:
        value = map(make_attrgetter(environment, attribute), value)
    return join(value, as_text(d))


def _int(value: Any, default: int = 0, base: int = 10) -> int:
    # Dividing an integer of a million digits takes seconds, and nothing can end it.
    if isinstance(value, str):
        if len(value) > _MAX_INT:
            raise too_large("int")
        spend(len(value))
    return filters.do_int(value, default, base)


def _replace(text: str, old: str, new: str, count: int | None = None) -> str:
    if len(text) + text.count(old) * (len(new) - len(old)) > MAX_TEXT:
        raise too_large("replace")
    return text.replace(old, new, -1 if count is None else count)


def _round(value: float, precision: int = 0, method: Any = "common") -> float:
    if abs(precision) > _MAX_DIGITS:
        raise TemplateRuntimeError(f"round takes up to {_MAX_DIGITS} digits")
    return filters.do_round(value, precision, method)


@pass_environment
def _sum(
    environment: Environment, values: Any, attribute: Any = None, start: float = 0
) -> Any:
    if not isinstance(start, int | float):
        raise TemplateRuntimeError("sum adds numbers: use join for text")
    return filters.sync_do_sum(environment, values, attribute, start)


def _urlencode(value: Any) -> str:
    pairs = value.items() if isinstance(value, Mapping) else value
    if isinstance(pairs, str) or not isinstance(pairs, Iterable):
        encoded = filters.do_urlencode(as_text(pairs))
    else:
        parts = [(as_text(name), as_text(v)) for name, v in pairs]
        encoded = filters.do_urlencode(parts)
    spend(len(encoded) // _QUOTED_A_STEP)
    return encoded


def to_json(value: Any, indent: int | None = None) -> str:
    """JSON as receivers expect it: Jinja's own escapes `<`, `>`, `&` for HTML."""
    if isinstance(value, Undefined):
        return str(value)
    if isinstance(value, Iterator | range):
        value = list(value)
    spaces = None if indent is None else max(0, min(indent, _MAX_INDENT))
    if isinstance(value, CONTAINERS):
        _check_weight(value, spaces or 0)
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False, indent=spaces)
    except ValueError as error:
        raise TemplateRuntimeError("Infinity and NaN have no form in JSON") from error


def _check_weight(value: Any, indent: int) -> None:
    """Refuse too long a text before it is made: a list that holds one list twice, which
    holds another twice, and so on, is small and would be written for hours.

    What is written is paid for, to any depth.
    """
    room, depth, level = MAX_TEXT, 0, [value]
    while level:
        texts = sum([len(item) for item in level if isinstance(item, str)])
        inner = [item for item in level if isinstance(item, CONTAINERS)]
        room -= texts + len(level) * (1 + depth * indent)
        if sum(map(len, inner)) > room:
            raise too_large("tojson")
        spend(2 * len(level))
        level = [part for item in inner for part in _parts(item)]
        depth += 1


def _parts(item: Any) -> Sequence[Any]:
    return (*item, *item.values()) if isinstance(item, dict) else item


def _of_text(function: Callable[..., Any]) -> Callable[..., Any]:
    at = 1 if hasattr(function, "jinja_pass_arg") else 0

    @wraps(function)
    def of_text(*args: Any, **kwargs: Any) -> Any:
        return function(*args[:at], as_text(args[at]), *args[at + 1 :], **kwargs)

    return of_text


def allowed_filters() -> dict[str, Callable[..., Any]]:
    """The filters by name, each with a price."""
    known = {**FILTERS, "replace": _replace}
    allowed = {name: known[name] for name in _OF_VALUES.split()}
    allowed |= {name: _of_text(known[name]) for name in _OF_TEXT.split()}
    allowed |= {"int": _int, "join": _join, "round": _round, "sum": _sum}
    allowed |= {"tojson": to_json, "urlencode": _urlencode}
    return {name: paid(name, function) for name, function in allowed.items()}


def allowed_tests() -> dict[str, Callable[..., Any]]:
    """The tests by name, each with a price."""
    known: Mapping[str, Any] = TESTS
    return {name: paid(name, known[name]) for name in _TESTS.split()}
