"""What an argument of a library's constructor takes, found by its default, its documentation and by trying values."""

from __future__ import annotations

import inspect
import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from dlsuite.cataloguing.named_arguments import NAMED, Schema, words

Accepts = Callable[[Any], bool]

INTEGERS = (2, 1, 0, -1, 3, 4, 8, 512)
NUMBERS = (0.5, 1e-3, 1.5, 2.5, -0.5, -1.0, 1000.0)
ITEMS = (1, 0.5, "bogus", None, [1, 1])
LENGTHS = range(5)
STRINGS = words(
    "valid same causal full channels_last channels_first concat sum ave mul add average max min auto mean none "
    "int one_hot multi_hot count tf_idf bilinear nearest bicubic lanczos3 lanczos5 area gaussian mitchellcubic "
    "constant reflect wrap edge symmetric crop hann hamming blackman sum_over_batch_size mean_with_sample_weight "
    "micro macro weighted ROC PR interpolation minoring majoring avg uniform_average variance_weighted_average "
    "rows columns fan_in fan_out fan_avg uniform normal truncated_normal untruncated_normal linear log magnitude "
    "psd angle real imag stft density spectrum dot horizontal vertical horizontal_and_vertical whitespace character "
    "lower strip_punctuation lower_and_strip_punctuation farmhash floormod int32 int64 float16 float32 float64 "
    "bfloat16 string epoch batch max_abs dynamic yarn left right round_robin waterfall xyxy yxyx xywh center_xyWH "
    "center_yxHW rel_xyxy rel_yxyx rel_xywh rel_yxhw longest max_length basic_block bottleneck_block utf-8"
)
DOCUMENTED = (
    ("integer", r"\bint(eger)?s?\b"),
    ("number", r"\bfloat(ing|s)?\b|\bscalar\b|^(a |the )?numbers?\b(?! of)"),
    ("boolean", r"\bbool(ean)?s?\b|^whether\b|^if true\b"),
    ("string", r"\bstr(ing)?s?\b"),
    ("array", r"\btuples?\b|\blists?\b|\bsequences? of\b|\biterable\b"),
    ("null", r"\bnone\b"),
    ("object", r"\bdict(ionary)?\b"),
)
ORDER = ("null", "boolean", "integer", "number", "string", "array", "object")


def parameters(function: Any) -> dict[str, inspect.Parameter]:
    """Returns the named parameters of a class or function, without `self`."""
    signature = inspect.signature(function)
    wanted = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    return {name: p for name, p in signature.parameters.items() if p.kind in wanted and name != "self"}


@cache
def documentation(function: Any) -> dict[str, str]:
    """Returns what docstrings say of each argument, by name."""
    found: dict[str, str] = {}
    for owner in (function, *getattr(function, "__mro__", ())[1:3]):
        for holder in (owner, getattr(owner, "__init__", None)):
            for name, text in _sections(inspect.getdoc(holder) or ""):
                found.setdefault(name, text)
    return found


def _sections(text: str) -> Iterator[tuple[str, str]]:
    """Yields name and text of each entry under `Args:`."""
    parts = re.split(r"(?m)^(?:Args|Arguments|Call arguments):\n", text)
    for part in parts[1:]:
        block = re.match(r"(?:[ ]+.*\n?|\n)*", part)
        entry = re.match(r"\n*( +)", part)
        if block is None or entry is None:
            continue
        indent = entry[1]
        for item in re.split(rf"(?m)^{indent}(?=[\w`*])", block[0])[1:]:
            head = re.match(r"[`*]*(\w+)[`*]*(?: ?\([^)]*\))?: ?", item)
            if head:
                yield head[1], " ".join(item[head.end() :].split())


def schema_of(name: str, parameter: inspect.Parameter, accepts: Accepts | None, doc: str) -> Schema:
    """Returns the schema of one argument, without its default.

    Args:
        accepts: Whether the constructor takes a value; `None` where it cannot be tried.
        doc: What its documentation says.
    """
    required = parameter.default is inspect.Parameter.empty
    default = None if required else plain(parameter.default)
    own = set() if required else {_type(default)}
    if own == {"boolean"}:
        return {"type": ["boolean", "string"] if NAMED.get(name, {}).get("values") else ["boolean"]}
    named = NAMED.get(name, {})
    wanted = set(named.get("type", ()))
    if own - {"null"} and "null" not in _documented(name, doc):
        wanted.discard("null")
    types = own | _accepted(wanted, accepts, named.get("min", -1))
    if named and not types - {"null"}:
        types |= wanted if own == {"null"} else set()
    if not named or not types - {"null"}:
        types |= _accepted(_plausible(name, default, required, doc), accepts)
    if types == {"null"}:
        types |= _accepted(("integer", "number", "string", "array"), accepts)
    if "number" in types:
        types.discard("integer")
    schema: Schema = {"type": [kind for kind in ORDER if kind in types]}
    if "string" in types:
        schema |= _strings(accepts, doc, default, named.get("values"))
    if types & {"integer", "number"}:
        schema |= _narrowed(_bounds(accepts, "number" in types), named)
    if "array" in types:
        schema |= _array(accepts, default, named, doc)
    return schema


