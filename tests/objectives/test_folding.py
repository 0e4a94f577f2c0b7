"""The geometry and the losses of folding."""

from __future__ import annotations

from dataclasses import replace

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import ops

from dlsuite.datasets.synthetic_peptides import SyntheticPeptides
from dlsuite.features.backbone import CA, CB, C, N, O, build_chain
from dlsuite.features.distances import Distances
from dlsuite.features.residues import Residues
from dlsuite.features.structure import Structure
from dlsuite.metrics.proteins.lddt import measure_local_lddt as local_lddt
from dlsuite.metrics.proteins.superposition import has_right_hand
from dlsuite.objectives.fold_structure import FoldStructure
from dlsuite.objectives.folding.frames import find_frames, find_torsions, into_frames, place_atoms
from dlsuite.objectives.folding.losses import (
    measure_aligned_errors,
    measure_confidence,
    measure_distogram,
    measure_fape,
    measure_hand,
    measure_local_lddt,
    measure_torsions,
)
from dlsuite.objectives.play import Play
from dlsuite.spec.errors import DataError
from dlsuite.spec.plan import Component, Task

LENGTH, STEPS = 24, 2
RNG = np.random.default_rng(0)


def peptides(count: int = 2) -> list[np.ndarray]:
    return [one["structure"] for one in SyntheticPeptides(count=count, shortest=16, longest=20).splits()["all"]]


def rotation(seed: int = 0) -> np.ndarray:
    turn, _ = np.linalg.qr(np.random.default_rng(seed).normal(size=(3, 3)))
    return (turn * np.sign(np.linalg.det(turn))).astype("float32")


def fape(found, true, mask=None, clamp=10.0):
    """The frame aligned point error of alpha carbons between two chains (n, 5, 3)."""
    a, b = (find_frames(np.nan_to_num(one)[None, :, :4].astype("float32")) for one in (found, true))
    there = np.ones((1, len(found)), "float32") if mask is None else mask[None]
    errors = measure_aligned_errors((*a, a[1]), (*b, b[1]))
    return float(ops.convert_to_numpy(measure_fape(errors, there, there, clamp))[0])


def test_frames_are_rotations_with_c_ahead_and_n_beside():
    atoms = peptides(1)[0][None, :, :4]
    turn, place = find_frames(atoms)
    np.testing.assert_allclose(ops.einsum("bixy,bixz->biyz", turn, turn), np.eye(3)[None, None] + 0 * turn, atol=1e-4)
    assert np.allclose(np.linalg.det(turn), 1, atol=1e-4)
    local = np.array(into_frames(turn, place, ops.reshape(atoms, (1, -1, 3))))[0]
    own = local.reshape(len(atoms[0]), len(atoms[0]), 4, 3)[np.arange(len(atoms[0])), np.arange(len(atoms[0]))]
    np.testing.assert_allclose(own[:, CA], 0, atol=1e-4)
    assert (own[:, C, 0] > 1.4).all() and np.abs(own[:, C, 1:]).max() < 1e-3
    assert (own[:, N, 1] > 1.2).all() and np.abs(own[:, N, 2]).max() < 1e-3


def test_atoms_are_placed_where_chains_are_built():
    atoms = build_chain(RNG.uniform(-np.pi, np.pi, (12, 3))).astype("float32")[None]
    turn, place = find_frames(atoms)
    psi = find_torsions(*(atoms[..., k, :] for k in (N, CA, C, O)))
    np.testing.assert_allclose(place_atoms(turn, place, psi), atoms, atol=2e-3)


def test_torsions_are_those_of_numpy():
    from dlsuite.features.backbone import measure_torsion

    points = RNG.normal(size=(4, 30, 3)).astype("float32")
    found = np.array(find_torsions(*points))
    np.testing.assert_allclose(np.arctan2(found[:, 0], found[:, 1]), measure_torsion(*points), atol=1e-3)


def test_fape_of_a_structure_that_moved_is_the_least_there_is():
    chain = peptides(1)[0]
    moved = chain @ rotation() + np.float32([9, -4, 2])
    assert fape(moved, chain) == pytest.approx(0.001, abs=1e-4)


