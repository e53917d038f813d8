"""What a template sees, what it is told when it is wrong, and that it ends."""

import tracemalloc
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.body import template_context
from core.errors import HooklineError, InvalidTemplate, TemplateFailed
from core.sandbox.environment import CONTEXT_NAMES
from core.template import MAX_OUTPUT, MAX_SOURCE, compile_template, render
from tests.builders import an_event

PAYLOAD = """{
    "id": 7, "ratio": 0.5, "draft": false, "user": null, "title": "a \\"b\\" <é>",
    "items": [3, 1, 2], "none": [],
    "findings": [{"line": 1, "in": "a"}, {"line": 2, "in": "b"}, {"line": 3, "in": "a"}]
}"""
CONTEXT = template_context(an_event(payload=PAYLOAD.encode()), "acme", "CI", "dlv_1")
FEW_STEPS = 10_000
MIB = 1024 * 1024


def rendered(source: str, **data: Any) -> str:
    context = {**CONTEXT, "data": data} if data else CONTEXT
    return render(source, context)


def broken(source: str) -> TemplateFailed:
    with pytest.raises(TemplateFailed) as failure:
        render(source, CONTEXT)
    return failure.value


# What a template can do


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("plain\n", "plain\n"),
        ("{{ event.id }} {{ event.type }}", "evt_1 review.completed"),
        ("{{ event.created_at }}", "2026-11-23T12:00:00.000Z"),
        ("{{ workspace }}/{{ webhook.name }}/{{ delivery.id }}", "acme/CI/dlv_1"),
        (
            "{{ data.id + 1 }} {{ data.ratio * 2 }} {{ 7 % 4 }} {{ 2 ** 10 }}",
            "8 1.0 3 1024",
        ),
        ("{{ 'n' ~ data.id ~ '/' ~ data.ratio }}", "n7/0.5"),
        ("{{ '-' * 3 + '>' }}", "--->"),
        ("{{ data.title | tojson }}", '"a \\"b\\" <é>"'),
        ("{{ data.title | e }}", "a &#34;b&#34; &lt;é&gt;"),
        ("{{ data.items | tojson }}", "[3, 1, 2]"),
        ("{{ data.findings[0] | tojson }}", '{"line": 1, "in": "a"}'),
        (
            "{{ data.findings[:1] | tojson(indent=1) }}",
            '[\n {\n  "line": 1,\n  "in": "a"\n }\n]',
        ),
        ("{{ data.findings | map(attribute='line') | tojson }}", "[1, 2, 3]"),
        ("{{ data.items | sort | join(', ') }}", "1, 2, 3"),
        ("{{ data.findings | join('+', attribute='line') }}", "1+2+3"),
        ("{{ data.items | sum }} {{ data.findings | sum(attribute='line') }}", "6 6"),
        (
            "{{ data.items | max }} {{ data.items | first }} {{ data.items | length }}",
            "3 3 3",
        ),
        ("{{ 1.25 | round(1) }} {{ -3 | abs }} {{ '12' | int + 1 }}", "1.2 3 13"),
        ("{{ 'a b' | replace(' ', '_') | upper | urlencode }}", "A_B"),
        ("{{ {'a': 'b c', 'd': 7} | urlencode }}", "a=b+c&d=7"),
        (
            "{{ data.title.split() | length }} {{ data.title.startswith('a') }}",
            "3 True",
        ),
        ("{{ data.get('nothing', 'something') }}", "something"),
        ("{{ data.nothing | default('something') }}", "something"),
        ("{{ 'yes' if data.user is none else 'no' }}", "yes"),
        ("{{ 'yes' if data.nothing is defined }}", ""),
        ("{{ data.items is iterable }} {{ 3 in data.items }}", "True True"),
        ("{% for f in data.findings if f.line > 1 %}{{ f.line }}{% endfor %}", "23"),
        ("{% for f in data.none %}x{% else %}empty{% endfor %}", "empty"),
        (
            "{% for i in data.items %}{{ i }}"
            "{% if not loop.last %},{% endif %}{% endfor %}",
            "3,1,2",
        ),
        (
            "{% for i in data.items | map('abs') %}{{ loop.index }}/{{ loop.length }} "
            "{% endfor %}",
            "1/3 2/3 3/3 ",
        ),
        ("{% for i in range(3) %}{{ loop.cycle('a', 'b') }}{% endfor %}", "aba"),
        (
            "{% for key, value in {'a': 1} | items %}{{ key }}={{ value }}{% endfor %}",
            "a=1",
        ),
        (
            "{% for g in data.findings | groupby('in') %}"
            "{{ g.grouper }}{{ g.list | length }}"
            "{% endfor %}",
            "a2b1",
        ),
        ("{% for a, b in [(1, 2)] %}{{ a }}{{ b }}{% endfor %}", "12"),
        (
            "{% for x in [[1], []] recursive %}[{{ loop(x) if x is iterable }}]"
            "{% endfor %}",
            "[[]][]",
        ),
        ("{% set a, b = 1, 2 %}{{ a }}{{ b }}", "12"),
        ("{% set x %}a{{ 1 }}{% endset %}{{ x }}", "a1"),
        ("{% macro m(x) %}<{{ x }}>{% endmacro %}{{ m('a') ~ m(x='b') }}", "<a><b>"),
        (
            "{% macro m() %}{{ caller() }}!{% endmacro %}{% call m() %}a{% endcall %}",
            "a!",
        ),
        ("{% filter upper %}a{% endfilter %}{% block b %}c{% endblock %}", "Ac"),
        ("{% with a = 1 %}{{ a }}{% endwith %}{# nothing #}", "1"),
    ],
)
def test_a_template_can(source: str, text: str) -> None:
    assert rendered(source) == text


