"""Prices written into a template: for the turns of its loops, the bodies of its macros,
its `~`, its lists, comparisons and slices, which no hook of Jinja sees.

They are filters whose names nobody can write.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, cast

from jinja2 import nodes
from jinja2.visitor import NodeTransformer

from core.sandbox.budget import size, spend, weigh
from core.sandbox.filters import join

_WORK, _TURNS, _WALK, _JOIN, _WEIGH = "*work", "*turns", "*walk", "*join", "*weigh"


def _work(steps: int) -> bool:
    spend(steps)
    return True


def _walk(value: Any) -> Any:
    spend(size(value))
    return value


def _turns(values: Iterable[Any]) -> Iterable[Any]:
    # What makes its items one by one has paid for each.
    spend(len(values) if isinstance(values, str) else size(values))
    return values


PRICES: Mapping[str, Callable[[Any], Any]] = {
    _WORK: _work,
    _WALK: _walk,
    _TURNS: _turns,
    _JOIN: join,
    _WEIGH: weigh,
}


_WithBody = nodes.For | nodes.Macro | nodes.CallBlock | nodes.Block


class _Meter(NodeTransformer):
    def visit_For(self, node: nodes.For) -> nodes.Node:
        node.iter = _through(_TURNS, cast(nodes.Expr, node.iter))
        if node.test:
            test = cast(nodes.Expr, node.test)
            node.test = nodes.And(_price_of(node), test, lineno=node.lineno)
        return self._with_price(node)

    def visit_Macro(self, node: nodes.Macro) -> nodes.Node:
        return self._with_price(node)

    def visit_CallBlock(self, node: nodes.CallBlock) -> nodes.Node:
        return self._with_price(node)

    def visit_Block(self, node: nodes.Block) -> nodes.Node:
        return self._with_price(node)

    def _with_price(self, node: _WithBody) -> nodes.Node:
        price = nodes.ExprStmt(_price_of(node), lineno=node.lineno)
        self.generic_visit(node)
        node.body.insert(0, price)
        return node

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:
        self.generic_visit(node)
        return _through(_JOIN, nodes.Tuple(node.nodes, "load", lineno=node.lineno))

    def visit_List(self, node: nodes.List) -> nodes.Node:
        self.generic_visit(node)
        return _through(_WEIGH, node)

    def visit_Dict(self, node: nodes.Dict) -> nodes.Node:
        self.generic_visit(node)
        return _through(_WEIGH, node)

    def visit_Tuple(self, node: nodes.Tuple) -> nodes.Node:
        self.generic_visit(node)
        return _through(_WEIGH, node) if node.ctx == "load" else node

    def visit_Compare(self, node: nodes.Compare) -> nodes.Node:
        self.generic_visit(node)
        for operand in node.ops:
            operand.expr = _through(_WALK, operand.expr)
        return node

    def visit_Getitem(self, node: nodes.Getitem) -> nodes.Node:
        self.generic_visit(node)
        if isinstance(node.arg, nodes.Slice):
            node.node = _through(_WALK, node.node)
        return node


def _price_of(node: nodes.Node) -> nodes.Filter:
    weight = sum(1 for _ in node.find_all(nodes.Node))
    return _through(_WORK, nodes.Const(1 + weight, lineno=node.lineno))


def _through(name: str, value: nodes.Expr) -> nodes.Filter:
    return nodes.Filter(value, name, [], [], None, None, lineno=value.lineno)


def meter(template: nodes.Template) -> nodes.Template:
    """Write the prices into a parsed template, and return it."""
    _Meter().visit(template)
    return template
