"""Everything that writes a file, and what must hold of a folder after it was killed."""

import hashlib
import json
from pathlib import Path

import numpy as np

import wordtensor as wt
from wordtensor._files import read_file
from wordtensor.cores._archive import read_cores
from wordtensor.nets import load_run
from wordtensor.schemes import read_scheme_file

TRAIN = ["--set", "steps=24", "--set", "checkpoints=4", "--set", "log_every=6", "--set", "width=4"]
# Command lines, and folders and files that they write.
WRITERS = {
    "decompose": (["decompose", "a*b", "S3", "-o", "new.npz"], ["new.npz"]),
    "solve": (["solve", "tensor.npy", "-o", "new.npz"], ["new.npz"]),
    "replace": (["decompose", "a*b", "S3", "--force", "-o", "exact.npz"], ["exact.npz"]),
    "search": (
        ["decompose", "a*b*a", "S3", "--effort", "search", "--time-limit", "0.3", "-o", "new.npz"],
        ["new.npz", "kept"],
    ),
    "compare": (["compare", "net.safetensors", "--html", "page.html"], ["page.html"]),
    "export": (["schemes", "export", "2", "2", "3", "-o", "new.json"], ["new.json"]),
    "import": (["schemes", "import", "scheme_fmm.json", "--all"], ["kept"]),
    "flips": (
        ["schemes", "search", "2", "2", "2", "--start", "standard", "--flips", "500", "--steps",
         "50", "--checkpoint", "new.ckpt", "-o", "new.npz"],
        ["new.ckpt", "new.npz", "kept"],
    ),
    "train": (["train", "a*b", "S3", *TRAIN, "-o", "fresh"], ["fresh"]),
    "recipe": (
        ["train", "--recipe", "shutman-fig10-z32", "--quick", "--set", "steps=4", "-o", "fresh"],
        ["fresh"],
    ),
}  # fmt: skip


def names():
    """Name all writers, with their command lines."""
    return {name: arguments for name, (arguments, _) in WRITERS.items()}


def whole(folder, name, before, ended):
    """Say what is wrong with a folder after a writer was killed, or ended."""
    folder, (_, targets) = Path(folder), WRITERS[name]
    faults = []
    for path, digest in digests(folder).items():
        if Path(path).name.startswith(".") or before.get(path) == digest:
            continue  # what is hidden is a lock, or was left by a killed process
        if Path(path).parts[0] not in targets:
            faults.append(f"{path} was written")
            continue
        try:
            readable(folder / path)
        except Exception as error:
            faults.append(f"{path} is not whole: {error!r}"[:300])
    faults += [f"{path} is gone" for path in before if not (folder / path).exists()]
    if ended:
        faults += [f"{target} is missing" for target in targets if not (folder / target).exists()]
        faults += unlike(folder, name)
    return faults


def digests(folder):
    """Return what every file is, to the byte."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in Path(folder).rglob("*")
        if path.is_file()
    }


def readable(path):
    """Read a file as what it is; a journal may end within its last line."""
    if path.parent.name == "kept" or path.suffix == ".npz":
        content = path.read_bytes()
        if b"coords" in content and b"palette" in content:
            read_cores(read_file(path), str(path))
        elif b"cayley" in content or b"tensor" in content:
            assert wt.verify(wt.load(path)).ok
        else:
            read_scheme_file(path)
    elif path.suffix == ".html":
        assert path.read_text().rstrip().endswith("</html>")
    elif path.name == "new.json":
        read_scheme_file(path)
    elif path.suffix == ".json":
        json.loads(path.read_text())
    elif path.suffix == ".ckpt":
        with np.load(path) as archive:
            json.loads(archive["header"].tobytes())
    elif path.suffix == ".jsonl":
        for line in path.read_text().splitlines()[:-1]:
            json.loads(line)
    else:
        wt.nets.files.read_safetensors(path)


def unlike(folder, name):
    """Say where a run that was killed and taken up again differs from one that was not."""
    if name not in ("train", "recipe"):
        return []
    found = []
    for place in [folder / "fresh"] if name == "train" else sorted((folder / "fresh").iterdir()):
        if place.name.startswith("."):
            continue
        run = load_run(place)
        target = run.tasks[0] if name == "recipe" else None
        straight = wt.nets.train(run.config, getattr(target, "group", target))
        mine, theirs = run.model.arrays(), straight.model.arrays()
        if any(not np.array_equal(mine[key], theirs[key]) for key in theirs):
            found.append(f"{place.name}: its net is another than that of an uninterrupted run")
        if run.history.step.tolist() != straight.history.step.tolist():
            found.append(f"{place.name}: its history has steps {run.history.step.tolist()}")
    return found
