"""Body templates: Jinja2 in a sandbox, over JSON-born data only.

Undefined names are errors, never silence. No loader, no globals but a few functions, an
allow-list of filters, nothing folded at compile time, and a cap on source and output.
"""

import json
import traceback
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NoReturn, cast

import jinja2
from jinja2 import pass_context
from jinja2.runtime import Context, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from core.errors import InvalidTemplate, TemplateFailed
from core.matching import nearest

MAX_SOURCE = 64 * 1024  # characters
MAX_OUTPUT = 1024 * 1024  # characters
_MAX_OPERAND = 100_000  # characters or items that * may make
_MAX_EXPONENT = 64
_FILENAME = "<template>"

_FILTERS = """
    abs capitalize count d default dictsort e escape first float groupby int items join
    last length list lower map max min reject rejectattr replace reverse round select
    selectattr sort string sum title trim truncate unique upper urlencode wordcount
"""
_TESTS = """
    boolean defined divisibleby eq equalto even false float ge gt in integer iterable le
    lower lt mapping ne none number odd sameas sequence string true undefined upper
"""
# Methods that cannot make a value larger than what they are called on.
_METHODS: Mapping[type, set[str]] = {
    dict: {"get", "items", "keys", "values"},
    list: {"count", "index"},
    str: {
        *("capitalize", "count", "endswith", "find", "isdigit", "lower", "lstrip"),
        *("removeprefix", "removesuffix", "rsplit", "rstrip", "split", "splitlines"),
        *("startswith", "strip", "title", "upper"),
    },
}


class _Missing(StrictUndefined):
    """An undefined name whose message suggests the names there are."""

    @property
    def _undefined_message(self) -> str:
        name, owner = str(self._undefined_name), self._undefined_obj
        known = list(owner) if isinstance(owner, Mapping) else list(CONTEXT_NAMES)
        known = [key for key in known if isinstance(key, str)]
        close = nearest(name, known)
        if close:
            return f"{name!r} is undefined: did you mean {close[0]!r}?"
        listed = ", ".join(known[:8]) or "nothing"
        return f"{name!r} is undefined. Known here: {listed}."


class _Environment(ImmutableSandboxedEnvironment):
    """The sandbox, with the operators that could eat memory under a cap."""

    intercepted_binops = frozenset({"*", "**", "%", "+"})

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        if operator == "*":
            _check_product(left, right)
        if operator == "**" and isinstance(right, int | float):
            _check_exponent(right)
        if operator == "%" and isinstance(left, str):
            raise jinja2.TemplateRuntimeError(
                "% on text is switched off; use ~ to join text"
            )
        result = super().call_binop(context, operator, left, right)
        if operator == "+" and _size(result) > MAX_OUTPUT:
            raise jinja2.TemplateRuntimeError("+ makes too large a value")
        return result

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Data first: `data.items` is the key `items`, if there is one."""
        if isinstance(obj, dict) and attribute in obj:
            return obj[attribute]
        return super().getattr(obj, attribute)

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        return attr in _METHODS.get(type(obj), set())


def _check_product(left: Any, right: Any) -> None:
    for sized, times in ((left, right), (right, left)):
        size = _size(sized)
        if size and isinstance(times, int) and size * times > _MAX_OPERAND:
            raise jinja2.TemplateRuntimeError("* makes too large a value")


def _check_exponent(exponent: float) -> None:
    if abs(exponent) > _MAX_EXPONENT:
        raise jinja2.TemplateRuntimeError(f"** goes up to {_MAX_EXPONENT} here")


def _size(value: Any) -> int:
    return len(value) if isinstance(value, str | list | tuple) else 0


def to_json(value: Any, indent: int | None = None) -> str:
    """JSON as receivers expect it: Jinja's tojson escapes `<`, `>`, `&` for HTML."""
    if isinstance(value, jinja2.Undefined):
        value._fail_with_undefined_error()
    spaces = None if indent is None else max(0, min(indent, 8))
    return json.dumps(value, ensure_ascii=False, indent=spaces)


def _replace(text: Any, old: str, new: str, count: int | None = None) -> str:
    source = str(text)
    if len(source) * max(1, len(new)) > MAX_OUTPUT * 4:
        raise jinja2.TemplateRuntimeError("replace makes too large a value")
    return source.replace(old, new, -1 if count is None else count)


@pass_context
def _no_folding(context: Context, value: Any) -> Any:
    """Print values only; being bound to the context, it also keeps the compiler from
    running expressions.
    """
    if callable(value) and not isinstance(value, jinja2.Undefined):
        raise jinja2.TemplateRuntimeError("a function is printed; call it with ()")
    return value


def _environment() -> _Environment:
    env = _Environment(
        undefined=_Missing,
        optimized=False,
        autoescape=False,
        finalize=_no_folding,
        keep_trailing_newline=True,
    )
    allowed_filters = {name: env.filters[name] for name in _FILTERS.split()}
    env.filters = {**allowed_filters, "tojson": to_json, "replace": _replace}
    env.tests = {name: env.tests[name] for name in _TESTS.split()}
    env.globals = {"range": env.globals["range"]}
    env.policies["truncate.leeway"] = 0
    return env


_ENV = _environment()
CONTEXT_NAMES = ("event", "data", "workspace", "webhook", "delivery")


@lru_cache(maxsize=512)
def compile_template(source: str) -> jinja2.Template:
    """Compile a template; compiling costs about 20 times a rendering, so it is kept.

    Raises:
        InvalidTemplate: with the line, when the source is no template.
    """
    if len(source) > MAX_SOURCE:
        raise InvalidTemplate(f"The template is over {MAX_SOURCE // 1024} KiB.")
    try:
        code = _ENV.compile(source, filename=_FILENAME)
        return jinja2.Template.from_code(_ENV, cast(Any, code), dict(_ENV.globals))
    except jinja2.TemplateSyntaxError as error:
        raise _invalid(error) from error
    except (RecursionError, MemoryError, SyntaxError, ValueError) as error:
        raise InvalidTemplate(
            "The template is nested too deeply or is too large to compile."
        ) from error


def render(source: str, context: Mapping[str, object]) -> str:
    """Render a template over JSON-born data.

    Raises:
        InvalidTemplate: when it does not compile.
        TemplateFailed: when rendering breaks, with the line.
    """
    template = compile_template(source)
    parts: list[str] = []
    room = MAX_OUTPUT
    try:
        for part in template.generate(context):
            room -= len(part)
            if room < 0:
                _raise_too_long()
            parts.append(part)
    except jinja2.TemplateError as error:
        raise TemplateFailed(_sentence(error), line=_line(error)) from error
    # A template may raise whatever Python raises: division by zero, a wrong type.
    except Exception as error:
        raise TemplateFailed(
            f"{type(error).__name__}: {error}"[:300], line=_line(error)
        ) from error
    return "".join(parts)


def _raise_too_long() -> NoReturn:
    raise jinja2.TemplateRuntimeError(f"the body grows over {MAX_OUTPUT // 1024} KiB")


def _invalid(error: jinja2.TemplateSyntaxError) -> InvalidTemplate:
    words = _sentence(error)
    hint = ""
    if words.startswith("No filter named"):
        hint = f"Known filters: {', '.join(sorted(_ENV.filters))}."
    return InvalidTemplate(words, hint, line=error.lineno or 1)


def _sentence(error: jinja2.TemplateError) -> str:
    words = (error.message or type(error).__name__).strip()
    return words if words.endswith((".", "?", "!")) else words + "."


def _line(error: BaseException) -> int:
    lines = [
        frame.lineno
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename == _FILENAME
    ]
    return (lines[-1] if lines else None) or 1
