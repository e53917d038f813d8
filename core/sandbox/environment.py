"""The environment of all templates: what names mean, and what operators may make."""

from collections.abc import Callable, Mapping
from typing import Any, cast

from jinja2 import TemplateRuntimeError, Undefined, pass_context
from jinja2.filters import _GroupTuple
from jinja2.runtime import Context, LoopContext, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import missing

from core.matching import nearest
from core.sandbox import budget
from core.sandbox.budget import CONTAINERS, size, spend, too_large, weigh
from core.sandbox.filters import allowed_filters, allowed_tests, as_text, join
from core.sandbox.meter import PRICES

CONTEXT_NAMES = ("event", "data", "workspace", "webhook", "delivery")
MAX_ITEMS = 100_000  # that * and + may make
MAX_BITS = 4096  # of an integer
_NAMES_COMPARED = 200
_MACRO = 20  # steps to call one, and anything else

# Methods that cannot make a value larger than what they are called on.
_ATTRIBUTES: Mapping[type, set[str]] = {
    dict: {"get", "items", "keys", "values"},
    list: {"count", "index"},
    str: {
        *("capitalize", "count", "endswith", "find", "isdigit", "lower", "lstrip"),
        *("removeprefix", "removesuffix", "rsplit", "rstrip", "split", "splitlines"),
        *("startswith", "strip", "title", "upper"),
    },
    LoopContext: {
        *("changed", "cycle", "depth", "depth0", "first", "index", "index0", "last"),
        *("length", "nextitem", "previtem", "revindex", "revindex0"),
    },
    _GroupTuple: {"grouper", "list"},
}


class Missing(StrictUndefined):
    """An undefined name whose message suggests the names there are."""

    @property
    def _undefined_message(self) -> str:
        if self._undefined_hint:
            return self._undefined_hint
        name: Any = self._undefined_name
        owner = self._undefined_obj
        if owner is None:
            return f"{name!r} is undefined: what it is asked of is null."
        if isinstance(name, int) and isinstance(owner, list | str):
            return f"{name} is undefined: there are {len(owner)} items, from 0."
        known = _known_names(owner)
        if close := nearest(str(name), known):
            return f"{name!r} is undefined: did you mean {close[0]!r}?"
        return (
            f"{name!r} is undefined. Known here: {', '.join(known[:8]) or 'nothing'}."
        )


def _known_names(owner: Any) -> list[str]:
    if owner is missing:
        return list(CONTEXT_NAMES)
    if isinstance(owner, Mapping):
        return [key for key in list(owner)[:_NAMES_COMPARED] if isinstance(key, str)]
    return sorted(_ATTRIBUTES.get(type(owner), ()))


class Sandbox(ImmutableSandboxedEnvironment):
    """Jinja's sandbox with prices, an allow-list of attributes, and data first."""

    intercepted_binops = frozenset({"*", "**", "%", "+", "//"})
    concat = staticmethod(join)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Apply an operator, unless it makes too large a value."""
        _CHECKS[operator](left, right)
        result = budget.call(operator, self.binop_table[operator], left, right)
        return weigh(result) if isinstance(result, CONTAINERS) else result

    def call(
        __self, __context: Context, __called: Any, *args: Any, **kwargs: Any
    ) -> Any:
        """Call a function, a method or a macro."""
        spend(_MACRO + size(getattr(__called, "__self__", None)))
        function = super().call
        return budget.call("a call", function, __context, __called, *args, **kwargs)

    def call_filter(self, name: str, *args: Any, **kwargs: Any) -> Any:
        """Apply the filter that `map` was given by name; a price is not one of them."""
        if name in PRICES:
            raise TemplateRuntimeError(f"No filter named {name!r}.")
        return super().call_filter(name, *args, **kwargs)

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Data first: `data.items` is the key `items`, if there is one."""
        if isinstance(obj, dict) and attribute in obj:
            return obj[attribute]
        return super().getattr(obj, attribute)

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Whether the attribute is on the list."""
        return attr in _ATTRIBUTES.get(type(obj), set())

    def unsafe_undefined(self, obj: Any, attribute: str) -> Undefined:
        """An attribute that is not on the list is as good as none."""
        return self.undefined(obj=obj, name=attribute)


def _check_product(left: Any, right: Any) -> None:
    if isinstance(left, int) and isinstance(right, int):
        _check_bits("*", left.bit_length() + right.bit_length())
    for sized, times in ((left, right), (right, left)):
        is_repeated = isinstance(sized, str | list | tuple) and isinstance(times, int)
        if is_repeated and len(sized) * times > MAX_ITEMS:
            raise too_large("*")


def _check_power(base: Any, exponent: Any) -> None:
    if isinstance(base, int) and isinstance(exponent, int):
        _check_bits("**", base.bit_length() * abs(exponent))


def _check_bits(operator: str, bits: int) -> None:
    if bits > MAX_BITS:
        raise too_large(operator)


def _check_remainder(left: Any, right: Any) -> None:
    if isinstance(left, str):
        raise TemplateRuntimeError("% on text is switched off: use ~ to join text")


def _check_nothing(left: Any, right: Any) -> None:
    """The operator makes nothing larger, but what it works on has a price."""


def _check_sum(left: Any, right: Any) -> None:
    is_joined = isinstance(left, list | tuple) and isinstance(right, list | tuple)
    if is_joined and len(left) + len(right) > MAX_ITEMS:
        raise too_large("+")


_CHECKS: Mapping[str, Callable[[Any, Any], None]] = {
    "*": _check_product,
    "**": _check_power,
    "%": _check_remainder,
    "+": _check_sum,
    "//": _check_nothing,
}


@pass_context
def _print(context: Context, value: Any) -> str:
    # Being bound to the context also keeps the compiler from running expressions.
    return as_text(value)


def new_sandbox() -> Sandbox:
    """An environment in which templates compile and run."""
    environment = Sandbox(
        undefined=Missing,
        optimized=False,
        autoescape=False,
        finalize=_print,
        keep_trailing_newline=True,
    )
    environment.filters = cast(Any, {**allowed_filters(), **PRICES})
    environment.tests = cast(Any, allowed_tests())
    environment.globals = {"range": environment.globals["range"]}
    environment.policies["truncate.leeway"] = 0
    return environment


def filter_names(environment: Sandbox) -> list[str]:
    """The filters a template may name, sorted."""
    return sorted(environment.filters.keys() - PRICES.keys())
