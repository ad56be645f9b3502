"""CPU seconds for each start that converges: ours, an older checkout's, pyttb's and tensorly's.

Usage: OMP_NUM_THREADS=1 python benchmarks/solver_peers.py [--old SRC] [--starts 16] [--hard]

SRC is the `src` folder of an older checkout, run in a process of its own (its `fit`); pyttb and
tensorly take part if they can be imported (pip install 'wordtensor[peers]', or --target a folder on
PYTHONPATH). --hard adds (S4, [a,b]) at 80, which takes minutes. Everything runs on one core, and a
start counts if its relative residual is at most 1e-10.
"""

import argparse
import importlib.util
import json
import logging
import os
import subprocess
import sys
import time
from collections.abc import Callable

import numpy as np

from wordtensor.solver import fit_many, reconstruct
from wordtensor.words import word_tensor

CASES = {
    "A4 aba 22": ("a*b*a", "A4", 22),
    "D8 aba 20": ("a*b*a", "D8", 20),
    "S4 aba 54": ("a*b*a", "S4", 54),
}
HARD = {"S4 [a,b] 80": ("[a,b]", "S4", 80)}
REACHED = 1e-10
PEER_STARTS, PEER_STEPS = 2, 2000

OLD = """
import json, sys, time
from wordtensor.solver import fit
from wordtensor.words import word_tensor
word, group, rank, starts = json.loads(sys.argv[1])
tensor = word_tensor(word, group).core().tensor
fit(tensor, rank, rng=99, iterations=3)
began = time.process_time()
found = [fit(tensor, rank, rng=seed).residual for seed in range(starts)]
print(json.dumps([found, time.process_time() - began]))
"""


def ours(tensor: np.ndarray, rank: int, starts: int) -> tuple[list[float], float]:
    fit_many(tensor, rank, [99], iterations=3)  # loads and compiles
    began = time.process_time()
    found = fit_many(tensor, rank, range(starts))
    return [result.residual for result in found], time.process_time() - began


def first_of_ours(tensor: np.ndarray, rank: int, starts: int) -> tuple[list[float], float]:
    fit_many(tensor, rank, [99], iterations=3)
    began = time.process_time()
    found = fit_many(tensor, rank, range(starts), until_first=True)
    return [result.residual for result in found], time.process_time() - began


def timed(
    way: Callable[[np.ndarray, int, int], list[np.ndarray]], tensor: np.ndarray, rank: int
) -> tuple[list[float], float]:
    began, found = time.process_time(), []
    for seed in range(PEER_STARTS):
        difference = reconstruct(tuple(way(tensor, rank, seed))) - tensor
        found.append(float(np.linalg.norm(difference) / np.linalg.norm(tensor)))
    return found, time.process_time() - began


def with_tensorly(tensor: np.ndarray, rank: int, seed: int) -> list[np.ndarray]:
    from tensorly.decomposition import parafac

    weights, factors = parafac(
        tensor, rank, n_iter_max=PEER_STEPS, init="random", random_state=seed, tol=0
    )
    return [factors[0] * weights, *factors[1:]]


def with_gcp(tensor: np.ndarray, rank: int, seed: int) -> list[np.ndarray]:
    import pyttb
    from pyttb.gcp.handles import Objectives
    from pyttb.gcp.optimizers import LBFGSB

    np.random.seed(seed)  # noqa: NPY002 (pyttb draws from the global generator)
    optimizer = LBFGSB(maxiter=PEER_STEPS, maxfun=10 * PEER_STEPS, factr=0.0, pgtol=1e-14)
    found = pyttb.gcp_opt(pyttb.tensor(tensor), rank, Objectives.GAUSSIAN, optimizer, printitn=0)[0]
    factors = [np.asarray(f) for f in found.factor_matrices]
    return [factors[0] * np.asarray(found.weights), *factors[1:]]


def show(case: str, way: str, found: list[float], seconds: float) -> None:
    reached = sum(residual <= REACHED for residual in found)
    each = f"{seconds / reached:9.4f}" if reached else "    never"
    print(
        f"{case:12} {way:14} {reached:3}/{len(found):3} {each} s, best {min(found):.0e}, "
        f"{seconds:.2f} s in all",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--old", help="src folder of an older checkout")
    parser.add_argument("--starts", type=int, default=16)
    parser.add_argument("--hard", action="store_true")
    options = parser.parse_args()
    logging.disable(logging.WARNING)  # pyttb's, one for every step
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    for case, (word, group, rank) in (CASES | (HARD if options.hard else {})).items():
        tensor, hard = word_tensor(word, group).core().tensor, case in HARD
        starts = 4 if hard else options.starts
        show(case, "ours", *(first_of_ours if hard else ours)(tensor, rank, starts))
        if options.old:
            text = json.dumps([word, group, rank, starts])
            run = subprocess.run(
                [sys.executable, "-c", OLD, text],
                env=os.environ | {"PYTHONPATH": options.old},
                capture_output=True,
                text=True,
                check=True,
            )
            show(case, "older", *json.loads(run.stdout))
        peers = {"pyttb": with_gcp, "tensorly": with_tensorly}
        for name, way in peers.items():
            if not hard and importlib.util.find_spec(name):
                show(case, name, *timed(way, tensor, rank))


if __name__ == "__main__":
    main()
