"""A folder with a good file of every kind that is read."""

import json
import shutil
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file

import wordtensor as wt
from wordtensor.cores import canonical_core, save_solved
from wordtensor.nets import TrainConfig, train
from wordtensor.nets.models import EmbeddingMLP, HadamardNet, OneLayerTransformer, ParityNet
from wordtensor.schemes import (
    FILE_FORMATS,
    FlipOptions,
    best_scheme,
    save_schemes,
    search_scheme,
    write_scheme_file,
)
from wordtensor.schemes.formats.files import format_named
from wordtensor.schemes.symmetric.search import symmetric_search

# What every run in a folder is asked for: it ends in a moment.
RUN = {
    "group": "S3", "word": "a*b", "width": 4, "steps": 12, "checkpoints": 3,
    "log_every": 4, "fraction": 0.75,
}  # fmt: skip


def make(folder):
    """Write them all; return the names."""
    folder = Path(folder)
    decompositions(folder)
    tables(folder)
    tensors(folder)
    nets(folder)
    schemes(folder)
    checkpoints(folder)
    cores(folder / "cores")
    (folder / "note.txt").write_text("This is no file of ours.\n")
    return sorted(path.name for path in folder.iterdir())


def decompositions(folder):
    """Structural, exact, numerical and complex ones, and one of an older schema."""
    for name, text, group, field in (
        ("structural", "a*b*a^-1", "S4", "real"),
        ("exact", "a*b*a", "S3", "real"),
        ("complex", "a*b", "C3", "complex"),
        ("division", "a*b", "Q8", "real"),
    ):
        wt.decompose(text, group, field=field, store=wt.cores.Store()).save(folder / f"{name}.npz")
    old = Path(__file__).parents[2] / "rank" / "files" / "schema1_s3.npz"
    shutil.copy(old, folder / "schema1.npz")


def tables(folder):
    """The table of S3 in every form."""
    table = wt.group("S3").cayley
    np.save(folder / "table.npy", table)
    np.savez_compressed(folder / "table.npz", cayley=table)
    np.savetxt(folder / "table.csv", table, fmt="%d", delimiter=",")
    np.savetxt(folder / "table.txt", table, fmt="%d")
    values = wt.value_table("x/y mod 5")
    np.save(folder / "values.npy", values.values)
    rows = [["", *values.columns], *([x, *row] for x, row in enumerate(values.values.tolist()))]
    text = "\n".join(",".join(map(str, row)) for row in rows)
    (folder / "values.csv").write_text(text)
    (folder / "values.json").write_text(json.dumps({"values": values.values.tolist()}))
    whole = {"cayley": table.tolist(), "name": "mine", "labels": list("eabcdf")}
    (folder / "table.json").write_text(json.dumps(whole))
    (folder / "generators.g").write_text("G := Group([ (1,2,3)(4,5),\n  (1,2) ]);\n")
    quotient = 'F := FreeGroup("x", "y");\nG := F / [ F.1^3, F.2^2, (F.1*F.2)^2 ];\nDisplay(G);\n'
    (folder / "quotient.g").write_text(quotient)
    (folder / "presentation.txt").write_text("<x, y | x^3, y^2, (x*y)^2 = [x, x]>\n")
    (folder / "generators.json").write_text(json.dumps({"generators": [[1, 2, 0], [1, 0, 2]]}))


def tensors(folder):
    """A small tensor in every form, and a solved one."""
    given = np.array([[[0, 1], [1, 0]], [[1, 0], [0, 0]]])
    wt.solve(given, store=wt.cores.Store()).save(folder / "solved.npz")
    coords = np.argwhere(given)
    np.save(folder / "tensor.npy", given)
    np.savez(folder / "tensor.npz", coords=coords.T, values=np.ones(3), shape=[2, 2, 2])
    (folder / "tensor.json").write_text(json.dumps({"tensor": given.tolist(), "name": "mine"}))
    lines = [f"{i + 1} {j + 1} {k + 1} 1/2\n" for i, j, k in coords]
    (folder / "tensor.tns").write_text("".join(lines))
    (folder / "tensor.txt").write_text(f"# printed\n{given.astype(float)}")
    (folder / "slices.txt").write_text("0 1\n1 0\n\n1 0\n0 0\n")