def test_a_key_named_like_a_method_is_the_key() -> None:
    assert (
        rendered("{{ data.items | tojson }}{{ data['get'] }}", items=[1], get=2)
        == "[1]2"
    )


def test_the_last_line_break_is_kept() -> None:
    assert rendered("{}\n\n") == "{}\n\n"


@given(st.text(max_size=30))
@settings(max_examples=50)
def test_text_comes_out_as_it_went_in(text: str) -> None:
    assert rendered("{{ data.text }}", text=text) == text


def test_the_names_a_template_knows_are_those_it_is_given() -> None:
    assert list(CONTEXT) == list(CONTEXT_NAMES)


# What it is told


@pytest.mark.parametrize(
    ("source", "line", "words"),
    [
        ("{{ dat }}", 1, "'dat' is undefined: did you mean 'data'?"),
        (
            "{{ customer }}",
            1,
            "'customer' is undefined. "
            "Known here: event, data, workspace, webhook, delivery.",
        ),
        ("\n{{ data.titel }}", 2, "'titel' is undefined: did you mean 'title'?"),
        (
            "{{ event.payload }}",
            1,
            "'payload' is undefined. Known here: id, type, created_at.",
        ),
        (
            "a\nb\n{{ data.zzz.id }}",
            3,
            "'zzz' is undefined. "
            "Known here: id, ratio, draft, user, title, items, none, findings.",
        ),
        (
            "{{ data.user.name }}",
            1,
            "'name' is undefined: what it is asked of is null.",
        ),
        ("{{ data.items[3] }}", 1, "3 is undefined: there are 3 items, from 0."),
        ("{{ data.title.uper() }}", 1, "'uper' is undefined: did you mean 'upper'?"),
        (
            "{{ data.id.bit_length() }}",
            1,
            "'bit_length' is undefined. Known here: nothing.",
        ),
        ("{{ data.none | first }}", 1, "No first item, sequence was empty."),
        (
            "{% for x in data.nothing %}{% endfor %}",
            1,
            "'nothing' is undefined. "
            "Known here: id, ratio, draft, user, title, items, none, findings.",
        ),
        (
            "{% if data.nothing %}{% endif %}",
            1,
            "'nothing' is undefined. "
            "Known here: id, ratio, draft, user, title, items, none, findings.",
        ),
        ("{{ data.titel | tojson }}", 1, "'titel' is undefined: did you mean 'title'?"),
        ("{{ data.titel | upper }}", 1, "'titel' is undefined: did you mean 'title'?"),
        ("{{ data.titel ~ 'x' }}", 1, "'titel' is undefined: did you mean 'title'?"),
        (
            "{% macro m(x) %}\n{{ x }}{% endmacro %}\n{{ m() }}",
            2,
            "parameter 'x' was not provided.",
        ),
        ("{{ data }}", 1, "a list or an object is no text: add | tojson."),
        ("{{ data.items ~ '' }}", 1, "a list or an object is no text: add | tojson."),
        (
            "{{ data.items | upper }}",
            1,
            "a list or an object is no text: add | tojson.",
        ),
        (
            "{{ data.items | map('abs') }}",
            1,
            "a list or an object is no text: add | tojson.",
        ),
        ("{{ data.get }}", 1, "a function is no text: call it with ()."),
        ("{{ range }}", 1, "a function is no text: call it with ()."),
        ("{{ '%s' % 1 }}", 1, "% on text is switched off: use ~ to join text."),
        ("\n\n{{ 1 / 0 }}", 3, "ZeroDivisionError: division by zero"),
        ("{{ 'a' + 1 }}", 1, 'TypeError: can only concatenate str (not "int") to str'),
        (
            "{% for x in data.id %}{% endfor %}",
            1,
            "TypeError: 'int' object is not iterable",
        ),
        (
            "{{ (2.0 ** 900 * 2.0 ** 900) | tojson }}",
            1,
            "Infinity and NaN have no form in JSON.",
        ),
    ],
)
def test_a_template_that_breaks_says_where_and_why(
    source: str, line: int, words: str
) -> None:
    failure = broken(source)

    assert (failure.line, str(failure)) == (line, words)