def plain(value: Any) -> Any:
    """Returns a default as JSON.

    Raises:
        TypeError: It cannot be written as JSON.
    """
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if value is None or isinstance(value, bool | int | float | str):
        if value in (float("inf"), float("-inf")):
            raise TypeError(value)
        return value
    if inspect.isfunction(value) and "activations" in value.__module__:
        return value.__name__
    raise TypeError(value)


def required(build: Callable[..., Any], names: Iterable[str], known: Mapping[str, Any]) -> dict[str, Any] | None:
    """Returns values for required arguments with which a constructor works, or `None` if none were found."""
    names = list(names)
    pools = [[known[name]] if name in known else _pool(NAMED.get(name, {}).get("type", ())) for name in names]
    for values in itertools.islice(itertools.product(*pools), 500):
        if works(build, dict(zip(names, values, strict=True))):
            return dict(zip(names, values, strict=True))
    return None


def _pool(types: Iterable[str]) -> list[Any]:
    """Returns values to try for a required argument, the likeliest first."""
    scalars, arrays = [2, 0.5, "same", 8, True], [[2, 2], [2], [0.0, 1.0], [[1, 1], [1, 1]]]
    return [*arrays, *scalars] if "array" in types and "integer" not in types else [*scalars[:2], *arrays, *scalars[2:]]


def works(build: Callable[..., Any], arguments: Mapping[str, Any]) -> bool:
    """Returns whether a constructor takes these arguments."""
    try:
        build(**{key: list(value) if isinstance(value, list) else value for key, value in arguments.items()})
    except Exception:
        return False
    return True


def _type(value: Any) -> str:
    names = {type(None): "null", bool: "boolean", int: "integer", float: "number", str: "string", list: "array"}
    return names.get(type(value), "object")


def _documented(name: str, doc: str) -> set[str]:
    start = doc[:140].lower()
    found = {kind for kind, pattern in DOCUMENTED if re.search(pattern, start)}
    found |= {"null"} if re.search(r"\bnone\b", doc.lower()) else set()
    found |= {"string"} if re.search(r"`?['\"]\w+['\"]`?", doc[:200]) else set()
    found |= {"array"} if name.endswith("shape") else set()
    return found


def _plausible(name: str, default: Any, required: bool, doc: str) -> set[str]:
    documented = _documented(name, doc)
    if required:
        return documented - {"null", "boolean"} or documented or {"integer", "number", "string", "array"}
    kind = _type(default)
    if kind == "null":
        return documented - {"boolean"} if len(documented - {"null"}) > 1 else documented
    inner = {_type(item) for item in _leaves(default)} if kind == "array" else set()
    also = {
        "integer": {"null", "array", "number"},
        "number": {"null", "array"},
        "string": {"null"},
        "array": {"null", *inner},
    }
    return {kind} | (documented & also.get(kind, set()))


def _leaves(value: Any) -> Iterator[Any]:
    for item in value:
        yield from _leaves(item) if isinstance(item, list) else (item,)


def _accepted(types: Iterable[str], accepts: Accepts | None, least: int = -1) -> set[str]:
    """Returns those types of which a constructor takes some value; of integers, some from `least` on."""
    if accepts is None:
        return set(types)
    trials = {
        "null": (None,),
        "boolean": (True,),
        "integer": tuple(number for number in INTEGERS if number >= least),
        "number": NUMBERS,
        "string": ("bogus", *STRINGS),
        "array": tuple([item] * length for item in ITEMS for length in LENGTHS if length),
        "object": ({}, {"a": 1}),
    }
    return {kind for kind in types if any(map(accepts, trials[kind]))}


def _strings(accepts: Accepts | None, doc: str, default: Any, named: list[str] | None) -> Schema:
    """Returns the strings that are taken, where others are refused or a fixed set is known."""
    known = {"values": named} if named else {}
    if accepts is None or accepts("bogus"):
        return known if default is None or default in (named or ()) else {}
    quoted = re.findall(r"['\"`]([\w-]+)['\"`]", doc)
    pool = {*STRINGS, *quoted, *(named or ()), *([default] if isinstance(default, str) else [])}
    taken = [text for text in sorted(pool) if accepts(text)]
    return {"values": [text for text in taken if text.lower() == text or text.lower() not in taken]} if taken else known


