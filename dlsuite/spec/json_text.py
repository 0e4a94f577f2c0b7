"""JSON texts read by hand: each value with its place, each fault with its own message."""

from __future__ import annotations

import json
import math
import re
from typing import Any, NoReturn

from dlsuite.spec.errors import Fault, Place, Source, SpecError, Steps, shorten
from dlsuite.spec.values import Array, Object

MAX_DEPTH = 64
MAX_DIGITS = 300
MAX_KEY = 200
MAX_FAULTS = 1000

_SPACE = re.compile(r"[ \t\n\r]*")
_SEPARATOR = re.compile(r"[ \t\n\r]*(,?)[ \t\n\r]*")
_STRING = re.compile(r'"([^"\\\x00-\x1f]*(?:\\.[^"\\\x00-\x1f]*)*)"', re.DOTALL)
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_WORDS = {"true": True, "false": False, "null": None}
_WORD = re.compile(r"true\b|false\b|null\b")
_LETTERS = re.compile(r"[^\W\d]\w*")
_UNENDED = re.compile(r'"(?:[^"\\\x00-\x1f]|\\.)*', re.DOTALL)
_BROKEN = re.compile(r'((?:[^\\]|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4})*+)\\.?', re.DOTALL)
_FOREIGN = {
    "true": "JSON writes true.",
    "false": "JSON writes false.",
    "null": "JSON writes null.",
    "none": "JSON writes null.",
    "nan": "JSON has no such number.",
    "infinity": "JSON has no such number.",
    "inf": "JSON has no such number.",
}
"""Words that other languages write, in lower case, and what JSON does."""