@pytest.mark.parametrize(
    ("source", "line", "words"),
    [
        ("{{ }}", 1, "Expected an expression, got 'end of print statement'."),
        (
            "\n{{ data",
            2,
            "unexpected end of template, expected 'end of print statement'.",
        ),
        (
            "{% if data %}\n\n",
            1,
            "Unexpected end of template. Jinja was looking for the "
            "following tags: 'elif' or 'else' or 'endif'. The innermost block that "
            "needs "
            "to be closed is 'if'.",
        ),
        ("{% wat %}", 1, "Encountered unknown tag 'wat'."),
        ("\n{{ data | tojsn }}", 2, "No filter named 'tojsn'. Did you mean tojson?"),
        ("{{ data is defind }}", 1, "No test named 'defind'. Did you mean defined?"),
        (
            "\n{% include 'a' %}",
            2,
            "A template stands alone: it cannot include, import or extend another.",
        ),
        (
            "{% import 'a' as b %}",
            1,
            "A template stands alone: it cannot include, import or extend another.",
        ),
        (
            "{% from 'a' import b %}",
            1,
            "A template stands alone: it cannot include, import or extend another.",
        ),
        (
            "{% extends 'a' %}",
            1,
            "A template stands alone: it cannot include, import or extend another.",
        ),
        ("x" * (MAX_SOURCE + 1), 1, "The template is over 64 KiB."),
    ],
)
def test_what_is_no_template_is_refused_before_it_is_saved(
    source: str, line: int, words: str
) -> None:
    with pytest.raises(InvalidTemplate) as refusal:
        compile_template(source)

    assert (refusal.value.line, str(refusal.value)) == (line, words)
    assert refusal.value.field == "template"


def test_a_filter_that_resembles_none_is_answered_with_all_of_them() -> None:
    with pytest.raises(InvalidTemplate) as refusal:
        compile_template("{{ data | qqqqqq }}")

    assert refusal.value.hint.startswith("Known: abs, capitalize, count, d, default,")
    assert "*" not in refusal.value.hint


# Nothing but the data can be reached


