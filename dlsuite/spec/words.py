"""What editors say of the language's own keys when the mouse rests on them: by section and key."""

from __future__ import annotations

from collections.abc import Mapping

CALL: Mapping[str, str] = {
    "inputs": "What it reads: a wire by name, an expression (`=...`), a constant, a list in the order of the call's "
    "required arguments, or an object by call argument. By default `@previous`: what the layer before made.",
    "name": "The name of the layer and of its output, unique in its block or network. Braces hold an expression: "
    "`down_{i}`.",
    "to": "The wire that the output is bound to, or a list of wires for a list of outputs. By default the `name`.",
    "when": "An expression; false leaves the layer out.",
    "about": "A remark.",
    "trainable": "Whether training changes the weights.",
    "dtype": "The type in which it computes, or a policy of mixed precision.",
    "preset": "The preset whose weights it takes when a training begins.",
}
STRUCTURE: Mapping[str, Mapping[str, str]] = {
    "Residual": {
        "": "Adds what its layers make to what they read.",
        "layers": "What is computed beside the shortcut.",
        "shortcut": "What the input passes through where the shapes differ.",
        "merge": "How the two meet, by default `Add`.",
    },
    "Parallel": {
        "": "Several branches over the same input, merged.",
        "branches": "Lists of layers; an empty one passes the input on.",
        "merge": "How the branches meet, such as `Concatenate`.",
    },
    "Repeat": {
        "": "Its layers several times in a row.",
        "times": "How many times.",
        "over": "A list: once for each item.",
        "index": "A name for the number of the round, from 0, in the expressions inside.",
        "item": "A name for the item of `over` in the expressions inside.",
        "layers": "What is repeated.",
        "shared": "Whether all rounds share their weights.",
    },
    "Reuse": {
        "": "An earlier layer or block call of the same scope, its weights shared, on other inputs.",
        "layer": "The name of that layer or block call.",
    },
}
TOP: Mapping[str, str] = {
    "version": "The version of the language.",
    "name": "What the spec is called: its runs are kept in a folder of that name.",
    "about": "Purpose, data, time and expected score.",
    "extends": "The path of a spec that this one changes.",
    "uses": "Paths of specs whose blocks this one calls.",
    "params": "Names for expressions; `--set params.width=32` changes one.",
    "data": "Where examples come from, and what is read of them.",
    "blocks": "Lists of layers with parameters, called by name like layers.",
    "model": "The network.",
    "models": "Several networks by name; each may call the others.",
    "train": "What is learned, and how; a list holds stages, each inheriting from the one before.",
    "predict": "How outputs become answers.",
    "baselines": "Simple predictors, fitted on the same training split and reported beside the model.",
    "expect": "Claims that `check` and `verify` hold the spec to.",
}
DATA: Mapping[str, str] = {
    "source": "The dataset.",
    "split": "Shares or names of the parts; by default the dataset's own, else 80/10/10 by seed.",
    "inputs": "What the networks read, by name: each a feature.",
    "targets": "What is learned, by name: each a feature.",
    "augment": "Random changes of training inputs.",
    "batch_size": "Examples in a batch.",
}
NETWORK: Mapping[str, str] = {
    "params": "The parameters with their defaults; null where one must be given.",
    "active": "The share of its parameters that act on one token: `=chosen / experts` of experts; by default 1.",
    "inputs": "The names of the inputs; by default the data's.",
    "outputs": "The wires that come out; by default what the last layer makes.",
    "layers": "A chain: each reads what the one before made.",
}
TRAIN: Mapping[str, str] = {
    "objective": "What is learned: one, a list, or by target.",
    "metrics": "What is measured: one, a list, or by target.",
    "optimizer": "By default `Adam`; by network where they differ.",
    "epochs": "How often all training examples are seen.",
    "steps": "How many batches are seen, instead of `epochs`.",
    "callbacks": "What happens besides, such as `EarlyStopping`.",
    "precision": "The types of computing and of weights.",
    "strategy": "The devices; by default all of this machine.",
    "jit_compile": "Whether XLA compiles the step.",
    "seed": "Of weights, shuffling and dropout.",
    "deterministic": "Whether equal runs give equal bits; slower.",
    "layers": "Settings by pattern of dotted paths, the last match winning.",
    "class_weights": "Weights by class, or `balanced`.",
    "from": "The run whose weights it starts with.",
}
EXPECT: Mapping[str, str] = {
    "parameters": "The number of trainable parameters, or an object: `total`, `trainable`, `active`, or by network.",
    "metrics": "What the test split reaches or betters; `validation.loss` is that of the validation split.",
    "source": "Where the claim comes from.",
}
