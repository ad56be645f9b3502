"""Do nets of width 7 inside the 2-dimensional irrep of S3 learn Strassen's algorithm?

Usage: python benchmarks/learned_strassen.py [--instances 40] [--steps 20000] [--rate 0.3]
Hadamard nets on the block <2,2,2> of a*b over S3, float64, gradient descent from Gaussian starts;
then each net is matched with Strassen's scheme up to scales, order and the action of GL_2^3.
"""

import argparse

import numpy as np

import wordtensor as wt
from wordtensor.compare.matching import match
from wordtensor.nets.blocks import block_task
from wordtensor.rank import block_bases

REACHED = 1e-8  # relative squared error
BOUNDED = 10.0  # largest term, relative to the block


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--instances", type=int, default=40)
    parser.add_argument("--steps", type=int, default=20_000)
    parser.add_argument("--rate", type=float, default=0.3)
    options = parser.parse_args()
    d = wt.decompose("a*b", "S3")
    block = next(k for k, b in enumerate(d.blocks) if b.name == "<2,2,2>")
    task = block_task(d, block)
    config = wt.nets.TrainConfig(
        group="S3", word="a*b", width=7, optimizer="gd", learning_rate=options.rate, scale=0.3,
        steps=options.steps, instances=options.instances, dtype="float64", log_every=options.steps,
    )  # fmt: skip
    run = wt.nets.train(config, task)
    report(run, task, d, block)


def report(run: wt.nets.Run, task: wt.nets.TensorTask, d: wt.Decomposition, block: int) -> None:
    bases = block_bases(d, block)
    size = np.linalg.norm(task.target)
    residuals, errors, reached = [], [], 0
    for instance in range(run.config.instances):
        factors = run.model.instance(instance).factors()
        difference = np.einsum("ir,jr,kr->ijk", *factors) - task.target
        residual = float(np.square(np.linalg.norm(difference) / size))
        norms = np.prod([np.linalg.norm(F, axis=0) for F in factors], axis=0)
        if residual > REACHED or norms.max() > BOUNDED * size:
            continue
        reached += 1
        residuals.append(residual)
        lifted = tuple(B @ F for B, F in zip(bases, factors, strict=True))
        found = match(lifted, d).blocks[block]
        if found.matched:
            errors.append(found.error)
        else:
            print(f"instance {instance}: {found.status}, error {found.error}")
    print(f"{run.config.instances} starts, {run.seconds:.0f} s")
    print(f"{reached} reach the tensor (relative squared error below {REACHED:.0e})")
    if reached:
        print(f"  relative squared errors: {spread(residuals)}")
        print(f"{len(errors)} of these are Strassen's algorithm")
    if errors:
        print(f"  largest error of a term: {spread(errors)}")


def spread(values: list[float]) -> str:
    return f"min {min(values):.1e}, median {np.median(values):.1e}, max {max(values):.1e}"


if __name__ == "__main__":
    main()