@pytest.mark.parametrize(
    "source",
    [
        # Attributes
        "{{ ''.__class__ }}",
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ ().__class__.__bases__ }}",
        "{{ data.__class__ }}",
        "{{ data['__class__'] }}",
        "{{ data.items.__class__ }}",
        "{{ data.get.__self__ }}",
        "{{ data.get.__func__.__globals__ }}",
        "{{ (1).__class__ }}",
        "{{ none.__class__ }}",
        "{{ nothing.__class__ }}",
        "{{ nothing.__init__.__globals__ }}",
        "{{ data.nothing._undefined_obj }}",
        "{{ range.__globals__ }}",
        "{{ range.__self__ }}",
        "{% for x in [1] %}{{ loop.__class__ }}{% endfor %}",
        "{% for x in [1] %}{{ loop._iterable }}{% endfor %}",
        "{% for x in [1] %}{{ loop.cycle.__globals__ }}{% endfor %}",
        "{% macro m() %}{% endmacro %}{{ m.__init__ }}",
        "{% macro m() %}{% endmacro %}{{ m._func.__globals__ }}",
        "{{ self.__init__.__globals__ }}",
        "{{ self._TemplateReference__context }}",
        "{% for g in data.findings | groupby('in') %}{{ g.__class__ }}{% endfor %}",
        "{% for g in data.findings | groupby('in') %}{{ g._replace }}{% endfor %}",
        # Attributes by other ways
        "{{ ''|attr('__class__') }}",
        "{{ [data]|map(attribute='__class__')|list|tojson }}",
        "{{ ['']|map('attr', '__class__')|list|tojson }}",
        "{{ ['']|groupby('__class__')|list|tojson }}",
        "{{ ['a', 'b']|sort(attribute='__class__')|tojson }}",
        "{{ ['']|selectattr('__class__')|list|tojson }}",
        "{{ ['']|join(attribute='__class__') }}",
        "{{ ['']|sum(attribute='__class__') }}",
        "{{ ['']|unique(attribute='__class__')|list|tojson }}",
        # Format strings: CVE-2016-10745, -2019-10906, -2024-56326, -2025-27516
        "{{ '{0.__class__}'.format(1) }}",
        "{{ '{a.__class__}'.format_map({'a': 1}) }}",
        "{% set f = '{0.__class__}'.format %}{{ f(1) }}",
        "{{ ['{0.__class__}']|map('format', 1)|list|tojson }}",
        "{{ '%s'|format(1) }}",
        "{{ ('{0.__class__}'|attr('format'))(1) }}",
        "{{ '%(a)s' % {'a': 1} }}",
        # Globals, other templates, what is switched off
        "{{ lipsum() }}",
        "{{ lipsum.__globals__.os }}",
        "{{ cycler('a').__init__.__globals__ }}",
        "{{ joiner() }}",
        "{{ namespace() }}",
        "{{ dict(a=1) }}",
        "{{ config }}",
        "{{ request }}",
        "{{ __builtins__ }}",
        "{{ environment }}",
        "{{ context }}",
        "{{ __import__('os') }}",
        "{{ '<b>'|safe }}",
        "{{ data|pprint }}",
        "{{ 'a'|xmlattr }}",
        "{{ 'http://x.example'|urlize }}",
        "{{ [1]|random }}",
        "{% include '/etc/passwd' %}",
        "{% extends 'a' %}",
        "{% import 'os' as os %}",
        "{% do 1 %}",
        "{% debug %}",
        # The data stays as it is
        "{{ data.update({'a': 1}) }}",
        "{{ data.items.append(4) }}",
        "{{ data.pop('id') }}",
        "{{ data.clear() }}",
        "{{ data.items.sort() }}",
        "{% set data.id = 1 %}",
        # Prices have names nobody can write
        "{{ 1|*work }}",
    ],
)
def test_a_template_reaches_nothing_but_its_data(source: str) -> None:
    before = repr(CONTEXT)

    with pytest.raises((InvalidTemplate, TemplateFailed)) as refusal:
        render(source, CONTEXT)

    assert "object at 0x" not in str(refusal.value)
    assert "built-in" not in str(refusal.value)
    assert repr(CONTEXT) == before