def _bounds(accepts: Accepts | None, real: bool) -> Schema:
    """Returns the bounds of the numbers that are taken."""
    if accepts is None:
        return {}
    if not real:
        low = [point for point in (-1, 0, 1, 2) if accepts(point)]
        return {"min": low[0]} if low and low[0] >= 0 else {}
    points = (-1.0, -0.5, -1e-3, 0.0, 1e-3, 0.5, 1.0, 1.5, 1000.0)
    taken = [point for point in points if accepts(point) or (point.is_integer() and accepts(int(point)))]
    if len(taken) < 2:
        return {}
    bounds: Schema = {}
    if taken[0] >= 0:
        bounds |= {"min": int(taken[0])} if taken[0].is_integer() else {"exclusiveMin": 0}
    if taken[-1] in (0.5, 1.0):
        bounds |= {"max": 1} if taken[-1] == 1.0 else {"exclusiveMax": 1}
    return bounds


def _narrowed(found: Schema, named: Schema) -> Schema:
    """Returns bounds that were found with the known ones where those say more."""
    bounds = dict(found)
    if "min" in named and "exclusiveMin" not in bounds:
        bounds["min"] = max(named["min"], bounds.get("min", named["min"]))
    if "max" in named and "exclusiveMax" not in bounds:
        bounds["max"] = min(named["max"], bounds.get("max", named["max"]))
    return bounds


def _array(accepts: Accepts | None, default: Any, named: Schema, doc: str) -> Schema:
    """Returns what is known of the items of an array, and of their number."""
    known = {key: named[key] for key in ("items", "minItems", "maxItems") if named.get(key)}
    if accepts is None:
        return known if known else _inner(default)
    lengths: dict[int, Any] = {}
    for template in [*(default if isinstance(default, list) else []), *ITEMS]:
        for length in LENGTHS:
            if length not in lengths and accepts([template] * length):
                lengths[length] = template
    found: Schema = {}
    if any(lengths):
        length = max(lengths)
        items = _items(lambda value: accepts([value] * length), default, named.get("items") or {}, doc)
        found |= {"items": items} if items else {}
    lengths.pop(0, None)
    if lengths and len(lengths) < len(LENGTHS) - 1 and not named.get("free"):
        found |= {"minItems": min(lengths)} if min(lengths) else {}
        found |= {"maxItems": max(lengths)} if max(lengths) < LENGTHS[-1] else {}
        return found
    return {**known, **found}


def _inner(default: Any) -> Schema:
    """Returns the items of a default: numbers, or strings."""
    inner = {_type(item) for item in default or ()} if isinstance(default, list) else set()
    inner -= {"integer"} if "number" in inner else set()
    return {"items": {"type": sorted(inner)}} if inner and inner <= {"number", "integer", "string", "null"} else {}


def _items(accepts: Accepts, default: Any, named: Schema, doc: str) -> Schema:
    trials = {
        "null": (None,),
        "integer": (1, 2, 0),
        "number": (0.5, 2.5, 0.25),
        "string": ("bogus",),
        "array": ([1, 1], [0.1, 0.2], [1], [2, 3]),
    }
    taken = {kind for kind, values in trials.items() if any(map(accepts, values))}
    if not taken or taken == set(trials):
        return named or _inner(default).get("items", {})
    wanted = set(named.get("type", ()))
    whole = re.search(r"\bint(eger)?s?\b", doc.lower()) and "float" not in doc.lower()
    if isinstance(default, list) and default and all(isinstance(item, int) for item in default):
        whole = True
    if "number" in taken and (whole and "number" not in wanted or wanted and "number" not in wanted):
        taken.discard("number")
    if "number" in taken:
        taken.discard("integer")
    if wanted:
        wider = wanted | ({"number"} if "number" in wanted else set())
        if not taken & wider:
            return named
        taken &= wider
    schema: Schema = {"type": [kind for kind in ORDER if kind in taken]}
    if "integer" in taken or "number" in taken:
        points = (-1, -0.5, 0, 1) if "number" in taken else (-1, 0, 1)
        low = [point for point in points if accepts(point)]
        schema |= _narrowed({"min": int(low[0])} if low and low[0] >= 0 else {}, named)
        if taken & {"number"} and accepts(1.0) and accepts(0.5) and not accepts(1.5) and not accepts(1000.0):
            schema["max"] = 1
    return schema
