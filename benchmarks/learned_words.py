"""Which triplets trained nets use for words other than the product, and what ablation does to them.

Usage: python benchmarks/learned_words.py [--steps 4000]
Hadamard nets of width 128 on the squared error, Adam at 0.01 with coupled L2 3e-4, four seeds each;
the best of them on test pairs is compared with the decomposition. Some seconds each.
"""

import argparse

import numpy as np

import wordtensor as wt

CASES = [("a^2*b", "S4", 0.7), ("a*b*a", "D8", 0.8), ("a*b*a^-1", "S4", 1.0), ("a^2*b", "S4", 0.5)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=4000)
    options = parser.parse_args()
    for word, group, fraction in CASES:
        config = wt.nets.suggested(
            word, group, stop_accuracy=None, steps=options.steps, instances=4, log_every=500,
            l2=3e-4, fraction=fraction,
        )  # fmt: skip
        run = wt.nets.train(config)
        scores = run.final["train_accuracy" if fraction == 1 else "test_accuracy"]
        net = run.model.instance(int(np.argmax(scores)))
        show(wt.compare.compare(net, word, group), fraction)


def show(c: "wt.compare.Comparison", fraction: float) -> None:
    logits = c.logits
    print(f"\n{c.word} over {c.group.name}, {fraction:.0%} of the pairs: {c.gcr.all_accuracy:.4f}")
    print(
        f"  triplets: {len(logits.support)} predicted, {len(logits.used())} used, "
        f"{len(set(logits.used()) & set(logits.support))} both; energy in the predicted "
        f"{logits.supported_share:.4f}; {logits.scale:.3f} T, error {logits.relative_error:.1e}"
    )
    print(
        f"  width {c.network.width}, active {c.spectrum.width}, same function "
        f"{c.pruning.effective_width}, same accuracy {c.pruning.accurate_width}; rank "
        f"{c.decomposition.rank}, at least {c.decomposition.lower_bound}"
    )
    print(
        f"  boxes: {len(c.boxes.boxes)}, cover the support: {c.boxes.covers}, cost {c.boxes.cost}, "
        f"cheapest {c.boxes.minimal_cost}; neurons in one triplet {c.spectrum.single:.2f} (random "
        f"{c.spectrum.null.single:.2f}), in one block {c.match.single_block_share:.2f}"
    )
    for a in c.ablations:
        if a.kind == "triplets":
            verb = "keep" if a.kept else "remove"
            print(f"  {verb:6} {a.what:42} accuracy {a.accuracy:.4f}  changed {a.changed:.1e}")
    single = [a for a in c.ablations if a.kind == "triplet"]
    worst = min(single, key=lambda a: a.accuracy)
    print(
        f"  remove one of the {len(single)} used: accuracy {worst.accuracy:.4f} ({worst.what}) to "
        f"{max(a.accuracy for a in single):.4f}, changed {min(a.changed for a in single):.1e} to "
        f"{max(a.changed for a in single):.1e}"
    )


if __name__ == "__main__":
    main()