# It ends, and soon


def doubling(start: str, step: str, end: str, times: int = 28) -> str:
    return f"{{% set x = {start} %}}" + f"{{% set x = {step} %}}" * times + end


MACRO = "{% macro A() %}{{ B() ~ B() }}{% endmacro %}"
BOMBS = {
    # Operators
    "text * number": "{{ 'a' * 10**9 }}",
    "number * text": "{{ 10**9 * 'a' }}",
    "list * number": "{{ ([1] * 10**9) | length }}",
    "list * list": "{% set x = [1] * 1000 %}" + "{% set x = [x] * 1000 %}" * 5,
    "power": "{{ 9 ** (9 ** 9) }}",
    "power of powers": doubling("2 ** 64", "x ** 64", "{{ x }}", 4),
    "squares": doubling("2 ** 60", "x * x", "{{ x }}"),
    "+": doubling("'aaaa'", "x + x", ""),
    "list +": doubling("[1]", "x + x", ""),
    "~": doubling("'aaaa'", "x ~ x", ""),
    "%": "{{ '%1000000000d' % 1 }}",
    # Filters
    "join": "{{ range(10000) | join('a' * 100000) }}",
    "sum of lists": "{{ ([[1] * 1000] * 1000) | sum(start=[]) }}",
    "replace": "{{ ('a' * 100000) | replace('a', 'b' * 100000) }}",
    "replace nothing": "{{ ('a' * 100000) | replace('', 'b' * 100000) }}",
    "round": "{{ 1.5 | round(10**9, 'ceil') }}",
    "tojson": doubling("'\"'", "x | tojson", "", 30),
    "tojson indent": doubling("[]", "[x]", "{{ ([x] * 9999) | tojson(8) }}", 90),
    "tojson of one list": doubling("[1]", "[x, x]", "{{ x | tojson }}"),
    "tojson of one object": doubling("{}", "{'a': x, 'b': x}", "{{ x | tojson }}"),
    "text of one list": doubling("[1]", "[x, x]", "{{ x | string }}"),
    "int of text": "{{ ('f' * 99999) | int(base=16) // 7 }}",
    "urlencode of one list": doubling("[1]", "[x, x]", "{{ {'a': x} | urlencode }}"),
    "escape": doubling("'&' * 99999", "x | e", "", 99),
    "upper": doubling("'ß'", "(x ~ x) | upper", "", 60),
    "equal lists": doubling("[1]", "[x, x]", "{{ x == [x, x] }}"),
    "default": doubling(
        "[1]", "([0] * 1000) | map('default', x, true) | list", "{{ x | tojson }}", 6
    ),
    # Time
    "nested loops": (
        "{% for i in range(100000) %}{% for j in range(100000) %}"
        "{% endfor %}{% endfor %}"
    ),
    "loops that print": (
        "{% for i in range(100000) %}{% for j in range(100000) %}a"
        "{% endfor %}{% endfor %}"
    ),
    "loops in a macro": (
        "{% macro m() %}{% for i in range(99999) %}{{ i }}"
        "{% endfor %}{% endmacro %}{% for i in range(99999) %}{{ m() }}{% endfor %}"
    ),
    "loops over text": (
        "{% set x = 'a' * 99999 %}{% for i in x %}{% for j in x %}"
        "{% endfor %}{% endfor %}"
    ),
    "loops over maps": (
        "{% for i in range(999) %}{% for j in range(99999) | map('abs') %}"
        "{% endfor %}{% endfor %}"
    ),
    "recursive loops": (
        "{% for i in range(1000) recursive %}{{ loop(range(1000)) }}{% endfor %}"
    ),
    "a long body": (
        "{% for i in range(99999) %}"
        + "{% if event %}{% endif %}" * 300
        + "{% endfor %}"
    ),
    "a long macro": (
        "{% macro m() %}" + "{% if event %}{% endif %}" * 300 + "{% endmacro %}"
        "{% for i in range(99999) %}{% set x = m() %}{% endfor %}"
    ),
    "macros by macros": (
        "".join(
            MACRO.replace("A", f"m{i}").replace("B", f"m{i + 1}") for i in range(30)
        )
        + "{% macro m30() %}{% endmacro %}{{ m0() }}"
    ),
    "callers by callers": (
        "{% macro m() %}{{ caller() }}{{ caller() }}{% endmacro %}"
        + "{% call m() %}" * 15
        + "x"
        + "{% endcall %}" * 15
    ),
    "a long condition": (
        "{% for i in range(9999) if [" + "event, " * 300 + "] is none %}{% endfor %}"
    ),
    "filters in loops": (
        "{% for i in range(99999) %}{{ range(99999) | sum }}{% endfor %}"
    ),
    "tests in loops": (
        "{% set x = range(99999) | list %}"
        "{% for i in x %}{{ 1 if -1 is in x }}{% endfor %}"
    ),
    "comparisons in loops": (
        "{% set x = range(99999) | list %}"
        "{% for i in x %}{{ 1 if -1 in x }}{% endfor %}"
    ),
    "slices in loops": (
        "{% set x = range(99999) | list %}"
        "{% for i in x %}{% set y = x[1:] %}{% endfor %}"
    ),
    "splits in loops": (
        "{% set x = 'a ' * 49999 %}"
        "{% for i in range(99999) %}{% set y = x.split() %}{% endfor %}"
    ),
    "division in loops": (
        "{% set x = 10**1000 %}"
        "{% for i in range(99999) %}{% set y = x // 7 %}{% endfor %}"
    ),
    "remainders in loops": (
        "{% set x = 10**1000 %}"
        "{% for i in range(99999) %}{{ 1 if x is divisibleby(7) }}{% endfor %}"
    ),
    "numbers read in loops": (
        "{% set x = '2' * 4000 %}{% for i in range(99999) %}{{ 1 if x | int }}"
        "{% endfor %}"
    ),
    "arguments in loops": (
        "{% set x = [1] * 999 %}"
        "{% for i in range(99999) %}{{ loop.cycle(*x) }}{% endfor %}"
    ),
    "tojson in loops": (
        "{% set x = {'a': [1] * 9999} %}"
        "{% for i in range(99999) %}{{ 1 if x | tojson }}{% endfor %}"
    ),
    "urlencode in loops": (
        "{% set x = 'ß' * 9999 %}"
        "{% for i in range(99999) %}{{ 1 if x | urlencode }}{% endfor %}"
    ),
    "a price by its name": (
        "{% set x = [-9 * 9**18] | map('*work') | list %}"
        "{% for i in range(99999) %}{% for j in range(9) %}{% endfor %}{% endfor %}"
    ),
    "many large values": (
        "{% set x = 'a' * 99999 %}"
        + "".join(f"{{% set x{i} = x ~ {i} %}}" for i in range(300))
    ),
    "macro recursion": "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "block recursion": "{% block b %}{{ self.b() }}{% endblock %}",
    "loop recursion": "{% for i in [1] recursive %}{{ loop([1]) }}{% endfor %}",
}


