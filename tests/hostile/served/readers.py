"""Everything that reads a file, tried on damaged ones: it reads, or it refuses with our error."""

import shutil
import sys
import tempfile
import time
import traceback
from contextlib import suppress
from pathlib import Path

import damage
import numpy as np
import samples

import wordtensor as wt
from wordtensor._files import read_file, read_json
from wordtensor.cli._net_source import Asked, read_net
from wordtensor.cli._train_mask import read_train_mask
from wordtensor.compare import network
from wordtensor.cores import canonical_core, user_store
from wordtensor.cores._archive import read_cores
from wordtensor.errors import WordTensorError
from wordtensor.groups import read_group
from wordtensor.nets import TrainConfig, load_run, train
from wordtensor.schemes import FlipOptions, read_known_ranks, read_scheme_file, search_scheme
from wordtensor.schemes.symmetric.search import symmetric_search

# Of six elements, for training pairs.
LABELS = (("e", "r", "r^2", "s", "s r", "s, r^2"),) * 2


def decomposition(path):
    """Whatever is read is also checked and shown."""
    loaded = wt.load(path)
    str(wt.verify(loaded)), str(loaded), loaded.to_dict()
    loaded.save(path.with_name("again.npz"))


def tensor(path):
    """Whatever is read is also shown."""
    found = wt.read_tensor(path)
    str(found), found.notes, found.integers


def net(path):
    """All doors: refused is what none of them lets in."""
    errors = []
    with suppress(WordTensorError):
        wt.nets.about(path)
    for read in (wt.nets.load, network, lambda p: read_net(p, Asked())):
        try:
            read(path)
        except WordTensorError as error:
            errors.append(error)
    if len(errors) == 3:
        raise errors[0]


def others_net(path):
    """Read a network of somebody else's by both doors, and run it."""
    read_net(path, Asked(activation=None if path.suffix == ".npy" else "relu"))
    network(path, activation="relu").logits()


def checkpoint(path):
    """Go on with a search in the flip graph."""
    options = FlipOptions(start="standard", steps=50, walkers=2)
    found = search_scheme(2, 2, 2, options=options, flips=500, checkpoint=path)
    if found.scheme is not None:
        found.scheme.check()
    assert found.rank_in_ring >= 7, "it claims fewer terms than there can be"


def symmetric_checkpoint(path):
    """Go on with a symmetric search."""
    found = symmetric_search(2, flips=500, checkpoint=path)
    if found.scheme is not None:
        found.scheme.check()
    assert found.rank_in_ring >= 7, "it claims fewer terms than there can be"


def cores(path):
    """A file on its own, and in its folder."""
    folder = path.parent / "store"
    folder.mkdir(exist_ok=True)
    name = next((Path(folder.parent.parent) / "cores").glob("*.npz")).name
    shutil.copy(path, folder / name)
    user_store(folder).find(canonical_core("a*b", "C3"))  # leaves out what it cannot use
    read_cores(read_file(path), str(path))


def run_file(name):
    """Read a run's folder in which one file is damaged; it may be gone on with or refused."""

    def read(path):
        folder = path.parent / "run"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(path.parent.parent / "run", folder)
        shutil.copy(path, folder / name)
        errors = []
        config = TrainConfig(**samples.RUN)
        for attempt in (
            lambda: load_run(folder),
            lambda: read_net(folder, Asked()).history,
            lambda: list(read_net(folder, Asked()).steps()),
            lambda: train(config, folder=folder),
        ):
            try:
                attempt()
            except WordTensorError as error:
                errors.append(error)
        if errors:
            raise errors[0]

    return read


