"""What a rendering may cost, in steps: about as many as there are things to work on."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any

from jinja2 import TemplateRuntimeError

MAX_STEPS = 2_000_000  # of one rendering: about a second
MAX_TEXT = 1024 * 1024  # characters of a value, and of a body
CONTAINERS = (dict, list, tuple)
_SIZED = (*CONTAINERS, range)
_CALL = 10  # steps
_CONTAINER = 5  # steps
_CHARACTERS_A_STEP = 64
_BITS_A_STEP = 64

_left: ContextVar[list[int]] = ContextVar("steps left")


@contextmanager
def budget(steps: int = MAX_STEPS) -> Iterator[None]:
    """Give what is rendered inside so many steps."""
    token = _left.set([steps])
    try:
        yield
    finally:
        _left.reset(token)


def spend(steps: int) -> None:
    """Take steps from the budget.

    Raises:
        TemplateRuntimeError: when none are left.
    """
    left = _left.get()
    left[0] -= steps
    if left[0] < 0:
        raise TemplateRuntimeError(
            "the template works too long: it loops too often, or over too much"
        )


def size(value: Any) -> int:
    """What it costs to work through a value."""
    if isinstance(value, str):
        return len(value) // _CHARACTERS_A_STEP
    if isinstance(value, int):
        return value.bit_length() // _BITS_A_STEP
    return len(value) if isinstance(value, _SIZED) else 0


def weigh(value: Any) -> Any:
    """Pay for all that is in a value, to any depth, and return it."""
    inner = [value]
    while inner:
        parts = inner.pop()
        spend(_CONTAINER + size(parts))
        items = parts.values() if isinstance(parts, dict) else parts
        inner += [item for item in items if isinstance(item, CONTAINERS)]
    return value


def too_large(what: str) -> TemplateRuntimeError:
    """The refusal of what would make too large a value."""
    return TemplateRuntimeError(f"{what} makes too large a value")


def call(what: str, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Call a function, and pay by the size of its arguments and its result."""
    price = _CALL + len(args) + len(kwargs)
    for value in (*args, *kwargs.values()):
        price += size(value)
    spend(price)
    result = function(*args, **kwargs)
    if isinstance(result, str) and len(result) > MAX_TEXT:
        raise too_large(what)
    spend(size(result))
    return result


def paid(what: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, with a price on each call."""

    @wraps(function)
    def paid_for(*args: Any, **kwargs: Any) -> Any:
        return call(what, function, *args, **kwargs)

    return paid_for