class Parser:
    """One pass over a text; stops at the first place that is not JSON, collects duplicate keys."""

    def __init__(self, source: Source, pointer: str = ""):
        self.source = source
        self.text = source.text
        self.at = 0
        self.pointer = pointer
        self.steps: Steps = pointer  # to the innermost value that is being read
        self.faults: list[Fault] = []

    def document(self) -> tuple[Any, Place]:
        """Returns the value of the whole text, and its place.

        Raises:
            SpecError: At the first place that is no JSON.
        """
        self.skip()
        place = Place(self.source, self.at, self.pointer)
        if self.at == len(self.text):
            self.fail("The text is empty.", "A spec is a JSON object.")
        value = self.value(self.pointer, 1)
        self.steps = self.pointer
        self.skip()
        if self.at < len(self.text):
            self.fail(f"After the end of the document stands {self.here()}.", "A file holds one JSON object.")
        return value, place

    def value(self, steps: Steps, depth: int) -> Any:
        text, at, self.steps = self.text, self.at, steps
        first = text[at : at + 1]
        if first == '"':
            return self.string()
        if first == "{" or first == "[":
            if depth > MAX_DEPTH:
                self.fail(f"More than {MAX_DEPTH} levels of nesting.", "Give the inner part a name in `blocks`.")
            return self.object(steps, depth) if first == "{" else self.array(steps, depth)
        number = _NUMBER.match(text, at)
        if number:
            return self.number(number)
        word = _WORD.match(text, at)
        if word:
            self.at = word.end()
            return _WORDS[word[0]]
        self.strange(first)

    def number(self, match: re.Match[str]) -> int | float:
        at, self.at = self.at, match.end()
        if self.at - at > MAX_DIGITS:
            self.fail(f"A number of more than {MAX_DIGITS} characters.", "Write it shorter, as in 1e-5.", at)
        if not match[1] and not match[2]:
            return int(match[0])
        result = float(match[0])
        if math.isinf(result):
            self.fail(f"The number {match[0]} is too large.", "Numbers end near 1.8e308.", at)
        return result

    def strange(self, first: str) -> NoReturn:
        """Reports what is no value."""
        if self.text.startswith(("//", "/*", "#"), self.at):
            self.fail("A comment; JSON has none.", 'Put the remark in an "about".')
        if first == "'":
            self.fail("Single quotes; JSON strings take double quotes.", 'Write "..." instead.')
        word = _LETTERS.match(self.text, self.at)
        if word and word[0].lower() in _FOREIGN:
            self.fail(f"`{word[0]}` is no JSON value.", _FOREIGN[word[0].lower()])
        if word:
            self.fail(f"Found `{shorten(word[0])}` where a value should be.", "Strings stand in double quotes.")
        if first and first in "+.-":
            self.fail(f"Found {self.here()} where a value should be.", "Numbers are written as in 0.5, -3 or 1e-5.")
        self.fail(
            f"Found {self.here()} where a value should be.",
            "A value is a string, a number, true, false, null, a list or an object.",
        )

    def object(self, steps: Steps, depth: int) -> Object:
        opened = self.at
        result = Object(Place(self.source, opened, steps))
        self.at += 1
        self.skip()
        if self.take("}"):
            return result
        while True:
            key_at = self.at
            key = self.key(opened)
            inner = steps, key
            place = Place(self.source, self.at, inner)
            value = self.value(inner, depth + 1)
            self.steps = steps
            if key in result:
                self.twice(key, result.keys_at[key], Place(self.source, key_at, inner))
            result.put(key, value, place, Place(self.source, key_at, inner))
            if self.closes("}", opened, "an object"):
                return result

    def key(self, opened: int) -> str:
        """Returns a key and steps over its colon."""
        at = self.at
        if self.text[at : at + 1] != '"':
            if at == len(self.text):
                self.expected(opened, "}", "an object")
            if self.text.startswith(("//", "/*", "#", "'"), at):
                self.strange(self.text[at])
            self.fail(f"Found {self.here()} where a key should be.", "Keys stand in double quotes.")
        key = self.string()
        if len(key) > MAX_KEY:
            self.fail(f"A key of more than {MAX_KEY} characters.", "Keys are names.", at)
        self.skip()
        if not self.take(":"):
            self.fail(f'Found {self.here()} after the key "{key}".', "A colon and a value follow a key.")
        self.skip()
        return key

    def twice(self, key: str, first: Place, again: Place) -> None:
        """Notes a key that an object has already."""
        line, column = self.source.locate(first.offset)
        message = f'The key "{key}" stands twice in one object; first at {line}:{column}.'
        self.faults.append(Fault(message, again, "Remove one of the two."))
        if len(self.faults) >= MAX_FAULTS:
            raise SpecError(self.faults)

    def array(self, steps: Steps, depth: int) -> Array:
        opened = self.at
        result = Array(Place(self.source, opened, steps))
        self.at += 1
        self.skip()
        if self.take("]"):
            return result
        while True:
            inner = steps, len(result)
            place = Place(self.source, self.at, inner)
            if self.at == len(self.text):
                self.expected(opened, "]", "an array")
            result.append(self.value(inner, depth + 1))
            self.steps = steps
            result.places.append(place)
            if self.closes("]", opened, "an array"):
                return result

    def closes(self, closing: str, opened: int, what: str) -> bool:
        """Returns whether an object or array ends here; else steps over the comma before its next member."""
        separator = _SEPARATOR.match(self.text, self.at)
        assert separator is not None
        self.at = separator.end()
        if separator[1]:
            if self.text.startswith(closing, self.at):
                self.fail(f"A comma before the closing `{closing}`.", "Remove the comma.", separator.start(1))
            return False
        if self.take(closing):
            return True
        self.expected(opened, closing, what)

    def string(self) -> str:
        match = _STRING.match(self.text, self.at)
        if not match:
            end = _UNENDED.match(self.text, self.at)
            if end and end.end() < len(self.text) and self.text[end.end()] != "\n":
                control = f"A string holds the control character {ord(self.text[end.end()]):#04x}."
                self.fail(control, r"Write it as an escape, such as \t or \u0007.", end.end())
            self.fail("A string that does not end.", "Strings end with a double quote on the same line.")
        if "\\" not in match[1]:
            self.at = match.end()
            return match[1]
        try:
            result = json.loads(match[0])
            result.encode()
        except ValueError:
            broken = _BROKEN.search(self.text, self.at, match.end())
            if not broken:
                self.fail("A string with half of a character.", "Write the character itself, or both its escapes.")
            hint = r"Escapes are \" \\ \/ \b \f \n \r \t and \uXXXX; a backslash itself is \\."
            self.fail(f"`{self.text[broken.end(1) : broken.end()]}` is no escape.", hint, broken.end(1))
        self.at = match.end()
        return result

    def skip(self) -> None:
        self.at = _SPACE.match(self.text, self.at).end()  # type: ignore[union-attr]

    def take(self, character: str) -> bool:
        if self.text.startswith(character, self.at):
            self.at += 1
            return True
        return False

    def expected(self, opened: int, closing: str, what: str) -> NoReturn:
        line, column = self.source.locate(opened)
        if self.at == len(self.text):
            self.fail(f"The text ends inside {what} that began at {line}:{column}.", f"Close it with `{closing}`.")
        self.fail(
            f"Found {self.here()} where a comma or `{closing}` should be.", f"It is inside {what} from {line}:{column}."
        )

    def here(self) -> str:
        rest = self.text[self.at : self.at + 20].split("\n")[0]
        return f"`{rest}`" if rest else "the end of the " + ("text" if self.at >= len(self.text) else "line")

    def fail(self, message: str, hint: str = "", at: int | None = None) -> NoReturn:
        place = Place(self.source, self.at if at is None else at, self.steps)
        raise SpecError([*self.faults, Fault(message, place, hint)])