# Kind, file or folder's file, and how often less it is tried because it is slow.
READERS = {
    "structural.npz": (decomposition, 1),
    "exact.npz": (decomposition, 1),
    "complex.npz": (decomposition, 1),
    "division.npz": (decomposition, 1),
    "schema1.npz": (decomposition, 1),
    "solved.npz": (decomposition, 1),
    "tensor.npy": (tensor, 1),
    "tensor.npz": (tensor, 1),
    "tensor.json": (tensor, 1),
    "tensor.tns": (tensor, 1),
    "tensor.txt": (tensor, 1),
    "slices.txt": (tensor, 1),
    "table.npy": (read_group, 1),
    "table.npz": (read_group, 1),
    "table.csv": (read_group, 1),
    "table.txt": (read_group, 1),
    "table.json": (read_group, 1),
    "values.npy": (wt.value_table, 1),
    "values.csv": (wt.value_table, 1),
    "values.json": (wt.value_table, 1),
    "generators.g": (read_group, 1),
    "quotient.g": (read_group, 1),
    "presentation.txt": (read_group, 1),
    "generators.json": (read_group, 1),
    "net.safetensors": (net, 1),
    "many.safetensors": (net, 1),
    "parity.safetensors": (net, 1),
    "transformer.safetensors": (net, 1),
    "factors.npz": (net, 1),
    "mlp.npz": (net, 1),
    "transformer.npz": (net, 1),
    "mlp.pt": (net, 1),
    "layers.pt": (others_net, 1),
    "checkpoints.pt": (others_net, 1),
    "plain.safetensors": (others_net, 1),
    "stated.npz": (others_net, 1),
    "logits.npy": (others_net, 1),
    "mask.csv": (lambda path: read_train_mask(path, (6, 6), LABELS), 1),
    "mask.npz": (lambda path: read_train_mask(path, (6, 6), LABELS), 1),
    "pairs.csv": (lambda path: read_train_mask(path, (6, 6), LABELS), 1),
    "mask.pt": (lambda path: read_train_mask(path, (6, 6), LABELS), 1),
    "logits.pt": (network, 1),
    "config.json": (lambda path: TrainConfig.from_dict(read_json(path)), 1),
    "scheme_wordtensor.npz": (read_scheme_file, 1),
    "scheme_fmm.json": (read_scheme_file, 1),
    "scheme_alphatensor.npz": (read_scheme_file, 1),
    "scheme_m.m": (read_scheme_file, 1),
    "scheme_exp.exp": (read_scheme_file, 1),
    "scheme_maple.mpl": (read_scheme_file, 1),
    "scheme_flat.txt": (read_scheme_file, 1),
    "scheme_plain.npz": (read_scheme_file, 1),
    "scheme_plain.npy": (read_scheme_file, 1),
    "scheme_reduced.json": (read_scheme_file, 1),
    "scheme_sms_L.sms": (read_scheme_file, 1),
    "ranks.csv": (read_known_ranks, 1),
    "flips.ckpt": (checkpoint, 2),
    "symmetric.ckpt": (symmetric_checkpoint, 2),
    "cores/*.npz": (cores, 1),
    "run/config.json": (run_file("config.json"), 8),
    "run/metrics.jsonl": (run_file("metrics.jsonl"), 8),
    "run/state.safetensors": (run_file("state.safetensors"), 8),
    "run/net.safetensors": (run_file("net.safetensors"), 8),
    "run/checkpoints/*-00000000.safetensors": (
        run_file("checkpoints/step-00000000.safetensors"),
        8,
    ),
}

# Seconds of computing that a small file may take.
_LONG = 5.0


def kinds():
    """Name all kinds of files."""
    return list(READERS)


def read_damaged(folder, kind, first, last):
    """Read damaged files of one kind; return what came of it, and what should not have."""
    read, slowness = READERS[kind]
    source = next(Path(folder).glob(kind))
    content = source.read_bytes()
    counts, faults = {"read": 0, "refused": 0}, []
    with tempfile.TemporaryDirectory(dir=folder) as place:
        path = Path(place) / source.name
        for number in range(first, last, slowness):
            # Where this process is killed by what it reads, the last line says by which.
            print(number, file=sys.stderr, flush=True)
            rng = np.random.default_rng([number, *kind.encode()])
            path.write_bytes(damage.damaged(content, rng))
            began = time.process_time()
            try:
                outcome = tried(read, path)
            except Exception as error:
                faults.append(f"{number}: {where(error)}")
                continue
            if time.process_time() - began > _LONG:
                faults.append(f"{number}: took {time.process_time() - began:.1f} s")
            counts[outcome] += 1
    return counts, faults


def tried(read, path):
    """Read, or be refused."""
    try:
        read(path)
    except WordTensorError as error:
        assert str(error).strip(), "an error without a word"
        return "refused"
    return "read"


def where(error):
    """Say in a line what was raised, and where in the package."""
    frames = traceback.extract_tb(error.__traceback__)
    inside = [f for f in frames if "/wordtensor/" in f.filename] or frames
    place = f"{inside[-1].filename.rpartition('/wordtensor/')[2]}:{inside[-1].lineno}"
    return f"{type(error).__name__} at {place}: {str(error)[:120]!r}"


def read_bomb(folder, kind, member, size):
    """Read an archive with one member of so many bytes; say what came of it, and how soon."""
    read, _ = READERS[kind]
    source = next(Path(folder).glob(kind))
    members = damage.unpacked(source.read_bytes())
    head = damage.claimed((size // 2**24 * 2**24 // 8,), "<f8")
    with tempfile.TemporaryDirectory(dir=folder) as place:
        path = Path(place) / source.name
        path.write_bytes(damage.bomb(members, member, head, size))
        began = time.process_time()
        outcome = tried(read, path)
        return outcome, time.process_time() - began


def read_claims(folder, kind):
    """Read files in which one number after the other is huge."""
    read, _ = READERS[kind]
    source = next(Path(folder).glob(kind))
    counts, faults = {"read": 0, "refused": 0}, []
    with tempfile.TemporaryDirectory(dir=folder) as place:
        path = Path(place) / source.name
        for number, content in enumerate(damage.claims(source.read_bytes())):
            path.write_bytes(content)
            began = time.process_time()
            try:
                counts[tried(read, path)] += 1
            except Exception as error:
                faults.append(f"{number}: {where(error)}")
            if time.process_time() - began > _LONG:
                faults.append(f"{number}: took {time.process_time() - began:.1f} s")
    return counts, faults
