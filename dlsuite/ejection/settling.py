"""Blocks without what a model never uses: params that no call changes, and calls that these leave out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from dlsuite.ejection import outlines
from dlsuite.ejection.folding import fold, holes_read
from dlsuite.spec.expressions import is_expression

Blocks = dict[str, Any]


def settled(blocks: Mapping[str, Any], sections: Mapping[str, Any]) -> tuple[Blocks, Blocks]:
    """Returns blocks and networks in which every param is one that calls give different values.

    What has the same value in every call becomes that value where it is a default, or says yes or no; a call whose
    `when` then is no is left out. Arguments that say no more than the default, and params that nothing reads, go.

    Args:
        blocks: Those that the networks call, each after those that it calls itself, as the spec has them.
        sections: The networks.
    """
    kept, networks = _plain(blocks), _plain(sections)
    while _settle(kept, networks):
        pass
    return kept, networks


def calls(layers: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yields name and arguments of every call that is not left out, structures and merges too."""
    for raw in layers:
        name, given = outlines.written(raw)
        if outlines.left_out(given):
            continue
        yield name, given  # type: ignore[misc]
        if "merge" in given:
            yield from calls([given["merge"]])
        for _, chain in outlines.parts(name, given):
            yield from calls(chain)


def _settle(blocks: Blocks, sections: Blocks) -> bool:
    """Settles params of each block once, and returns whether that changed anything."""
    changed = False
    for name in [*blocks]:
        block = blocks[name]
        bodies = (*blocks.values(), *sections.values())
        those = [given for body in bodies for called, given in calls(body["layers"]) if called == name]
        for key, default in [*block.get("params", {}).items()]:
            if is_single(default):
                for given in those:
                    if key in given and _same(given[key], default):
                        del given[key]
                        changed = True
            fixed = _fixed(key, default, those)
            if fixed is not None and _may_stand(block, key, *fixed) and _is_clearer(block, key, *fixed):
                del block["params"][key]
                blocks[name] = block = _put(block, key, fixed[0])
            elif not _is_read(block, key):
                del block["params"][key]
            else:
                continue
            changed = True
            for given in those:
                given.pop(key, None)
    return changed


def _fixed(key: str, default: Any, those: list[dict[str, Any]]) -> tuple[Any] | None:
    """Returns the value that a param has in every call, in a tuple of one; `None` where it has several."""
    if not any(key in given for given in those):
        return (default,) if default is not None and is_single(default) else None
    values = [given.get(key, default) for given in those]
    return (values[0],) if isinstance(values[0], bool) and all(one is values[0] for one in values) else None


def is_single(value: Any) -> bool:
    """Returns whether a value is one number, text or truth value, no expression."""
    if isinstance(value, str):
        return not value.startswith("=") and "{" not in value and "}" not in value
    return isinstance(value, bool | int | float)


def _same(a: Any, b: Any) -> bool:
    return type(a) is type(b) and a == b


def _is_read(block: Mapping[str, Any], key: str) -> bool:
    return key in outlines.names_read([block["layers"], block["params"]])


def _is_clearer(block: Mapping[str, Any], key: str, value: Any) -> bool:
    """Returns whether code reads better with the value than with its name: it decides, or is one argument of one call.

    `heads * head_width` says more than `12 * 16`.
    """
    read = [text for text in outlines.strings([block["layers"], block["params"]]) if key in outlines.names_read(text)]
    whens = [given["when"] for _, given in calls(block["layers"]) if is_expression(given.get("when"))]
    decided = any(key in outlines.names_read(when) and _put(when, key, value, "when") is False for when in whens)
    return isinstance(value, bool) or decided or [text[1:].strip() for text in read] == [key]


def _may_stand(block: Mapping[str, Any], key: str, value: Any) -> bool:
    """Returns whether a value can stand wherever a param is read: not in names, and no text where wires are."""
    found = outlines.structures(block["layers"])
    places = [given.get(word) for _, given in found for word in ("inputs", "name", "to")]
    hidden = any(key in (given.get("index"), given.get("item")) for _, given in outlines.structures(block["layers"]))
    wired = isinstance(value, str) and key in outlines.names_read([one for one in places if one is not None])
    return not hidden and not wired and key not in holes_read(block["layers"])


def _put(raw: Any, name: str, value: Any, key: str = "") -> Any:
    """Returns a part of a spec with a value in the place of a name."""
    if isinstance(raw, Mapping):
        return {own: one if own == "about" else _put(one, name, value, own) for own, one in raw.items()}
    if isinstance(raw, list):
        return [_put(one, name, value) for one in raw]
    if isinstance(raw, str) and is_expression(raw) and name in outlines.names_read(raw):
        return fold(raw, {name: value}, truth=key == "when")
    return raw


def _plain(raw: Any) -> Any:
    """Returns a copy of a part of a spec, in dictionaries and lists."""
    if isinstance(raw, Mapping):
        return {str(key): _plain(one) for key, one in raw.items()}
    return [_plain(one) for one in raw] if isinstance(raw, list | tuple) else raw
