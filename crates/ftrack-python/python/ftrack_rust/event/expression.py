"""Expressions that events and subscribers are matched against."""

from __future__ import annotations

from operator import eq, ge, gt, le, lt, ne
from typing import Any as _Value
from typing import Callable, Iterable, Mapping, Optional

from .. import _engine, exception

_OPERATORS: dict[str, Callable[[_Value, _Value], bool]] = {"=": eq, "!=": ne, ">=": ge, "<=": le, ">": gt, "<": lt}


class Expression:
    """Something that a mapping fulfils or does not."""

    def __str__(self) -> str:
        return "<{0}>".format(type(self).__name__)

    def match(self, candidate: Mapping[str, _Value]) -> bool:
        """Return whether *candidate* fulfils the expression."""
        return True


class _Several(Expression):
    def __init__(self, expressions: Optional[Iterable[Expression]] = None) -> None:
        """Make an expression of *expressions*."""
        self._expressions = list(expressions or ())

    def __str__(self) -> str:
        return "<{0} [{1}]>".format(type(self).__name__, " ".join(str(part) for part in self._expressions))


class All(_Several):
    """Fulfilled if all its expressions are, or if there are none."""

    def match(self, candidate: Mapping[str, _Value]) -> bool:
        """Return whether *candidate* fulfils all."""
        return all(part.match(candidate) for part in self._expressions)


class Any(_Several):
    """Fulfilled if one of its expressions is; never, if there are none."""

    def match(self, candidate: Mapping[str, _Value]) -> bool:
        """Return whether *candidate* fulfils one."""
        return any(part.match(candidate) for part in self._expressions)


class Not(Expression):
    """Fulfilled if its expression is not."""

    def __init__(self, expression: Expression) -> None:
        """Make the opposite of *expression*."""
        self._expression = expression

    def __str__(self) -> str:
        return "<{0} {1}>".format(type(self).__name__, self._expression)

    def match(self, candidate: Mapping[str, _Value]) -> bool:
        """Return whether *candidate* does not fulfil the expression."""
        return not self._expression.match(candidate)


class Condition(Expression):
    """Compares a value of the mapping."""

    def __init__(self, key: str, operator: Callable[[_Value, _Value], bool], value: _Value) -> None:
        """Compare what is under *key*, with dots between the keys of nested mappings, with *value*.

        *operator* is one of the module :mod:`operator`. For equality, *value* may end with ``*`` for anything that
        begins like it. Numbers are compared as numbers, everything else as text. A mapping without the key does not
        fulfil the condition.
        """
        self._key = key
        self._operator = operator
        self._value = value

    def __str__(self) -> str:
        names = [name for name, operator in _OPERATORS.items() if operator is self._operator]
        sign = names[0] if names else self._operator
        return "<{0} {1}{2}{3}>".format(type(self).__name__, self._key, sign, self._value)

    def match(self, candidate: Mapping[str, _Value]) -> bool:
        """Return whether the value of *candidate* compares as it should."""
        value: _Value = candidate
        for key in self._key.split("."):
            try:
                value = value[key]
            except (KeyError, TypeError, IndexError):
                return False
        expected = self._value
        if self._operator is eq and isinstance(expected, str) and expected.endswith("*"):
            return expected == "*" or _text(value).startswith(expected[:-1])
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            try:
                return self._operator(value, float(expected))
            except (TypeError, ValueError):
                return self._operator is ne
        return self._operator(_text(value), _text(expected))


def _text(value: _Value) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


class Parser:
    """Makes expressions of text, such as ``topic=ftrack.update and source.user.username!=bot``."""

    def parse(self, expression: str) -> Expression:
        """Return what *expression* says. Raises :exc:`~ftrack_rust.exception.ParseError` if it says nothing."""
        try:
            return _built(_engine.parse_expression(expression))
        except ValueError as error:
            raise exception.ParseError("Failed to parse: {0}. {1}".format(expression, error)) from error


def _built(tree: _Value) -> Expression:
    kind = tree[0]
    if kind == "condition":
        return Condition(tree[1], _OPERATORS[tree[2]], tree[3])
    if kind == "not":
        return Not(_built(tree[1]))
    parts = [_built(part) for part in tree[1]]
    return All(parts) if kind == "all" else Any(parts)

