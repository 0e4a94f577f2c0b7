"""One document from several: `extends`, `uses` and overrides, in that order before anything is read from it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dlsuite.spec import document
from dlsuite.spec.document import Array, Object
from dlsuite.spec.errors import Fault, Place, SpecError, suggest
from dlsuite.spec.values import Argument

MAX_FILES = 50
LIBRARY_KEYS = ("$schema", "version", "name", "about", "uses", "blocks")


def compose(start: Object, path: Path | None, overrides: Mapping[str, Any]) -> Object:
    """Returns a document with what it extends and uses merged in, and overrides applied.

    Args:
        start: The document as read.
        path: Its file; `None` for one made in Python, which then may extend and use files of the working folder.
        overrides: Values by dotted path, such as `{"params.width": 32, "train.epochs": 5}`; an `Argument` among them
            says where it was given.

    Raises:
        SpecError: A file is missing, leaves the folder of the specs, or leads back to itself; a block stands in two
            libraries; an override names what is not there.
    """
    folder = path.parent.resolve() if path else Path.cwd().resolve()
    composer = _Composer(root_of(folder))
    merged = composer.extend(start, folder, (path.resolve(),) if path else ())
    for key, value in overrides.items():
        override(merged, key, value)
    return merged


def root_of(folder: Path) -> Path:
    """Returns the folder of the specs: the nearest one upward that holds `schema.json`, else the spec's own."""
    folder = folder.resolve()
    for candidate in (folder, *folder.parents):
        if (candidate / "schema.json").is_file():
            return candidate
    return folder


def merge(base: Object, over: Object) -> Object:
    """Returns `base` with `over` laid upon it: objects merge, lists and components of another name replace."""
    result = Object(over.place)
    for source in (base, over):
        for key, value in source.items():
            old = result.get(key)
            if isinstance(old, Object) and isinstance(value, Object) and not _other_component(old, value):
                value = merge(old, value)
            result.put(key, value, source.places[key], source.keys_at[key])
    return result


def override(target: Object, path: str, value: Any) -> None:
    """Sets the value at a dotted path, in place.

    Raises:
        SpecError: The path leads through something that has no parts, or names a param that is not there.
    """
    given = Argument.of(value, f'overrides["{path}"]')
    pointer = "/" + path.replace(".", "/")
    text = given.value if isinstance(given.value, str) else document.write(given.value, given.name, pointer)
    value, place = document.parse_value(text, given.name, pointer)
    keys = path.split(".")
    params = target.get("params")
    params = params if isinstance(params, Object) else {}
    if keys[0] == "params" and len(keys) == 2 and keys[1] not in params:
        hint = suggest(keys[1], params, what="params")
        raise SpecError([Fault(f"The spec has no param `{keys[1]}`.", place, hint)])
    if keys[0] not in TOP_KEYS:
        raise SpecError([Fault(f"A spec has no `{keys[0]}`.", place, suggest(keys[0], TOP_KEYS))])
    at: Any = target
    depth = 0
    while depth < len(keys):
        key = _key(keys[depth:], at)
        depth += key.count(".") + 1
        last = depth == len(keys)
        if isinstance(at, Array) and re.fullmatch(r"-?\d+", key) and -len(at) <= int(key) < len(at):
            if last or _closed(at[int(key)], keys[depth]):
                at[int(key)], at.places[int(key)] = value if last else Object(place), place
            at = at[int(key)]
        elif isinstance(at, Object):
            if last or key not in at or _closed(at[key], keys[depth]):
                at.put(key, value if last else Object(place), place, place)
            at = at[key]
        else:
            where = ".".join(keys[: depth - 1]) or "the spec"
            message = f"`{where}` is {document.describe(at)}: there is no `{key}` in it."
            raise SpecError([Fault(message, place, "Give the path of a key, or the index of a list's item.")])


TOP_KEYS = (
    "$schema", "version", "name", "about", "extends", "uses", "params", "data", "blocks", "model", "models", "train",
    "predict", "baselines", "expect",
)  # fmt: skip