def test_fape_of_a_shift_of_two_and_a_half_angstroms_is_a_quarter():
    n = 6
    turn = np.broadcast_to(np.eye(3, dtype="float32"), (1, n, 3, 3))
    place = RNG.normal(size=(1, n, 3)).astype("float32") * 5
    there = np.ones((1, n), "float32")
    shifted = place + np.float32([0, 2.5, 0])
    errors = measure_aligned_errors((turn, place, shifted), (turn, place, place))
    assert float(measure_fape(errors, there, there, 10.0)[0]) == pytest.approx(0.25, abs=1e-4)


def test_fape_is_that_of_numpy():
    true, found = (RNG.normal(size=(7, 5, 3)) * 6 for _ in range(2))
    there = np.array([1, 1, 0, 1, 1, 0, 1], "float32")

    def axes(atoms):
        first = atoms[:, C] - atoms[:, CA]
        first /= np.linalg.norm(first, axis=-1, keepdims=True)
        second = atoms[:, N] - atoms[:, CA]
        second -= (first * second).sum(-1, keepdims=True) * first
        second /= np.linalg.norm(second, axis=-1, keepdims=True)
        return np.stack([first, second, np.cross(first, second)], axis=1)

    total = 0.0
    for i in np.flatnonzero(there):
        for j in np.flatnonzero(there):
            a = axes(found)[i] @ (found[j, CA] - found[i, CA])
            b = axes(true)[i] @ (true[j, CA] - true[i, CA])
            total += min(10.0, np.sqrt(((a - b) ** 2).sum() + 1e-4)) / 10
    assert fape(found, true, there) == pytest.approx(total / there.sum() ** 2, abs=1e-4)


def test_fape_tells_a_mirror_image_and_lddt_does_not():
    chain = peptides(1)[0]
    mirrored = chain * np.float32([1, 1, -1])
    assert fape(mirrored, chain) > 0.2
    there = np.ones((1, len(chain)), "float32")
    lddt = measure_local_lddt(mirrored[None, :, CA], chain[None, :, CA], there)
    assert float(ops.min(lddt)) == 1.0


def test_the_hand_is_told_by_the_determinant_of_the_covariance():
    rng = np.random.default_rng(5)
    true = rng.normal(size=(2, 9, 3)).astype("float32") * 5 + 20
    turn, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    turned = (true @ (turn * np.linalg.det(turn))).astype("float32") + 3
    there = np.ones((2, 9), "float32")
    there[1, 6:] = 0
    points = np.stack([turned[0], turned[1] * [1, 1, -1]]).astype("float32")
    points[1, 6:] = 77  # what is not there does not count
    found = measure_hand(np.array([[2.0], [2.0]], "float32"), points, true, there)
    np.testing.assert_allclose(found, np.log1p(np.exp([-2.0, 2.0])), rtol=1e-4)
    assert has_right_hand(turned[0], true[0]) and not has_right_hand(points[1, :6], true[1, :6])


def test_local_lddt_is_that_of_the_metric():
    chain = peptides(1)[0][:, CA]
    noisy = (chain + RNG.normal(size=chain.shape)).astype("float32")
    found = measure_local_lddt(noisy[None], chain[None], np.ones((1, len(chain)), "float32"))
    np.testing.assert_allclose(np.array(found)[0], local_lddt(noisy, chain), atol=1e-5)


def test_gradients_are_finite_where_points_coincide():
    there = tf.ones((1, 5))
    points = tf.Variable(tf.zeros((1, 5, 4, 3)))
    torsions = tf.Variable(tf.zeros((1, 5, 3, 2)))
    with tf.GradientTape() as tape:
        frames = find_frames(points)
        errors = measure_aligned_errors((*frames, frames[1]), (*frames, tf.zeros((1, 5, 3))))
        loss = ops.sum(measure_fape(errors, there, there, 10.0))
        true = find_torsions(*(points[:, :, k] for k in range(4)))[:, :, None]  # (1, 5, 1, 2)
        loss += ops.sum(measure_torsions(torsions, true, tf.ones((1, 5, 3))))
    for gradient in tape.gradient(loss, [points, torsions]):
        assert np.isfinite(gradient).all()


