"""Many seeds in one batched model against one at a time: steps times seeds per second.

Usage: python benchmarks/batched_training.py [--seeds 32] [--steps 300] [--runs 3]
Both kinds run in turns in one process, on one thread; medians and their ratio are printed.
"""

import argparse
import statistics
import time

import torch

from wordtensor.nets import TrainConfig
from wordtensor.nets._state import TrainingState

CASES = [
    ("S3", "a*b", 12, 1.0),
    ("S3", "a*b", 12, 0.8),
    ("D8", "a*b", 32, 1.0),
    ("D8", "a*b", 32, 0.8),
]


def rate(config: TrainConfig, steps: int) -> float:
    """Return steps times instances per second."""
    training = TrainingState(config)
    for _ in range(20):
        training.advance()
    began = time.perf_counter()
    for _ in range(steps):
        training.advance()
    return steps * config.instances / (time.perf_counter() - began)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=32)
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    torch.set_num_threads(1)
    print(f"{'group':6}{'word':6}{'width':>6}{'pairs':>7}{'one':>12}{'batched':>12}{'ratio':>8}")
    for group, word, width, fraction in CASES:
        one = TrainConfig(group=group, word=word, width=width, fraction=fraction, l2=1e-3)
        many = one.replace(instances=options.seeds)
        pairs = [(rate(one, options.steps), rate(many, options.steps)) for _ in range(options.runs)]
        single, batched = (statistics.median(column) for column in zip(*pairs, strict=True))
        print(
            f"{group:6}{word:6}{width:6}{fraction:7.0%}{single:12.0f}{batched:12.0f}"
            f"{batched / single:8.1f}"
        )


if __name__ == "__main__":
    main()
