"""GCR metrics of released networks: ours, those reported, and the authors' code side by side.

Usage: python benchmarks/gcr_released.py FOLDER [--authors CODE] [--python PEER] [--nets NAME ...]
FOLDER holds manifest.json, networks and group tables (../shared/reference/released_nets); CODE is a
checkout of the authors' rep_theory, PEER an interpreter that can import it (torch, scipy,
transformer_lens, sympy). With --authors, their code runs on the same arrays twice: as it is, and
mended in two places (the axis of A5's rotation, which is not of unit length, so that their 3d_a and
3d_b are no representations; and QR of dependent columns, which for cyclic groups gives two columns
of noise).
Every measurement is a process of its own on one thread. Figures that differ by more than 1 % and
1e-6 are marked.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

OURS = """
import json, resource, sys, time
import numpy as np
folder, name = sys.argv[1:3]
info = json.load(open(f"{folder}/manifest.json"))[name]
import wordtensor as wt
from wordtensor.nets import word_task
began = time.perf_counter()
G = wt.Group.from_cayley(np.load(f"{folder}/group_{info['group']}.npz")["cayley"], info["group"])
config = info["config"]
mask = word_task("a*b", G, config["frac_train"], seed=config["seed"]).train_mask()
m = wt.compare.gcr_metrics(f"{folder}/{name}.npz", G, mask)
seconds = time.perf_counter() - began
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
values = {k: v for k, v in m.to_dict().items() if isinstance(v, float)}
keys = m.to_dict()["key_irreps"]
print(json.dumps({"values": values, "keys": keys, "seconds": [seconds], "mib": peak}))
"""

AUTHORS = """
import json, resource, sys, time, types
import numpy as np, torch
torch.set_num_threads(1)
torch.Tensor.cuda = lambda self, *a, **k: self
torch.nn.Module.cuda = lambda self, *a, **k: self
plotting = types.ModuleType("utils.plotting")
plotting.fft2d = None
sys.modules["utils.plotting"] = plotting
from sympy.combinatorics import PermutationGroup
# Newer versions list the elements when asked only; the order is the same.
PermutationGroup._elements = property(
    lambda self: vars(self).get("_listed") or vars(self).setdefault("_listed", [*self.generate()]),
    lambda self, value: None)
folder, name = sys.argv[1:3]
info = json.load(open(f"{folder}/manifest.json"))[name]
import utils.groups as groups, utils.models as models, utils.metrics as metrics
if info["config"]["model"] == "Transformer":
    import transformer_lens
    made = transformer_lens.HookedTransformerConfig
    models.HookedTransformerConfig = lambda **k: made(**(k | {"device": "cpu"}))
config = info["config"]
began = time.perf_counter()
group = getattr(groups, config["group"])(config["group_parameter"], init_all=True)
setup = time.perf_counter() - began
began = time.perf_counter()
n = group.order
model = getattr(models, config["model"])(config["layers"], n, config["seed"])
arrays = np.load(f"{folder}/{name}.npz")
model.load_state_dict({k: torch.tensor(arrays[k]) for k in arrays.files}, strict=False)
cayley = torch.tensor(np.load(f"{folder}/group_{info['group']}.npz")["cayley"])
assert (group.multiplication_table.cpu() == cayley).all(), "another order of elements"
torch.manual_seed(config["seed"])
order = torch.randperm(n * n)
count = int(config["frac_train"] * n * n)
pairs, labels = torch.stack((order // n, order % n), 1), cayley.flatten()[order].long()
halves = pairs[:count], labels[:count], pairs[count:], labels[count:]
M = metrics.Metrics(group, True, True, *halves, order)
with torch.inference_mode():
    keys = M.determine_key_reps(model)
    logits = model(pairs[:count])
    values = M.get_metrics(model, logits, models.loss_fn(logits, labels[:count]))
values = {k: float(v) for k, v in values.items()}
seconds = time.perf_counter() - began
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"values": values, "keys": keys, "seconds": [setup, seconds], "mib": peak}))
"""

MENDED = """
def _independent(columns):
    left, sizes, _ = torch.linalg.svd(columns, full_matrices=False)
    return (left[:, sizes > 1e-4 * sizes[0]],)
"""


def measured(python: str, script: str, *arguments: str, path: str | None = None) -> dict:
    threads = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "MKL", "OPENBLAS")}
    done = subprocess.run(
        [python, "-c", script, *arguments],
        capture_output=True,
        text=True,
        cwd=path,
        env=os.environ | threads | ({"PYTHONPATH": path} if path else {}),
    )
    if done.returncode:
        raise SystemExit(f"{python} failed:\n{done.stderr[-2000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def mended(authors: str, target: str) -> str:
    """Copy their code with the two repairs."""
    folder = shutil.copytree(authors, Path(target) / "mended")
    groups, metrics = folder / "utils/groups.py", folder / "utils/metrics.py"
    text = groups.read_text()
    fixed = text.replace(
        "np.array([1/2, (1+np.sqrt(5))/5, 0])", "np.array([1/2, (1+np.sqrt(5))/4, 0])"
    )
    assert fixed != text, "the axis of A5 is not where it was"
    groups.write_text(fixed)
    text = metrics.read_text()
    metrics.write_text(text.replace("torch.linalg.qr(", "_independent(") + MENDED)
    return str(folder)


def differs(ours: float, other: float) -> bool:
    return not (abs(ours - other) <= 0.01 * abs(other) or abs(ours - other) <= 1e-6)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder")
    parser.add_argument("--authors", help="their folder rep_theory")
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--nets", nargs="*")
    options = parser.parse_args()
    folder = str(Path(options.folder).resolve())
    manifest = json.loads((Path(folder) / "manifest.json").read_text())
    with tempfile.TemporaryDirectory() as scratch:
        repaired = mended(options.authors, scratch) if options.authors else None
        for name in options.nets or manifest:
            reported = manifest[name]["reported"]
            ours = measured(sys.executable, OURS, folder, name)
            columns = {"reported": reported, "ours": ours["values"]}
            runs = {"ours": ours}
            if options.authors:
                for title, path in (("theirs", options.authors), ("mended", repaired)):
                    runs[title] = measured(options.python, AUTHORS, folder, name, path=path)
                    columns[title] = runs[title]["values"]
            show(name, columns, runs)


def show(name: str, columns: dict, runs: dict) -> None:
    print(f"\n{name}")
    for title, run in runs.items():
        spent = " + ".join(f"{s:.1f}" for s in run["seconds"])
        print(f"  {title:8} {spent:>14} s {run['mib']:7.0f} MiB   {', '.join(run['keys'])}")
    print("  " + f"{'metric':34}" + "".join(f"{title:>14}" for title in columns))
    for metric, value in columns["ours"].items():
        if metric not in columns["reported"]:
            continue
        line = f"  {metric:34}"
        for title, values in columns.items():
            mark = "*" if title != "ours" and differs(value, values[metric]) else " "
            line += f"{values[metric]:13.6g}{mark}"
        print(line, flush=True)


if __name__ == "__main__":
    main()
