"""A training step of Chughtai et al.'s networks on S5: ours against the authors' own code.

Usage: python benchmarks/chughtai_step.py [--authors FOLDER] [--python PEER_PYTHON] [--steps 100]
FOLDER is a checkout of their repository's rep_theory, PEER_PYTHON an interpreter that can import it
(torch, transformer_lens, sympy, plotly). Each measurement is a process of its own on one core, in
turns; medians of three, milliseconds per step and peak memory in MiB. Both train on the same pairs
with AdamW in full batch. Without --authors only ours is measured.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

FRACTION = {"mlp": 0.4, "transformer": 0.6}

OURS = """
import json, resource, sys, time
import torch
torch.set_num_threads(1)
from wordtensor.nets import TrainConfig
from wordtensor.nets._state import TrainingState
kind, fraction, steps = sys.argv[1], float(sys.argv[2]), int(sys.argv[3])
sizes = {"width": 128, "embedding": 256} if kind == "mlp" else {"width": 512, "embedding": 128}
training = TrainingState(TrainConfig(
    group="S5", model=kind, fraction=fraction, seed=1, loss="cross entropy", optimizer="adamw",
    learning_rate=1e-3, weight_decay=1.0, betas=(0.9, 0.98), **sizes))
for _ in range(5):
    training.advance()
began = time.perf_counter()
for _ in range(steps):
    training.advance()
seconds = time.perf_counter() - began
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps([1e3 * seconds / steps, peak / 1024]))
"""

AUTHORS = """
import json, os, resource, sys, time, types
import torch
torch.set_num_threads(1)
# No CUDA here: their .cuda() is taken as "where it is"; their plots are not needed.
torch.Tensor.cuda = lambda self, *a, **k: self
torch.nn.Module.cuda = lambda self, *a, **k: self
sys.modules["utils.plotting"] = types.ModuleType("utils.plotting")
kind, fraction, steps, table = sys.argv[1], float(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
import utils.groups, utils.models as models
if kind == "transformer":
    import transformer_lens
    config = transformer_lens.HookedTransformerConfig
    models.HookedTransformerConfig = lambda **k: config(**(k | {"device": "cpu"}))
import numpy
cayley = torch.tensor(numpy.load(table)["cayley"])
n = len(cayley)
torch.manual_seed(1)
order = torch.randperm(n * n)[: int(fraction * n * n)]
data = torch.stack((order // n, order % n), 1)
labels = cayley.flatten()[order].long()
layers = {"embed_dim": 256, "hidden_dim": 128}
model = models.OneLayerMLP(layers, n, 1) if kind == "mlp" else models.Transformer(layers, n, 1)
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, betas=(0.9, 0.98), weight_decay=1.0)

def step():
    loss = models.loss_fn(model(data), labels)
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()

for _ in range(3):
    step()
began = time.perf_counter()
for _ in range(steps):
    step()
seconds = time.perf_counter() - began
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps([1e3 * seconds / steps, peak / 1024]))
"""


def measured(
    python: str, script: str, *arguments: object, folder: str | None = None
) -> list[float]:
    threads = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "MKL", "OPENBLAS")}
    done = subprocess.run(
        [python, "-c", script, *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=folder,
        env=os.environ | threads | ({"PYTHONPATH": folder} if folder else {}),
    )
    if done.returncode:
        raise SystemExit(f"{python} failed:\n{done.stderr[-2000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--authors", help="their folder rep_theory")
    parser.add_argument("--table", help="npz with their 'cayley' of S5", default="group_S5.npz")
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    print(f"{'net':13}{'ms ours':>9}{'MiB':>7}{'ms theirs':>11}{'MiB':>7}{'ratio':>8}")
    for kind, fraction in FRACTION.items():
        ours, theirs = [], []
        for _ in range(options.runs):
            ours.append(measured(sys.executable, OURS, kind, fraction, options.steps))
            if options.authors:
                few = max(5, options.steps // 10)
                table = str(Path(options.table).resolve())
                arguments = (kind, fraction, few, table)
                theirs.append(measured(options.python, AUTHORS, *arguments, folder=options.authors))
        time, memory = (statistics.median(column) for column in zip(*ours, strict=True))
        line = f"{kind:13}{time:9.1f}{memory:7.0f}"
        if theirs:
            other, much = (statistics.median(column) for column in zip(*theirs, strict=True))
            line += f"{other:11.1f}{much:7.0f}{other / time:8.1f}"
        print(line, flush=True)


if __name__ == "__main__":
    main()
