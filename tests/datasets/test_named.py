"""The named data sets: what they declare is what they give."""

import ast
import gzip
import inspect
import io
import os
import re
import struct
import tarfile
import urllib.error
from pathlib import Path

import numpy as np
import pytest

from dlsuite.datasets import files
from dlsuite.datasets.an4 import AN4
from dlsuite.datasets.breast_cancer import BreastCancer
from dlsuite.datasets.cifar10 import CIFAR10
from dlsuite.datasets.digits import Digits
from dlsuite.datasets.fashion_mnist import FashionMNIST
from dlsuite.datasets.fsdd import FSDD
from dlsuite.datasets.idx import read_idx
from dlsuite.datasets.mnist import MNIST
from dlsuite.datasets.multi30k import Multi30k
from dlsuite.datasets.python_source import PythonSource
from dlsuite.datasets.sst2 import SST2
from dlsuite.datasets.synthetic_digits import SyntheticDigits
from dlsuite.datasets.tiny_shakespeare import TinyShakespeare
from dlsuite.spec.errors import DataError

NAMED = [Digits, BreastCancer, FashionMNIST, MNIST, CIFAR10, SST2, Multi30k, FSDD, AN4, SyntheticDigits]
WINDOWED = [TinyShakespeare, PythonSource]
"""The count of their examples depends on the window."""
with_data = pytest.mark.skipif(
    "DLSUITE_DATA" not in os.environ, reason="DLSUITE_DATA is not set: it names the folder of the real data sets"
)


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("DLSUITE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.mark.parametrize("dataset", [*NAMED, *WINDOWED], ids=lambda dataset: dataset.__name__)
def test_facts_are_literals_that_say_where_the_data_comes_from(dataset):
    module = ast.parse(Path(inspect.getfile(dataset)).read_text())
    block = next(node for node in module.body if isinstance(node, ast.ClassDef) and node.name == dataset.__name__)
    facts = {node.targets[0].id: node.value for node in block.body if isinstance(node, ast.Assign)}
    facts |= {node.target.id: node.value for node in block.body if isinstance(node, ast.AnnAssign)}
    for name in ("fields", "licence", "origin", *(["counts"] if dataset in NAMED else [])):
        assert ast.literal_eval(facts[name]) == getattr(dataset, name)
    assert "http" in dataset.origin
    assert ast.get_docstring(block)
    for digest in getattr(dataset, "files", {}).values():
        assert re.fullmatch("[0-9a-f]{64}", digest)


def test_digits_are_8_bit_pictures():
    (digits,) = Digits().splits().values()
    images = digits.column("image")
    assert images.shape == (1797, 8, 8, 1) and images.dtype == np.uint8
    assert images.max() == 255 and np.unique(images).size == 17
    assert np.bincount(digits.column("label")).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]


def test_breast_cancer_measurements_stand_together_and_alone():
    (tumours,) = BreastCancer().splits().values()
    assert len(tumours) == 569 and len(tumours.fields) == 32
    assert tumours[3]["mean_radius"] == tumours[3]["measurements"][0] == pytest.approx(11.42)
    assert np.bincount(tumours.column("diagnosis")).tolist() == [212, 357]


@with_data
def test_fashion_mnist_says_that_its_test_is_a_half(cache):
    source = FashionMNIST()
    splits = source.splits()
    assert {name: len(examples) for name, examples in splits.items()} == {"train": 60000, "test": 5000}
    assert "first 5,000 of the 10,000" in source.note
    assert np.bincount(splits["train"].column("label")).tolist() == [6000] * 10
    assert splits["train"].where(3) == "train-images-idx3-ubyte.gz, image 3"


@with_data
def test_mnist_and_cifar10_from_files(cache):
    digits, photographs = MNIST().splits(), CIFAR10().splits()
    assert (len(digits["train"]), len(digits["test"])) == (20000, 5000)
    assert (len(photographs["train"]), len(photographs["test"])) == (8000, 2000)
    assert np.bincount(photographs["test"].column("label")).tolist() == [200] * 10
    mean = photographs["train"].column("image").mean(axis=(0, 1, 2)) / 255
    assert mean == pytest.approx([0.4914, 0.4822, 0.4465], abs=0.01)


def test_missing_data_says_what_was_tried_and_what_would_work(tmp_path, monkeypatch, cache):
    def offline(url, timeout):
        raise urllib.error.URLError("no network")

    monkeypatch.setattr("urllib.request.urlopen", offline)
    monkeypatch.delenv("DLSUITE_DATA", raising=False)
    with pytest.raises(DataError) as unset:
        FashionMNIST().splits()
    monkeypatch.setenv("DLSUITE_DATA", str(tmp_path))
    with pytest.raises(DataError) as empty:
        CIFAR10().splits()
    assert "it is not set" in str(unset.value) and "no network" in str(unset.value)
    assert str(tmp_path / "vision/cifar10_10k.zip") in str(empty.value) and "set DLSUITE_DATA" in str(empty.value)
    assert f"put it at {cache / 'datasets/CIFAR10/cifar-10-binary.tar.gz'}" in str(empty.value)
    assert empty.value.exit_code == 3


