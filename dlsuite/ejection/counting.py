"""The few functions that printed code brings along where it needs them."""

from __future__ import annotations

NUMBERED = '''
def numbered(prefix="", taken=()):
    """Returns a function that numbers names under a prefix: dense, dense_1, dense_2."""
    given = set(taken)

    def unique(base):
        number, name = 0, base
        while name in given:
            number += 1
            name = f"{base}_{number}"
        given.add(name)
        return prefix + name

    return unique
'''

ONCE = '''
def once(shared, layer, *arguments, name, **options):
    """Returns the layer of that name: made at first, the same one from then on."""
    if name not in shared:
        shared[name] = layer(*arguments, name=name, **options)
    return shared[name]
'''

NAMED = '''
def named(tensor, name, shared=None):
    """Names the operation that made a tensor, which else might meet a layer of its automatic name."""
    if shared is not None:  # made anew by each call of the layers around it: add, add_1, add_2
        shared[name] = shared.get(name, -1) + 1
        name += f"_{shared[name]}" if shared[name] else ""
    tensor._keras_history.operation.name = name
    return tensor
'''

BROUGHT = {"unique": NUMBERED, "shared": ONCE, "named": NAMED}
"""Each by what a body says that it uses."""