class _Composer:
    def __init__(self, root: Path):
        self.root = root
        self.files = 0
        self.size = 0

    def extend(self, spec: Object, folder: Path, trail: tuple[Path, ...]) -> Object:
        spec = self.use(spec, folder, trail)
        if "extends" not in spec:
            return spec
        place = spec.places["extends"]
        path = self.resolve(spec["extends"], place, folder, trail)
        base = self.extend(self.read(path, place), path.parent, (*trail, path))
        for key in ("expect", "extends"):
            base.pop(key, None)
            spec.pop(key, None) if key == "extends" else None
        return merge(base, spec)

    def use(self, spec: Object, folder: Path, trail: tuple[Path, ...]) -> Object:
        if "uses" not in spec:
            return spec
        paths, place = spec["uses"], spec.places["uses"]
        if not isinstance(paths, Array):
            raise SpecError([Fault(f"`uses` is {document.describe(paths)}.", place, "A list of paths goes there.")])
        blocks = Object(place)
        for path, at in zip(paths, paths.places, strict=True):
            file = self.resolve(path, at, folder, trail)
            library = self.use(self.read(file, at), file.parent, (*trail, file))
            if not isinstance(library.get("blocks"), Object):
                hint = 'A library is written {"blocks": {"name": {"layers": [...]}}}; `extends` takes a whole spec.'
                raise SpecError([Fault(f"The file `{path}` is no block library: it has no `blocks`.", at, hint)])
            faults = [
                Fault(f"A block library has no `{key}`.", library.keys_at[key], suggest(key, LIBRARY_KEYS, what="keys"))
                for key in library
                if key not in LIBRARY_KEYS
            ]
            if faults:
                raise SpecError(faults)
            for name, block in library["blocks"].items():
                if name in blocks and blocks[name] != block:
                    message = f"The block `{name}` stands in two of the libraries used."
                    raise SpecError([Fault(message, at, "Rename one of them.")])
                blocks.put(name, block, library["blocks"].places[name], library["blocks"].keys_at[name])
        result = Object(spec.place)
        for key, value in spec.items():
            if key != "uses":
                result.put(key, value, spec.places[key], spec.keys_at[key])
        own = result.get("blocks")
        if own is None or isinstance(own, Object):
            for name in own or ():
                blocks.put(name, own[name], own.places[name], own.keys_at[name])  # type: ignore[index,union-attr]
            result.put("blocks", blocks, spec.places.get("blocks", place), spec.keys_at.get("blocks", place))
        return result

    def resolve(self, path: Any, place: Place, folder: Path, trail: tuple[Path, ...]) -> Path:
        if not isinstance(path, str) or not path:
            hint = 'The path of a .json file, from the folder of this one: "blocks/attention.json".'
            raise SpecError([Fault(f"A path is a string, not {document.describe(path)}.", place, hint)])
        try:
            file = (folder / path).resolve()
            there = file.is_file()
        except (OSError, ValueError, RuntimeError):
            shown = document.describe(path)
            hint = "Paths are those of .json files in the folder of the specs."
            raise SpecError([Fault(f"No path can be {shown}.", place, hint)]) from None
        if not file.is_relative_to(self.root):
            hint = f"Specs and block libraries stay inside {self.root.name}/."
            raise SpecError([Fault(f"The path `{path}` leaves the folder of the specs.", place, hint)])
        if file in trail:
            chain = " -> ".join(item.name for item in (*trail[trail.index(file) :], file))
            raise SpecError([Fault(f"The files lead back to themselves: {chain}.", place, "Break the cycle.")])
        self.files += 1
        if self.files > MAX_FILES:
            hint = "Put blocks that belong together in one file."
            raise SpecError([Fault(f"More than {MAX_FILES} files.", place, hint)])
        if not there:
            inside = file if file.is_dir() else file.parent
            near = [item.name for item in inside.glob("*.json")] if inside.is_dir() else []
            message = f"`{path}` is a folder." if file.is_dir() else f"There is no file `{path}`."
            hint = suggest(file.name, near, what="files") or f"{len(near)} files are in that folder."
            raise SpecError([Fault(message, place, hint)])
        return file

    def read(self, path: Path, place: Place) -> Object:
        """Returns another document, while all of them together stay within the limit for one."""
        read = document.read(path, self.shown(path))
        self.size += len(read.place.source.text)
        if self.size > document.MAX_BYTES:
            message = f"The files of this spec hold more than {document.MAX_BYTES:,} characters together."
            raise SpecError([Fault(message, place, "Use fewer or smaller ones.")])
        return read

    def shown(self, path: Path) -> str:
        return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


def _key(keys: list[str], holder: Any) -> str:
    """Returns the first key of a path: one with dots, such as `keras_hub.RotaryEmbedding`, where the holder has it."""
    joined = (".".join(keys[:count]) for count in range(1, len(keys) + 1))
    return next((key for key in joined if isinstance(holder, Object) and key in holder), keys[0])


def _closed(value: Any, key: str) -> bool:
    """Returns whether a value is a component by its name alone, or another one than the path goes on into."""
    if isinstance(value, str):
        return value == key or bool(_NAMED.fullmatch(value) and _NAMED.fullmatch(key))
    name = _component(value)
    return name is not None and name != key and bool(_NAMED.fullmatch(key))


def _other_component(old: Object, new: Object) -> bool:
    """Returns whether one is a component (`{"Name": ...}`) and the other neither it nor a part of it."""
    before, after = _component(old), _component(new)
    return (before is not None and bool(new) and before not in new) or (after is not None and after not in old)


def _component(value: Any) -> str | None:
    """Returns the name of a component that is written with its arguments."""
    if not isinstance(value, Object) or len(value) != 1:
        return None
    ((name, arguments),) = value.items()
    return name if isinstance(arguments, Object) and _NAMED.fullmatch(name) else None


_NAMED = re.compile(r"[A-Z]\w*|[a-z_]+\.\w+")
"""Names of components, as blocks, networks and patterns of layers are not written."""