def test_torsions_are_compared_on_the_circle_and_lengths_are_held_near_one():
    true = np.float32([[[[0, 1], [1, 0]]]])
    there = np.ones((1, 1, 2), "float32")
    assert float(measure_torsions(true, true, there)[0]) == pytest.approx(0, abs=1e-5)
    assert float(measure_torsions(-true, true, there)[0]) == pytest.approx(4, abs=1e-4)
    assert float(measure_torsions(3 * true, true, there)[0]) == pytest.approx(0.04, abs=1e-4)


def test_bins_of_distances_and_confidence():
    points = np.float32([[[0, 0, 0], [5.0, 0, 0], [40.0, 0, 0]]])
    logits = np.zeros((1, 3, 3, 64), "float32")
    there = np.ones((1, 3), "float32")
    assert float(measure_distogram(logits, points, there)[0]) == pytest.approx(np.log(64), rel=1e-5)
    bins = {(0, 1): 9, (1, 0): 9, (0, 2): 63, (2, 0): 63, (1, 2): 63, (2, 1): 63, (0, 0): 0, (1, 1): 0, (2, 2): 0}
    for (i, j), number in bins.items():
        logits[0, i, j, number] = 50
    assert float(measure_distogram(logits, points, there)[0]) < 1e-5
    sure = 50 * np.eye(50, dtype="float32")[[0, 25, 49]][None]
    assert float(measure_confidence(sure, np.float32([[0.01, 0.51, 1.0]]), there)[0]) < 1e-5


# The objective as a whole


def network(seed: int = 0) -> keras.Model:
    """A network that makes frames, torsions and logits of the letters alone."""
    keras.utils.set_random_seed(seed)
    letters = keras.Input((LENGTH,), dtype="int32", name="sequence")
    x = keras.layers.Embedding(21, 16)(letters)
    frame = keras.layers.Dense(9)(x)
    turn, place = find_frames(keras.layers.Reshape((LENGTH, 3, 3))(frame))
    step = ops.expand_dims(ops.concatenate([turn, 5 * place[..., None]], axis=-1), 1)
    pair = keras.layers.Dense(64)(x[:, :, None] + x[:, None])
    outputs = {
        "trajectory": ops.concatenate([step] * STEPS, axis=1),
        "torsions": keras.layers.Reshape((LENGTH, 3, 2))(keras.layers.Dense(6)(x)),
        "distogram": pair,
        "aligned_error": pair,
        "confidence": keras.layers.Dense(50)(x),
    }
    return keras.Model({"sequence": letters}, outputs)


def play(model: keras.Model, chains: list[np.ndarray], **more) -> Play:
    structure, sequence = Structure(length=LENGTH), Residues(length=LENGTH)
    arrays = [structure.encode(one) for one in chains]
    padded = np.stack([np.pad(one, ((0, LENGTH - len(one)), (0, 0), (0, 0))) for one in arrays])
    mask = np.arange(LENGTH) < np.array([[len(one)] for one in arrays])
    letters = np.tile(np.arange(LENGTH, dtype="int32") % 20, (len(chains), 1)) * mask
    task = Task(Component("objective", "FoldStructure", {}, None), "structure", ("trajectory",))
    return Play(
        task,
        {"model": model},
        {"model": tuple(model.output)},
        {"sequence": sequence, "structure": structure},
        {"sequence": letters, "sequence.mask": mask},
        {"structure": padded, "structure.mask": mask},
        {"clamped": np.zeros(len(chains), "float32")},
        **more,
    )


def measured(model: keras.Model, chains: list[np.ndarray], **more) -> dict[str, np.ndarray]:
    return {name: np.array(one) for name, one in FoldStructure().measure(play(model, chains, **more), "").items()}


def test_the_loss_of_an_example_does_not_know_of_the_batch_nor_of_where_the_structure_stands():
    model, chains = network(), peptides(3)
    together = measured(model, chains)
    assert all(one.shape == (3,) and np.isfinite(one).all() for one in together.values())
    for i, chain in enumerate(chains):
        alone = measured(model, [chain @ rotation(i) + np.float32([30, 0, -7])])
        for name, value in alone.items():
            assert value[0] == pytest.approx(together[name][i], rel=2e-3, abs=2e-4), name


