"""Training steps beside plain torch, torch.compile and JAX's jit: milliseconds a step.

Usage: python benchmarks/training_steps.py [--cases WORD ...] [--ways WAY ...] [--rounds 7]
    [--seconds 0.3] [--quick] [--device cuda] [--json FILE]

Everything is in float32, in one process, and in turns: each round gives every way of a family of
cases --seconds of steps. On a CPU it runs on one core and counts CPU seconds of the process, which
other work on the machine disturbs least; on a GPU it counts wall time up to the end of the work.
With many seeds a peer's number is the better of two: as many steps of one seed, or all seeds in
one batch. Before it is timed, every way trains from the same start as plain torch, and has
to reach the same weights. --quick takes the small cases and a moment each, to see that it works.
"""

import argparse
import gc
import json
import os
import platform
import statistics
import sys
import time
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from benchmarks._training_cases import (
    COMPILED,
    JAX,
    TOLERANCE,
    TORCH,
    Material,
    Stepper,
    TrainingState,
    config_of,
    ours,
)
from benchmarks._training_jax import jax_steps
from benchmarks._training_torch import checked, readout_products, torch_steps

from benchmarks import _training_cases as cases
from wordtensor._threads import one_blas_thread
from wordtensor.nets import TrainConfig

OURS, LIMIT = "ours", "limit"
# Ours without recording steps for a GPU.
EAGER = "ours eager"
# What is measured: a net, and with how many seeds.
ON_CPU: list[tuple[str, dict[str, Any], tuple[int, ...]]] = [
    ("hadamard S4", cases.HADAMARD_S4, (1, 32)),
    ("perceptron S4", cases.HADAMARD_S4 | {"model": "perceptron"}, (1,)),
    ("hadamard S3", cases.HADAMARD_S3, (1, 32, 256, 2048)),
    ("perceptron D8, batches of 16", cases.BATCHES, (20,)),
    ("mlp S5", cases.MLP, (1, 32)),
    ("margin C71", cases.MARGIN, (1, 32)),
    ("transformer S5", cases.TRANSFORMER, (1, 4)),
]
ON_GPU = [
    ("hadamard S3", cases.HADAMARD_S3, (1, 256, 2048)),
    ("mlp S5", cases.MLP, (1, 50)),
    ("transformer S5", cases.TRANSFORMER, (1, 50)),
    ("margin C71", cases.MARGIN, (1, 50)),
    ("mlp S6", cases.MLP | {"group": "S6", "fraction": 0.25}, (1,)),
]
QUICK = [("hadamard S3", cases.HADAMARD_S3, (1, 32))]
WAYS = {"cpu": (OURS, TORCH, COMPILED, JAX, LIMIT), "cuda": (OURS, EAGER, TORCH, LIMIT)}
OWN = (OURS, EAGER)


@dataclass
class Form:
    """One way to make the steps of a net with some seeds, and the milliseconds that they took."""

    way: str
    seeds: int
    stepper: Stepper
    difference: float = 0.0
    times: list[float] = field(default_factory=list)

    def measure(self, seconds: float, on_cpu: bool) -> None:
        """Make steps for some seconds; note the time of one."""
        clock = time.process_time if on_cpu else time.perf_counter
        gc.collect()
        self.stepper.wait()
        count, block, began = 0, 1, clock()
        while count == 0 or clock() - began < seconds:
            self.stepper.advance(block)
            # What a GPU was asked for is not done.
            self.stepper.wait()
            count += block
            if clock() - began < seconds / 32:
                block = min(16, 2 * block)
        self.times.append(1e3 * (clock() - began) / count)


def say(text: str) -> None:
    """Tell of progress, at once."""
    print(text, file=sys.stderr, flush=True)


def stepper_of(way: str, config: TrainConfig, alone: bool) -> Stepper:
    """Return the steps of a way."""
    device = config.device
    if way == EAGER:
        training = TrainingState(config, record=lambda work: work)
    else:
        training = TrainingState(config)
    if way in OWN:
        stepper = ours(training)
    elif way == LIMIT:
        stepper = readout_products(training, not alone)
    elif way == JAX:
        return jax_steps(Material(training, 0 if alone else None))
    else:
        material = Material(training, 0 if alone else None)
        stepper = torch_steps(material, compiled=way == COMPILED, device=device)
    if device == "cuda":
        stepper.wait = torch.cuda.synchronize
    return stepper