def test_a_file_with_another_hash_is_refused(tmp_path, monkeypatch, cache):
    monkeypatch.setenv("DLSUITE_DATA", str(tmp_path))
    (tmp_path / "vision").mkdir()
    (tmp_path / "vision/cifar10_10k.zip").write_bytes(b"not the archive")
    with pytest.raises(DataError, match=r"cifar10_10k\.zip is corrupt or another file: its SHA-256 is"):
        CIFAR10().splits()


def test_hashes_are_remembered_until_a_file_changes(tmp_path, cache):
    file = tmp_path / "file"
    file.write_bytes(b"one")
    first = files.sha256(file)
    files.remember("checksums", {str(file): [3, file.stat().st_mtime_ns, "remembered"]})
    assert files.sha256(file) == "remembered"
    file.write_bytes(b"three")
    assert files.sha256(file) not in (first, "remembered")


BROKEN_IDX = {
    "no gzip": b"no gzip",
    "no header": gzip.compress(b"\0\0"),
    "too short": gzip.compress(struct.pack(">HBBI", 0, 8, 1, 5) + b"abc"),
    "too large": gzip.compress(struct.pack(">HBBII", 0, 8, 2, 1 << 31, 1 << 31)),
    "not bytes": gzip.compress(struct.pack(">HBBI", 0, 13, 1, 1) + b"abcd"),
    "cut off": gzip.compress(struct.pack(">HBBI", 0, 8, 1, 5) + b"abcde")[:-12],
}


# Named: compressed bytes hold the time, so that they would be other identifiers on each of pytest's workers.
@pytest.mark.parametrize("content", BROKEN_IDX.values(), ids=BROKEN_IDX)
def test_broken_idx_files_are_refused(tmp_path, content):
    path = tmp_path / "labels.gz"
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"labels\.gz cannot be read"):
        read_idx(path)


def test_what_is_downloaded_is_read_as_what_lies_here(tmp_path, monkeypatch, cache):
    pixels = np.random.default_rng(0).integers(0, 256, (7, 32, 32, 3), np.uint8)
    labels = np.arange(7) % 10
    records = np.concatenate([labels[:, None], pixels.transpose(0, 3, 1, 2).reshape(7, -1)], axis=1).astype(np.uint8)
    sent = {}
    with tarfile.open(tmp_path / "cifar.tar.gz", "w:gz") as archive:
        for name in [*(f"data_batch_{i}.bin" for i in range(1, 6)), "test_batch.bin"]:
            member = tarfile.TarInfo(f"cifar-10-batches-bin/{name}")
            member.size = records.nbytes
            archive.addfile(member, io.BytesIO(records.tobytes()))
    sent["cifar-10-binary.tar.gz"] = (tmp_path / "cifar.tar.gz").read_bytes()
    arrays = {"x_train": pixels[..., 0], "y_train": labels, "x_test": pixels[:3, ..., 0], "y_test": labels[:3]}
    np.savez(tmp_path / "mnist.npz", **arrays)
    sent["mnist.npz"] = (tmp_path / "mnist.npz").read_bytes()
    for part in ("train", "t10k"):
        for kind, array in (("images-idx3", pixels[..., 0]), ("labels-idx1", labels.astype(np.uint8))):
            header = struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape)
            sent[f"{part}-{kind}-ubyte.gz"] = gzip.compress(header + array.tobytes())
    asked = []

    def download(url, path, digest):
        asked.append(digest)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(sent[path.name])

    monkeypatch.delenv("DLSUITE_DATA", raising=False)
    monkeypatch.setattr(files, "download", download)
    for source in (CIFAR10(), MNIST(), FashionMNIST()):
        splits = source.splits()
        assert len(splits["train"]) == (35 if isinstance(source, CIFAR10) else 7) and source.note == ""
        expected = pixels if isinstance(source, CIFAR10) else pixels[..., :1]
        np.testing.assert_array_equal(splits["test"].column("image"), expected[: len(splits["test"])])
        assert list(splits["test"].column("label")) == list(labels[: len(splits["test"])])
        assert all(file.is_file() for file in source.read)
    assert all(re.fullmatch("[0-9a-f]{64}", digest) for digest in asked) and len(set(asked)) == 6