@pytest.mark.parametrize("source", BOMBS.values(), ids=BOMBS)
def test_a_bomb_ends_in_a_sentence_and_little_memory(source: str) -> None:
    compile_template(source)
    tracemalloc.start()
    try:
        with pytest.raises(TemplateFailed):
            render(source, CONTEXT, steps=FEW_STEPS)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < 24 * MIB


def test_a_whole_budget_ends_too() -> None:
    failure = broken(BOMBS["nested loops"])

    assert str(failure) == (
        "the template works too long: it loops too often, or over too much."
    )


def test_a_body_has_a_length() -> None:
    source = "{% for i in range(1024) %}{{ data.text }}{% endfor %}"

    assert len(rendered(source, text="a" * 1024)) == MAX_OUTPUT
    with pytest.raises(TemplateFailed, match="the body grows over 1024 KiB"):
        rendered(source, text="a" * 1025)


def test_a_body_within_the_limits_has_the_steps_it_takes() -> None:
    findings = [{"line": n, "message": "m" * 50} for n in range(3000)]
    source = (
        "{% for f in data.findings %}{% if f.line in [1, 2] or f.line > 2 %}"
        "{{ f.line }}: {{ (f.message ~ '!') | tojson }}\n{% endif %}{% endfor %}"
        "{{ data | tojson }}"
    )

    assert rendered(source, findings=findings).count("\n") == 2999


