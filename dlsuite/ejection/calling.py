"""Calls of layers, tensor functions, blocks and networks as Python."""

from __future__ import annotations

from typing import Any

from dlsuite.ejection import outlines
from dlsuite.ejection.binding import Binder
from dlsuite.ejection.formulas import NotPlain
from dlsuite.ejection.layout import Call, Code, Items, listed, quoted
from dlsuite.ejection.outlines import Given
from dlsuite.ejection.reading import tensor_of
from dlsuite.spec.wiring import snake


class Caller(Binder):
    """Writes single calls."""

    def layer(self, name: str, given: Given, previous: Any, target: str, wanted: bool, ends: Any) -> Any:
        function = self.components.layer(name)
        settings = self.settings(given)
        arguments = [*self.components.arguments(name, given, self.name, settings), *settings]
        own = self.own_name(given, snake(name))
        application = name.startswith("applications.")
        inputs = self.layer_inputs(name, given, previous, ends)
        shared = "shared" in self.options or any(self.loops)
        if shared:
            self.uses.add("shared")
            made: Code = Call("once", ("shared", function, *arguments, ("name", own)))
        elif application:
            made = Call(function, (*arguments, ("weights", "None")))
        else:
            made = Call(function, (*arguments, ("name", own)))
        if shared and application:
            raise NotPlain(f"`{name}` in a shared Repeat.")
        label = given.get("name")
        if application:
            variable_ = self.wires.fresh(name.partition(".")[2].lower())
            self.writer.assign(variable_, made)
            self.writer.say(f"{variable_}.name = {own}")
            made = variable_
            self.layer_names[label or ""] = name, given, variable_
        elif label in self.reused:
            if shared or any(not loop for loop in self.loops) or outlines.optional(given):
                raise NotPlain("A layer that is reused, made in a Repeat or under a `when`.")
            kept = self.wires.fresh(f"{label}_layer" if self.wires.is_read(label) else label)
            self.writer.assign(kept, made)
            made = kept
            self.layer_names[label] = name, given, kept
        return self.bind(given, Call(made, inputs), target, wanted)

    def settings(self, given: Given) -> list[tuple[str, Code]]:
        """Returns `trainable` and `dtype` of a layer: its own, or those that its block was called with."""
        made: list[tuple[str, Code]] = []
        for key in ("trainable", "dtype"):
            own = self.components.value(given[key], self.name) if given.get(key) is not None else None
            passed = key if key in self.options else None
            if own is not None or passed:
                made.append((key, own if own is not None else key))
        return made

    def layer_inputs(self, name: str, given: Given, previous: Any, ends: Any) -> tuple[Code | tuple[str, Code], ...]:
        """Returns what a layer is called with: leading tensors in order, the others by name."""
        entry = self.components.catalogue.entry("layer", name) or {}
        parameters = entry.get("call", {"inputs": {}})
        filled = self.fill(parameters, given, previous, ends)
        made: list[Code | tuple[str, Code]] = []
        for key in parameters:
            if key not in filled:
                break
            code, tensor = filled[key]
            if made and not tensor:
                break
            made.append(code)
        rest = list(filled.items())[len(made) :]
        return (*made, *((key, code) for key, (code, _) in rest))

    def op(self, name: str, given: Given, previous: Any, target: str, wanted: bool, ends: Any) -> Any:
        entry = self.components.catalogue.entry("op", name) or {}
        function = self.components.function(name)
        schemas, tensors, variadic = entry["args"], entry.get("tensors", []), entry.get("variadic")
        codes: dict[str, tuple[Code, bool]] = {}
        for key, raw in given.items():
            if key in schemas and key != "inputs":
                schema = {"kind": schemas[key]["kind"]} if "kind" in schemas[key] else {}  # numbers stay as written
                code = self.components.argument(raw, schema, self.name, {})
                codes[key] = (tensor_of(raw, code) if key in tensors else code), False
        if variadic:
            raw = given.get("inputs", ["@previous"])
            raws = raw if isinstance(raw, list) else [raw]
            operands = ends if ends is not None else [self.read(item, previous) for item in raws]
            plain = [None] * len(operands) if ends is not None else raws
            codes[variadic] = listed([tensor_of(a, self.code(b)) for a, b in zip(plain, operands, strict=True)]), True
        elif tensors:
            missing = {key: schemas[key] for key in tensors if key not in codes}
            if missing or "inputs" in given:
                codes |= self.fill(missing, given, previous, ends, in_order=len(missing) > 1, arrays=True)
        arguments: list[Code | tuple[str, Code]] = []
        for key in schemas:
            if key not in codes:
                continue
            code, tensor = codes[key]
            position = len(arguments) == list(schemas).index(key) and not any(isinstance(a, tuple) for a in arguments)
            if key == variadic:
                arguments += list(code.items) if isinstance(code, Items) else [code]  # type: ignore[misc]
            elif position and (key in tensors or (variadic and key != variadic)):
                arguments.append(code)
            else:
                arguments.append((key, code))
        made: Code = Call(function, tuple(arguments))
        if snake(name) in self.named_ops:
            self.uses.add("named")
            if any(self.loops):
                raise NotPlain(f"`{name}` in a shared Repeat, beside a layer that may bear its name.")
            arguments = [made, self.own_name(given, snake(name))]
            if "shared" in self.options:
                self.uses.add("shared")
                arguments.append("shared")
            made = Call("named", tuple(arguments))
        elif "name" not in given:
            self.own_name(given, snake(name), printed=False)
        count = entry.get("outputs")
        if isinstance(count, str):  # the argument that says how many there are, or where they begin
            raw = given.get(count)
            count = len(raw) + 1 if isinstance(raw, list) else raw
        known = count if isinstance(count, int) and not isinstance(count, bool) else None
        return self.bind(given, made, target, wanted, count=known)

    def callable(
        self, name: str, given: Given, previous: Any, target: str, wanted: bool, ends: Any, own: str | None = None
    ) -> Any:
        """Writes the call of a block or network."""
        called = self.callables[name]
        filled = self.fill(dict.fromkeys(called.inputs, {}), given, previous, ends, in_order=True)
        inputs = {key: code for key, (code, _) in filled.items()}
        if called.network:
            several = Items("{", tuple((quoted(key), code) for key, code in inputs.items()))
            made: Code = Call(called.function, (several if len(inputs) > 1 else next(iter(inputs.values())),))
            if "name" not in given:
                self.own_name(given, name, printed=False)
            return self.bind(given, made, target, wanted, called.items, keyed=True)
        arguments: list[Code | tuple[str, Code]] = list(inputs.values())
        for key, param in called.params.items():
            if key in given:
                arguments.append((param, self.components.value(given[key], self.name)))
        for key, code in self.settings(given):
            arguments.append((key, code))
        if "shared" in called.options:
            self.uses.add("shared")
            arguments.append(("shared", "shared"))
        first = own is None
        if own is None:
            own = self.own_name(given, name, printed="name" in called.options)
        if given.get("name") in self.reused and first:
            self.layer_names[given["name"]] = name, given, own
        if "name" in called.options:
            arguments.append(("name", own))
        return self.bind(given, Call(called.function, tuple(arguments)), target, wanted, called.items)