def test_errors_are_clamped_but_for_some_examples_of_training():
    model = network()
    far = [peptides(1)[0] * 8]
    clamped = measured(model, far)["fape"]
    free = play(model, far, training=True)
    free.noise["clamped"][:] = 0.95
    assert clamped[0] <= 1.0 < np.array(FoldStructure().measure(free, "")["fape"])[0]
    free.noise["clamped"][:] = 0.0
    assert np.array(FoldStructure().measure(free, "")["fape"])[0] <= 1.0
    assert np.array(FoldStructure(clamped=0.0).measure(free, "")["fape"])[0] > 1.0
    with pytest.raises(ValueError, match=r"clamped is 1.5; it is a share"):
        FoldStructure(clamped=1.5)


def test_it_learns_a_peptide_and_answers_with_files():
    model, chains = network(), peptides(1)
    batch, objective = play(model, chains), FoldStructure()
    optimizer = keras.optimizers.Adam(0.02)

    @tf.function
    def step():
        with tf.GradientTape() as tape:
            loss = ops.mean(objective.measure(batch, "")["loss"])
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply(gradients, model.trainable_variables)
        return loss, sum(ops.sum(ops.abs(one)) for one in gradients)

    losses = [step() for _ in range(400)]
    assert all(np.isfinite(one).all() for one in losses) and losses[-1][0] < 0.5 * losses[0][0]
    (found,) = objective.respond(batch)
    n = len(chains[0])
    assert found["atoms"].shape == (n, 5, 3) and found["plddt"].shape == (n,) and found["distances"].shape == (n, n)
    scores = objective.scores([found], batch.targets["structure"], batch.features["structure"])
    assert set(scores) <= set(FoldStructure.scored) and scores["lddt"] > 0.6 and scores["right_hand"] == 1
    answer = objective.answer(found, None)
    read = Structure().read(answer["pdb"].data)
    assert read.sequence == answer["sequence"] and len(read.atoms) == n
    np.testing.assert_allclose(Structure().read(answer["cif"].data).atoms[:, CA], found["atoms"][:, CA], atol=1e-3)
    assert answer["residues"].data.decode().splitlines()[0] == "residue,letter,plddt"
    assert 0 <= answer["plddt"] <= 100 and CB == 4


def test_distances_are_disturbed_in_training_and_evaluation_and_taken_as_they_are_in_answers():
    letters = network()
    distances = keras.Input((LENGTH, LENGTH), name="distances")
    made = letters.output | {"distogram": letters.output["distogram"] + keras.layers.Dense(64)(distances[..., None])}
    model = keras.Model({**letters.input, "distances": distances}, made)
    chains = peptides(2)
    batch = play(model, chains)
    tables = [Distances(length=LENGTH).encode(one) for one in chains]
    batch.inputs["distances"] = np.stack([np.pad(one, ((0, LENGTH - len(one)), (0, 0))) for one in tables])
    batch.inputs.update({name: ops.convert_to_tensor(one) for name, one in batch.inputs.items()})
    objective = FoldStructure(distances="distances", deviation=[1.0, 2.0], missing=[0.2, 0.6])
    for name, (kind, shape) in objective.noise({"model": model}).items():
        drawn = RNG.normal(size=(2, *shape)) if kind == "normal" else RNG.random((2, *shape))
        batch.noise[name] = drawn.astype("float32")
    assert all(np.isfinite(one).all() for one in objective.measure(batch, "").values())
    seen, answered = objective.digest(batch)[0], objective.respond(batch)[0]
    np.testing.assert_array_equal(seen["atoms"], answered["atoms"])
    assert np.abs(seen["distances"] - answered["distances"]).max() > 1e-3
    with pytest.raises(ValueError, match="missing goes from 0.5 to 0.2"):
        FoldStructure(missing=[0.5, 0.2])


def test_inputs_of_different_lengths_are_refused():
    asked = play(network(), peptides(2))
    fewer = np.arange(LENGTH) < np.array([[asked.inputs["sequence.mask"][0].sum()], [7]])
    odd = replace(asked, inputs={**asked.inputs, "distances": np.zeros((2, LENGTH, LENGTH)), "distances.mask": fewer})
    with pytest.raises(DataError, match="in `sequence` and 7 in `distances`"):
        FoldStructure().respond(odd)
    assert len(FoldStructure().respond(asked)) == 2