def nets(folder):
    """Files of nets, arrays as others release them, a run's folder, a configuration."""
    about = {"word": "a*b", "group": "S3"}
    d = wt.decompose("a*b", "S3")
    wt.nets.save(HadamardNet.from_decomposition(d), folder / "net.safetensors", about)
    wt.nets.save(HadamardNet(6, 5, seed=range(3)), folder / "many.safetensors", about)
    wt.nets.save(ParityNet(4, 2, 8), folder / "parity.safetensors")
    mlp, transformer = EmbeddingMLP(6, 8, 4), OneLayerTransformer(6, 8, 4, 2, 2)
    wt.nets.save(transformer, folder / "transformer.safetensors", about)
    np.savez(folder / "factors.npz", **dict(zip("UVW", d.factors, strict=True)))
    np.savez(folder / "mlp.npz", **mlp.arrays())
    np.savez(folder / "transformer.npz", **transformer.arrays())
    config = TrainConfig(**RUN)
    (folder / "config.json").write_text(json.dumps(config.to_dict()))
    train(config, folder=folder / "run")
    torch.save({name: torch.tensor(a) for name, a in mlp.arrays().items()}, folder / "mlp.pt")
    others(folder)


def others(folder):
    """Networks as other people have them, and their training pairs."""
    layers = torch.nn.Sequential(torch.nn.Linear(12, 5), torch.nn.Linear(5, 6)).state_dict()
    torch.save(layers, folder / "layers.pt")
    torch.save({"epochs": [1, 2], "state_dicts": [layers, layers]}, folder / "checkpoints.pt")
    save_file(layers, folder / "plain.safetensors")
    arrays = {name: value.numpy() for name, value in layers.items()}
    np.savez(folder / "stated.npz", **arrays, activation="relu")
    np.save(folder / "logits.npy", np.eye(6)[wt.group("S3").cayley])
    mask = np.eye(6, dtype=bool)
    np.savetxt(folder / "mask.csv", mask, fmt="%d", delimiter=",")
    np.savez(folder / "mask.npz", train_mask=mask)
    (folder / "pairs.csv").write_text('a,b\ne,r^2\n"s, r^2","s r"\n')
    torch.save(torch.from_numpy(mask), folder / "mask.pt")
    torch.save(torch.eye(6)[torch.tensor(wt.group("S3").cayley.tolist())], folder / "logits.pt")


def schemes(folder):
    """One file for each format that is written, and one modulo 2."""
    for kind in FILE_FORMATS:
        path = folder / f"scheme_{kind}{format_named(kind).ending}"
        write_scheme_file(path, [best_scheme(2, 2, 3)], kind)
    row = [[{"index": 0, "value": 1}], [{"index": 0, "value": "1/2"}, {"index": 1, "value": 1}]]
    reduced = {key: row[:1] for key in ("u", "v", "w")} | {"n": [1, 1, 1], "m": 1}
    reduced |= {"u_fresh": [], "v_fresh": [], "w_fresh": row}
    (folder / "scheme_reduced.json").write_text(json.dumps(reduced))
    np.save(folder / "scheme_plain.npy", np.ones((3, 1, 1)))
    (folder / "ranks.csv").write_text("n,m,p,rank_Q,rank_F2\n2,2,2,7,7\n5,4,3,47,?\n4,4,4,48,47\n")
    (folder / "schemes").mkdir()
    save_schemes(folder / "schemes" / "2x2x3_R_m11_000000000000.npz", [best_scheme(2, 2, 3)])


def checkpoints(folder):
    """What both searches go on from."""
    options = FlipOptions(start="standard", steps=50, walkers=2)
    search_scheme(2, 2, 2, options=options, flips=400, checkpoint=folder / "flips.ckpt")
    symmetric_search(2, flips=400, checkpoint=folder / "symmetric.ckpt")


def cores(folder):
    """A folder of solved cores with one in it."""
    folder.mkdir()
    core = canonical_core("a*b", "C3")
    units = tuple(np.eye(3)[:, place] for place in core.coords)
    save_solved(wt.cores.SolvedCore.of(core, units, summands=(9,)), folder)
