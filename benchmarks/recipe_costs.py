"""Estimate the time and the memory of every recipe from a few steps of its first and last runs.

``python benchmarks/recipe_costs.py`` writes src/wordtensor/experiments/recipe_costs.json, which the
page of recipes and ``wordtensor train --list`` show; recipes that are there are not measured again,
and sizes for a GPU not at all. A run that stops early takes less time.
"""

import json
import multiprocessing
import resource
import time
from pathlib import Path
from typing import Any

import torch

from wordtensor.experiments import RECIPES, Recipe
from wordtensor.nets import TrainConfig, train

TARGET = Path(__file__).parents[1] / "src" / "wordtensor" / "experiments" / "recipe_costs.json"
# Steps to begin with, and the seconds that a measurement should take beyond theirs.
FEW, ENOUGH = 1, 0.4


def seconds_of(config: TrainConfig, target: Any, steps: int) -> float:
    """Return the processor's time for a run of so many steps, without an early end."""
    short = config.replace(
        steps=steps,
        log_every=config.record_every,
        checkpoints=0,
        stop_accuracy=None,
        stop_loss=None,
        threads=1,
        schedule="constant",
        doublings=(),
    )
    began = time.process_time()  # on one core, whatever else the machine does
    train(short, target)
    return time.process_time() - began


def total_seconds(config: TrainConfig, target: Any) -> float:
    """Extrapolate from so many steps that they take longer than what a run begins with."""
    seconds_of(config, target, FEW)  # compiles, and fills caches
    first, steps = seconds_of(config, target, FEW), FEW
    while True:
        steps = min(4 * steps, config.steps)
        took = seconds_of(config, target, steps) - first
        if took >= ENOUGH or steps == config.steps:
            return first + took * config.steps / steps


def cost(recipe: Recipe, quick: bool) -> dict[str, float]:
    """Return the seconds of all runs on one core, and the peak of memory in MiB."""
    torch.set_num_threads(1)
    configs = recipe.quick if quick else recipe.full
    target = None if recipe.target is None else recipe.target.resolve()
    ends = [configs[0], configs[-1]] if len(configs) > 1 else [configs[0]]
    totals = []
    for config in ends:
        # A study trains its seeds one by one.
        seeds = config.instances if recipe.by_seed else 1
        one = config.replace(instances=1) if recipe.by_seed else config
        totals.append(seeds * total_seconds(one, target))
    seconds = len(configs) * sum(totals) / len(totals)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"seconds": float(f"{seconds:.2g}"), "mib": float(f"{peak:.2g}")}


def main() -> None:
    """Measure each size of each recipe in a process of its own."""
    context = multiprocessing.get_context("fork")
    found: dict[str, dict[str, Any]] = json.loads(TARGET.read_text()) if TARGET.exists() else {}
    with context.Pool(1, maxtasksperchild=1) as pool:
        for recipe in (made for name, made in RECIPES.items() if name not in found):
            sizes = {"quick": True} if recipe.device != "cpu" else {"full": False, "quick": True}
            found[recipe.name] = {
                size: pool.apply(cost, (recipe, quick)) for size, quick in sizes.items()
            }
            lines = (f"{json.dumps(name)}: {json.dumps(costs)}" for name, costs in found.items())
            TARGET.write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()