def forms_of(
    values: dict[str, Any], seeds: tuple[int, ...], ways: tuple[str, ...], device: str
) -> Iterator[Form]:
    """Make the forms of a net; peers take one seed at a time as well as all of them."""
    for count in sorted({1, *seeds}):
        config = config_of(values | {"instances": count}, device)
        for way in ways:
            if way in OWN and count not in seeds:
                continue
            told, began = f"  {way}, {count} seeds", time.perf_counter()
            try:
                stepper = stepper_of(way, config, count == 1)
                difference = 0.0
                if way != LIMIT:
                    difference = checked(TrainingState(config), stepper, count == 1)
            except Exception:
                # A peer may lack its library, a compiler, or the memory.
                reason = traceback.format_exc().strip().splitlines()[-1]
                say(f"{told} left out: {reason:.300}")
                continue
            took = time.perf_counter() - began
            say(f"{told}: weights off by {difference:.1e}, {took:.0f} s to prepare")
            if not difference <= TOLERANCE:
                say(f"{told} left out: its weights are wrong")
                continue
            yield Form(way, count, stepper, difference)


def row_of(name: str, count: int, forms: list[Form]) -> dict[str, Any]:
    """Return medians and minima of a step of all seeds, by way, each in its better form."""
    row: dict[str, Any] = {"case": name, "seeds": count, "ways": {}}
    for form in forms:
        if form.seeds != count and (form.seeds != 1 or form.way in OWN):
            continue
        factor = count // form.seeds
        found = {
            "form": "together" if form.seeds == count else "one at a time",
            "median": factor * statistics.median(form.times),
            "least": factor * min(form.times),
            "difference": form.difference,
        }
        known = row["ways"].get(form.way)
        if known is None or found["median"] < known["median"]:
            row["ways"][form.way] = found
    return row


def table(rows: list[dict[str, Any]], ways: tuple[str, ...]) -> str:
    """Return the table: median (least) of each way, and how we stand to the best peer."""
    lines = [["case", "seeds", *ways, "best peer / ours"]]
    for row in rows:
        found = row["ways"]
        cells = [
            f"{found[way]['median']:.4g} ({found[way]['least']:.4g})"
            + ("*" if found[way]["form"] == "one at a time" and row["seeds"] > 1 else "")
            if way in found
            else "-"
            for way in ways
        ]
        peers = [found[way] for way in found if way not in (*OWN, LIMIT)]
        factor = "-"
        if peers and OURS in found:
            best = {key: min(peer[key] for peer in peers) for key in ("median", "least")}
            ratios = [best[key] / found[OURS][key] for key in ("median", "least")]
            factor = f"{ratios[0]:.3g} ({ratios[1]:.3g})"
        lines.append([row["case"], str(row["seeds"]), *cells, factor])
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def machine(device: str) -> str:
    """Return what it runs on."""
    if device == "cuda":
        return torch.cuda.get_device_name()
    told = Path("/proc/cpuinfo")
    models = [
        line.partition(":")[2].strip()
        for line in (told.read_text().splitlines() if told.exists() else [])
        if line.startswith("model name")
    ]
    return f"{models[0] if models else platform.machine()}, one core, {os.getloadavg()[0]:.1f} busy"


def measure_net(
    name: str, forms: list[Form], seeds: tuple[int, ...], options: argparse.Namespace
) -> list[dict[str, Any]]:
    """Measure the forms of a net in turns; return a row for each number of seeds."""
    for k in range(options.rounds + 1):
        for form in forms:
            form.measure(options.seconds if k else options.seconds / 10, options.device == "cpu")
            if not k:  # in which a GPU's launches are recorded
                form.times.clear()
    return [row_of(name, count, forms) for count in seeds]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--cases", nargs="+", default=[""], help="words that a case may contain")
    parser.add_argument("--ways", nargs="+", help="of: " + ", ".join(WAYS["cpu"]))
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=0.3)
    parser.add_argument("--quick", action="store_true", help="one small net, to see that it works")
    parser.add_argument("--json", type=Path, help="write every number there, after every net")
    options = parser.parse_args()
    with one_blas_thread():
        measure_all(options)


def measure_all(options: argparse.Namespace) -> None:
    """Measure the cases that are asked for, and print the table."""
    torch.set_num_threads(1)
    if options.device == "cpu" and hasattr(os, "sched_setaffinity"):
        # Before JAX counts the cores.
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    ways = tuple(options.ways or WAYS[options.device])
    nets = QUICK if options.quick else ON_GPU if options.device == "cuda" else ON_CPU
    if options.quick:
        options.rounds, options.seconds = 2, 0.02
    rows: list[dict[str, Any]] = []
    about = {"machine": machine(options.device), "torch": torch.__version__}
    for name, values, seeds in nets:
        if not any(word in name for word in options.cases):
            continue
        say(name)
        # Compiled code of the nets before counts towards torch's limit of recompilations.
        torch.compiler.reset()
        forms = list(forms_of(values, seeds, ways, options.device))
        rows += measure_net(name, forms, seeds, options)
        if options.json:
            options.json.write_text(json.dumps(about | {"rows": rows}, indent=1))
    print(f"{about['machine']}, torch {about['torch']}; ms a step of all seeds: median (least)")
    print("* one seed at a time, times the seeds")
    print(table(rows, ways))


if __name__ == "__main__":
    main()
