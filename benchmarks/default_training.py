"""Does `wordtensor train WORD GROUP` without options end in a net that generalises?

Usage: python benchmarks/default_training.py [--seeds 3] [--first 0] [--words "a*b" ...] [--groups S3 ...]
For each group and word the suggested run with several seeds, one after the other, on one thread:
the share of the pairs that is trained on, the steps and seconds of the longest run, the test
accuracy of the net that `wordtensor compare` shows (the least over seeds) and at how many seeds it
is 1. Small groups take less than a second, those of order 120 some minutes.
"""

import argparse

import torch

import wordtensor as wt

GROUPS = [
    "S3", "C7", "Q8", "D4", "D5", "C12", "A4", "Dic3", "D8", "SmallGroup(16,6)", "F20", "C7:C3",
    "S4", "SL(2,3)", "C3^3", "D15", "C31", "C2^5", "GL(2,3)", "A5", "C60", "D30", "C113", "D59",
    "S5", "SL(2,5)",
]  # fmt: skip
WORDS = ["a*b", "a*b*a^-1", "a^2*b"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--groups", nargs="+", default=GROUPS)
    parser.add_argument("--first", type=int, default=0, help="the first of the seeds")
    parser.add_argument("--words", nargs="+", default=WORDS)
    options = parser.parse_args()
    torch.set_num_threads(1)
    print(
        f"{'group':18}{'order':>5} {'word':10}{'fraction':>9}{'steps':>7}{'seconds':>9}"
        f"{'accuracy':>10}  right",
        flush=True,
    )
    for group in options.groups:
        for word in options.words:
            show(wt.group(group), word, range(options.first, options.first + options.seeds))


def show(G: wt.Group, word: str, seeds: range) -> None:
    runs = [wt.nets.train(wt.nets.suggested(word, G, seed=seed, threads=1), G) for seed in seeds]
    accuracies = [float(run.best_accuracy[0]) for run in runs]
    print(
        f"{G.name:18}{G.order:5} {word:10}{runs[0].config.fraction:9g}"
        f"{max(run.steps for run in runs):7}{max(run.seconds for run in runs):9.1f}"
        f"{min(accuracies):10.4f}  {sum(value == 1 for value in accuracies)} of {len(seeds)}",
        flush=True,
    )


if __name__ == "__main__":
    main()
