"""Word tables: the compiled kernels, CUDA, and plain NumPy indexing beside a copy of the table."""

import random
from collections.abc import Callable

import numpy as np

import wordtensor as wt
from wordtensor.words import word_table

from .base import LIMIT, OURS, SEED, Suite, require_cuda, require_memory, unknown

# (letter, power) by (letter, power), so that what reads words is not its own reference.
WORDS = {
    "[a,b]": ((0, 1), (1, 1), (0, -1), (1, -1)),
    "W8": ((0, 1), (1, 1), (0, -1), (1, 1), (0, 2), (1, 3), (0, 1), (1, -1)),
}
TEXTS = {"[a,b]": "[a,b]", "W8": "a*b*a^-1*b*a^2*b^3*a*b^-1"}
CASES = tuple(f"{group} {word}" for group in ("S5", "S6", "S7") for word in WORDS)
SAMPLES = 500

Syllables = tuple[tuple[int, int], ...]


def power(G: wt.Group, g: int, k: int) -> int:
    factor, value = g if k > 0 else int(G.inverse[g]), G.identity
    for _ in range(abs(k)):
        value = int(G.cayley[value, factor])
    return value


def indexed(syllables: Syllables, G: wt.Group) -> np.ndarray:
    """Tabulate a word as one would with NumPy: a fancy index for each syllable."""
    value = None
    for letter, k in syllables:
        powers = np.array([power(G, g, k) for g in range(G.order)])
        factor = powers[None, :] if letter else powers[:, None]
        value = factor if value is None else G.cayley[value, factor]
    return value


def wrong_samples(table: np.ndarray, syllables: Syllables, G: wt.Group) -> int:
    """Count wrong entries among some at random, by plain loops."""
    rng = random.Random(SEED)
    wrong = 0
    for _ in range(SAMPLES):
        pair = rng.randrange(G.order), rng.randrange(G.order)
        value = G.identity
        for letter, k in syllables:
            value = int(G.cayley[value, power(G, pair[letter], k)])
        wrong += value != table[pair]
    return wrong


def split(case: str) -> tuple[wt.Group, str]:
    """Return the group and the word of a case such as "S5 [a,b]"."""
    group, word = case.split(" ")
    return wt.group(group), word


class _Tables(Suite):
    """Every entry is compared with plain indexing, and plain indexing with loops at samples."""

    def wrong_entries(self, case: str, way: str, answer: np.ndarray) -> float:
        G, word = split(case)
        wrong = wrong_samples(answer, WORDS[word], G)
        if way != "numpy":
            reference = indexed(WORDS[word], G)
            wrong = max(wrong, int((answer != reference).sum()))
        return float(wrong)


class Words(_Tables):
    pretty_suite = "word table, kernels loaded; The limit is to copy the table."
    params = (CASES, (OURS, "numpy", LIMIT))

    def prepare(self, case: str, way: str) -> Callable[[], np.ndarray]:
        require_memory(2 if case.startswith("S7") else 0.1)
        G, word = split(case)
        if way == OURS:
            # Large tables go to the compiled kernels once these are loaded.
            word_table("[a,b]", "S6")
            load_kernels()
            text = TEXTS[word]
            return lambda: word_table(text, G)
        if way == "numpy":
            return lambda: indexed(WORDS[word], G)
        if way == LIMIT:
            target = np.empty_like(G.cayley)
            return lambda: np.copyto(target, G.cayley)
        raise unknown(way)

    def check(self, case: str, way: str, answer: np.ndarray) -> float:
        return self.wrong_entries(case, way, answer)

    def time_table(self, case: str, way: str) -> None:
        self.work()

    def track_wrong_entries(self, case: str, way: str) -> float:
        return self.error

    track_wrong_entries.params = (CASES, (OURS,))


def load_kernels() -> None:
    """Import and compile the kernels, or read them from numba's cache."""
    from wordtensor.words.evaluate import evaluate_numba

    # A conjugate, and a longer word: these take every step that there is.
    G = wt.group("S4")
    for word in WORDS.values():
        evaluate_numba(word, G)


CUDA_CASES = ("S6 [a,b]", "S6 W8", "S7 [a,b]", "S7 W8")


class WordsCuda(_Tables):
    pretty_suite = "word table on a GPU (words/_cuda); limit: copy of the table from the device"
    params = (CUDA_CASES, (OURS, "CPU kernels", LIMIT))

    def prepare(self, case: str, way: str) -> Callable[[], np.ndarray]:
        require_cuda()
        G, word = split(case)
        text = TEXTS[word]
        if way == OURS:
            return lambda: word_table(text, G, device="cuda")
        if way == "CPU kernels":
            load_kernels()
            return lambda: word_table(text, G)
        if way == LIMIT:
            from numba import cuda

            there, target = cuda.to_device(G.cayley), np.empty_like(G.cayley)
            return lambda: there.copy_to_host(target)
        raise unknown(way)

    def check(self, case: str, way: str, answer: np.ndarray) -> float:
        return self.wrong_entries(case, way, answer)

    def time_table(self, case: str, way: str) -> None:
        self.work()

    def track_wrong_entries(self, case: str, way: str) -> float:
        return self.error

    track_wrong_entries.params = (CUDA_CASES, (OURS,))