@pytest.mark.parametrize(
    "source",
    [
        "{{ 'a' * 10**9 }}",
        "{{ 10 ** 10 ** 10 }}",
        "{% set x = 'a' * 10**9 %}",
        "{% if 'a' * 10**9 %}{% endif %}",
        "{% for x in 'a' * 10**9 %}{% endfor %}",
        "{{ ['a' * 10**9, ('b' * 10**9) | upper] | tojson }}",
        "{{ {'a': 'a' * 10**9} | tojson }}",
        "{{ ('a' * 10**9) ~ 'b' }}",
        "{{ ('a' * 10**9) == 'b' }}",
        "{{ ('a' * 10**9)[1:] }}",
        "{{ 'a' * 10**9 if true else 'b' }}",
        "{% macro m(x='a' * 10**9) %}{% endmacro %}",
        "{{ range(10**9) | list }}",
    ],
)
def test_compiling_runs_nothing(source: str) -> None:
    tracemalloc.start()
    try:
        compile_template.__wrapped__(source)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < MIB


NESTED = {
    "parentheses": "{{ " + "(" * 3000 + "1" + ")" * 3000 + " }}",
    "lists": "{{ " + "[" * 3000 + "]" * 3000 + " }}",
    "attributes": "{{ data" + ".b" * 3000 + " }}",
    "sums": "{{ 1" + "+1" * 3000 + " }}",
    "nots": "{{ " + "not " * 3000 + "1 }}",
    "signs": "{{ " + "-" * 3000 + "1 }}",
    "filters": "{{ 1" + "|abs" * 3000 + " }}",
    "ifs": "{% if 1 %}" * 150 + "{% endif %}" * 150,
    "fors": "{% for i in [1] %}" * 50 + "{% endfor %}" * 50,
}


@pytest.mark.parametrize("source", NESTED.values(), ids=NESTED)
def test_a_template_that_is_nested_too_deeply_is_refused(source: str) -> None:
    with pytest.raises(InvalidTemplate) as refusal:
        compile_template(source)

    assert str(refusal.value) == (
        "The template is nested too deeply or is too large to compile."
    )


def test_a_template_of_too_many_parts_is_refused() -> None:
    with pytest.raises(InvalidTemplate) as refusal:
        compile_template("{{ " + "1 < " * 15_000 + "1 }}")

    assert str(refusal.value) == (
        "The template has over 30,000 names, values and operators."
    )


def test_map_takes_no_price_for_a_filter() -> None:
    failure = broken("{{ [-1] | map('*work') | list | tojson }}")

    assert str(failure) == "No filter named '*work'."


pieces = st.sampled_from(
    [
        *(
            "{{ ",
            " }}",
            "{% ",
            " %}",
            "{# ",
            " #}",
            "-",
            "for x in data.items",
            "endfor",
        ),
        *("if data", "else", "endif", "set x = 1", "macro m()", "endmacro", "m()"),
        *("data", ".items", ".title", "[0]", "[1:]", "|tojson", "|join(',')", "|sum"),
        *("~", "+", "*", "**", "%", "in", "not", "is none", "(", ")", "1", "'a'", "\n"),
        *("loop.index", "range(9)", "x", ",", "{", "}", "[", "]", ":", "==", "|upper"),
    ]
)


@given(st.lists(pieces, max_size=12).map(" ".join))
@settings(max_examples=100, deadline=None)
def test_any_text_renders_or_is_answered_in_a_sentence(source: str) -> None:
    try:
        render(source, CONTEXT, steps=FEW_STEPS)
    except HooklineError as error:
        answer = str(error)
    else:
        answer = "rendered"

    assert answer
    assert "object at 0x" not in answer
