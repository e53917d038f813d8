"""Body templates: compiled once, rendered over JSON-born data, broken in sentences.

Undefined names are errors, never silence; `core.sandbox` says what a template may do.
"""

import traceback
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NoReturn, cast

import jinja2
from jinja2 import nodes

from core.errors import InvalidTemplate, TemplateFailed
from core.matching import nearest
from core.sandbox.budget import MAX_STEPS, MAX_TEXT, budget
from core.sandbox.environment import filter_names, new_sandbox
from core.sandbox.meter import meter

MAX_SOURCE = 64 * 1024  # characters
MAX_NODES = 30_000  # of the parsed template: compiling takes about a second
MAX_OUTPUT = MAX_TEXT  # characters
_FILENAME = "<template>"
_OTHERS = (nodes.Extends, nodes.FromImport, nodes.Import, nodes.Include)

_SANDBOX = new_sandbox()


@lru_cache(maxsize=256)
def compile_template(source: str) -> jinja2.Template:
    """Compile a template; compiling costs about 20 times a rendering, so it is kept.

    Raises:
        InvalidTemplate: with the line, when the source is no template.
    """
    if len(source) > MAX_SOURCE:
        raise InvalidTemplate(f"The template is over {MAX_SOURCE // 1024} KiB.")
    try:
        tree = _SANDBOX.parse(source, filename=_FILENAME)
        _check(tree)
        code = _SANDBOX.compile(meter(tree), filename=_FILENAME)
        namespace = dict(_SANDBOX.globals)
        return jinja2.Template.from_code(_SANDBOX, cast(Any, code), namespace)
    except jinja2.TemplateSyntaxError as error:
        raise _invalid(error) from error
    except (RecursionError, MemoryError, SyntaxError, ValueError) as error:
        raise InvalidTemplate(
            "The template is nested too deeply or is too large to compile."
        ) from error


def _check(tree: nodes.Template) -> None:
    for count, node in enumerate(tree.find_all(nodes.Node)):
        if isinstance(node, _OTHERS):
            raise InvalidTemplate(
                "A template stands alone: it cannot include, import or extend another.",
                line=node.lineno,
            )
        if count > MAX_NODES:
            raise InvalidTemplate(
                f"The template has over {MAX_NODES:,} names, values and operators."
            )


def render(
    source: str, context: Mapping[str, object], *, steps: int = MAX_STEPS
) -> str:
    """Render a template over JSON-born data.

    Args:
        source: the template.
        context: what its names mean.
        steps: what it may cost before it is ended.

    Raises:
        InvalidTemplate: when it does not compile.
        TemplateFailed: when rendering breaks, with the line.
    """
    template = compile_template(source)
    parts: list[str] = []
    room = MAX_OUTPUT
    try:
        with budget(steps):
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
    line = error.lineno or 1
    known = {"No filter named": filter_names(_SANDBOX), "No test named": _SANDBOX.tests}
    for beginning, names in known.items():
        if words.startswith(beginning):
            close = nearest(words.split("'")[1], list(names))
            hint = f"Did you mean {close[0]}?" if close else ""
            return InvalidTemplate(
                words, hint or f"Known: {', '.join(names)}.", line=line
            )
    return InvalidTemplate(words, line=line)


def _sentence(error: jinja2.TemplateError) -> str:
    words = (error.message or type(error).__name__).strip()
    return words if words.endswith((".", "?", "!")) else words + "."


def _line(error: BaseException) -> int:
    lines = [
        line
        for frame, line in traceback.walk_tb(error.__traceback__)
        if frame.f_code.co_filename == _FILENAME
    ]
    return lines[-1] if lines else 1
