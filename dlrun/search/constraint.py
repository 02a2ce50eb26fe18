"""Comparisons of named numbers, such as ``params.width * params.depth <= 256``.

The names are keys of a space, or those of scores and costs.  An expression consists of numbers,
names, ``+ - * / // %``, brackets, comparisons, ``and``, ``or`` and ``not``; anything else is an
error, so a sweep cannot run code.
"""

from __future__ import annotations

import ast
import operator
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from dlrun.search.dimensions.uniform import is_number
from dlrun.spec.origin import Origin
from dlrun.spec.problems import Problems, did_you_mean

Evaluate = Callable[[Mapping[str, Any]], Any]

_ARITHMETIC: Mapping[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}
_COMPARISONS: Mapping[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
_STAND_IN = re.compile(r"(?<![\w.])_\d+_(?![\w.])")
"""What a key is replaced by before the text is parsed."""
_MAX_LENGTH = 1000
"""Maximum length of an expression in characters, which limits its nesting depth."""


@dataclass(frozen=True, slots=True)
class Constraint:
    """An expression that must be true.

    Attributes:
        text: as written.
        keys: the names that it contains.
    """

    text: str
    keys: frozenset[str]
    _evaluate: Evaluate

    def holds(self, values: Mapping[str, Any]) -> bool:
        """Whether it is true; also true if a key of it has no value, as it is not active."""
        if not self.keys <= values.keys():
            return True
        try:
            return bool(self._evaluate(values))
        except (ZeroDivisionError, OverflowError):  # it has no value, so it does not hold
            return False


class _ConstraintError(Exception):
    """A problem, and how to fix it."""


@dataclass(frozen=True, slots=True)
class Names:
    """The names that an expression may contain.

    Attributes:
        numeric: whether each is a number.
        unknown: the beginning of a message about another one.
        example: of an expression.
    """

    numeric: Mapping[str, bool]
    unknown: str = "the space has no key"
    example: str = "params.depth <= 4"


def read(text: str, names: Names, origin: Origin, problems: Problems) -> Constraint | None:
    """The constraint that a text describes; None if it is invalid, with the reason in ``problems``.

    Args:
        text: the expression.
        names: that it may contain.
        origin: of the text.
        problems: collects the errors.
    """
    if len(text) > _MAX_LENGTH:
        problems.add(origin, f"a constraint has more than {_MAX_LENGTH} characters", "split it")
        return None
    # Keys such as model.0.units are not valid in Python: each is replaced by a valid name.
    known = sorted(names.numeric, key=len, reverse=True)
    pattern = "|".join(map(re.escape, known)) or "$^"
    spelled = re.sub(
        rf"(?<![\w.])(?:{pattern})(?![\w.])", lambda found: f"_{known.index(found[0])}_", text
    )
    # The text itself has no such name, also not in letters that Python reads as the same.
    for own in _STAND_IN.findall(unicodedata.normalize("NFKC", text)):
        if own not in names.numeric:
            problems.add(origin, f"{names.unknown} '{own}'", did_you_mean(own, names.numeric))
            return None
    try:
        tree = ast.parse(spelled.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        problems.add(origin, f"not a comparison: '{text}'", f"write e.g. '{names.example}'")
        return None
    reader = _Reader(known, names)
    try:
        evaluate = reader.truth(tree)
    except _ConstraintError as error:
        problems.add(origin, *error.args)
        return None
    return Constraint(text, frozenset(reader.keys), evaluate)


class _Reader:
    """Converts a syntax tree to functions of a suggestion, from the inside out."""

    def __init__(self, known: list[str], names: Names) -> None:
        self.known, self.names = known, names
        self.keys: set[str] = set()

    def truth(self, node: ast.expr) -> Evaluate:
        """A condition: a comparison, or several with and, or, not."""
        match node:
            case ast.BoolOp(op=op, values=values):
                parts = [self.truth(each) for each in values]
                decide = all if isinstance(op, ast.And) else any
                return lambda s: decide(part(s) for part in parts)
            case ast.UnaryOp(op=ast.Not(), operand=inner):
                of = self.truth(inner)
                return lambda s: not of(s)
            case ast.Compare(left=left, ops=ops, comparators=others):
                if not all(type(op) in _COMPARISONS for op in ops):
                    raise _ConstraintError(
                        "'in' and 'is' do not compare numbers", "use < <= > >= == !="
                    )
                numbers = [self.number(each) for each in (left, *others)]
                compare = [_COMPARISONS[type(op)] for op in ops]
                return lambda s: all(
                    op(a(s), b(s)) for op, a, b in zip(compare, numbers, numbers[1:], strict=False)
                )
        what = f"'{self._shown(node)}' is neither true nor false"
        raise _ConstraintError(what, f"compare two numbers, e.g. '{self.names.example}'")

    def number(self, node: ast.expr) -> Evaluate:
        """A number, a key, or an arithmetic expression of them."""
        match node:
            case ast.Constant(value=value) if is_number(value):
                return lambda s: value
            case ast.UnaryOp(op=ast.USub(), operand=inner):
                of = self.number(inner)
                return lambda s: -of(s)
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _ARITHMETIC:
                a, b, combine = self.number(left), self.number(right), _ARITHMETIC[type(op)]
                return lambda s: combine(a(s), b(s))
            case ast.Name(id=name) if re.fullmatch(r"_\d+_", name):
                return self._key(self.known[int(name[1:-1])])
            case ast.Name() | ast.Attribute():
                word = self._shown(node)
                raise _ConstraintError(
                    f"{self.names.unknown} '{word}'", did_you_mean(word, self.names.numeric)
                )
        what = f"'{self._shown(node)}' is not allowed in a constraint"
        raise _ConstraintError(what, "use numbers, keys, + - * / // % and brackets")

    def _key(self, key: str) -> Evaluate:
        if not self.names.numeric[key]:
            raise _ConstraintError(f"'{key}' is not numeric", "a constraint compares numbers")
        self.keys.add(key)
        return lambda s: s[key]

    def _shown(self, node: ast.expr) -> str:
        return _STAND_IN.sub(lambda found: self.known[int(found[0][1:-1])], ast.unparse(node))
