"""From a run to the numbers that its experiment is about."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final, cast

import numpy as np
from numpy.typing import NDArray

from .._typing import Array, Integers
from ..compare import Network, Spectrum, block_shares, network, spectrum, triplet_errors
from ..compare.gcr import KEY_SIMILARITY
from ..compare.similarity import net_similarity
from ..irreps import real_irreps
from ..margins import gamma_star, gamma_star_parity
from ..nets.dynamics import grokking_delay
from ..nets.evaluation import relative_error
from ..nets.margins import normalized_margin, normalized_margin_parity
from ..nets.models import HadamardNet, PairNet, ParityNet
from ..nets.run import Run
from ..nets.tasks import ParityTask, TensorTask, WordTask, name_of
from ..rank import BlockReport, Decomposition, decompose
from ..words import word_tensor

Row = dict[str, Any]

_PURE: Final = 0.95
# A net is exact below this relative squared error, if no term is this much larger than the tensor
# (nets below the rank may approach it with terms that grow and cancel: border rank).
_EXACT: Final = 1e-8
_BSC: Final = 1e-6
_LARGE: Final = 30.0


def known(value: Any) -> float | None:
    """Return a number, or None for what JSON has no number for."""
    return float(value) if np.isfinite(value) else None


@lru_cache(maxsize=8)
def _decomposition(word: str, group: str) -> Decomposition:
    return decompose(word, group)


def _head(run: Run) -> Row:
    config = run.config
    group = name_of(run.tasks[0], config.group)
    return {"word": config.word, "group": group, "width": config.width}


def _seeds(run: Run) -> int | str:
    """Return the number of seeds, and how many of them diverged."""
    lost = int((~np.isfinite(run.final["train_loss"])).sum())
    return f"{run.config.instances} ({lost} diverged)" if lost else run.config.instances


def _first_full(run: Run) -> NDArray[np.int64]:
    """Return the steps at which seeds first had accuracy 1, of those that ever had."""
    there = run.history.accuracy == 1
    first: NDArray[np.int64] = run.history.step[there.argmax(0)][there.any(0)]
    return first


def _accuracies(run: Run) -> Array:
    last: Array = run.history.accuracy[-1]
    return last


def accuracy(run: Run) -> Row:
    """Median, least and best accuracy over seeds on unseen pairs (on all, if none are unseen)."""
    # "max loss" is averaged over the n outputs as well, as torch's MSELoss: the printed losses are
    # too small for the printed accuracies otherwise (a wrong pair costs 1/2 in the sum at least).
    values, task = _accuracies(run), cast(WordTask, run.tasks[0])
    outputs = task.order if run.config.loss == "mse" else 1
    return _head(run) | {
        "activation": run.config.activation,
        "fraction": run.config.fraction,
        "seeds": _seeds(run),
        "median": float(np.median(values)),
        "least": float(values.min()),
        "best": float(values.max()),
        "max loss": known(run.final["train_loss"].max() / outputs),
        "steps": run.steps,
        "seconds": round(run.seconds, 1),
    }


def grokking(run: Run) -> Row:
    """When training and test accuracy became full, and how the neurons ended."""
    config = run.config
    d = _decomposition(config.word, config.group)
    delays = grokking_delay(run.history)
    tested = _first_full(run)
    shares, blocks, widths = [], [], []
    for found in _spectra(run):
        home = _homes(found, d)
        shares.append(0.0 if found is None else found[1].single)
        blocks.append(float((home >= 0).mean()) if len(home) else 0.0)
        widths.append(len(home))
    values = _accuracies(run)
    return _head(run) | {
        "fraction": config.fraction,
        "test 1": f"{len(tested)}/{len(values)}",
        "at step": known(np.median(tested)) if len(tested) else None,
        "delay": known(np.nanmedian(delays)) if np.isfinite(delays).any() else None,
        "final": float(np.median(values)),
        "one triplet": round(float(np.median(shares)), 3),
        "one block": round(float(np.median(blocks)), 3),
        "active": float(np.median(widths)),
        "rank": d.rank,
        "at least": d.lower_bound,
        "seconds": round(run.seconds, 1),
    }


def networks_of(nets: PairNet) -> Iterator[Network | None]:
    """Yield the networks of all instances one by one; None for those that diverged."""
    for number in range(nets.instances or 1):
        net = nets.instance(number)
        finite = all(np.isfinite(array).all() for array in net.arrays().values())
        yield network(net) if finite else None


def _spectra(run: Run) -> Iterator[tuple[Network, Spectrum] | None]:
    """Yield the networks with where their neurons live; None for those that diverged."""
    task = cast(WordTask, run.tasks[0])
    for net in networks_of(cast(PairNet, run.model)):
        if net is None:
            yield None
        else:
            yield net, spectrum(net, task.word, task.group, threshold=_PURE)


def _is_exact(run: Run, errors: Array, target: Array) -> NDArray[np.bool_]:
    """Whether each net is the tensor: a small error, and no term much larger than the tensor."""
    U, V, W = cast(HadamardNet, run.model).factors()
    terms = np.linalg.norm(U, axis=-2) * np.linalg.norm(V, axis=-2) * np.linalg.norm(W, axis=-2)
    largest = terms.reshape(len(errors), -1).max(1) / np.linalg.norm(target)
    exact: NDArray[np.bool_] = (errors < _EXACT) & (largest < _LARGE)
    return exact


def block(run: Run) -> Row:
    """Share of seeds that learn one block: by the paper's loss, and exactly."""
    task = cast(TensorTask, run.tasks[0])
    errors = np.nan_to_num(relative_error(cast(HadamardNet, run.model), task.target), nan=np.inf)
    exact = _is_exact(run, errors, task.target)
    return {
        "block": task.name,
        "width": run.config.width,
        "runs": len(errors),
        "least error": known(errors.min()),
        "below 1e-6": float((errors < _BSC).mean()),
        "exact": float(exact.mean()),
        "steps": run.steps,
        "seconds": round(run.seconds, 1),
    }


def _homes(found: tuple[Network, Spectrum] | None, d: Decomposition) -> Integers:
    """Return the block that each active neuron is in, purely; -1 if it is in none."""
    if found is None:
        return np.zeros(0, dtype=np.int64)
    net, s = found
    shares = block_shares(net.factors(), d)[s.active]
    return np.where(shares.max(1) > _PURE, shares.argmax(1), -1).astype(np.int64)


def _pattern(homes: Integers, d: Decomposition) -> tuple[int, ...]:
    """How many active neurons are in each block of a decomposition, purely."""
    return tuple(np.bincount(homes + 1, minlength=len(d.blocks) + 1)[1:].tolist())


def _volume(block: BlockReport) -> int:
    """Products in the standard algorithm of a block <n,m,p>, over R; 0 if it is none."""
    return int(np.prod(block.sizes)) if block.sizes and block.division == "R" else 0


def widths(run: Run) -> Row:
    """Which algorithm was learned: neurons per block, against the scheme's and the standard one."""
    config, task = run.config, cast(WordTask, run.tasks[0])
    d = _decomposition(config.word, config.group)
    target = word_tensor(task.word, task.group).to_dense().astype(np.float64)
    errors = np.nan_to_num(relative_error(cast(HadamardNet, run.model), target), nan=np.inf)
    exact = _is_exact(run, errors, target)
    patterns = [_pattern(_homes(found, d), d) for found in _spectra(run)]
    row: Row = _head(run) | {
        "rank": d.rank,
        "accuracy 1": float((run.final["train_accuracy"] == 1).mean()),
        "exact": float(exact.mean()),
        "median error": known(np.median(errors)),
    }
    named: dict[tuple[str, int, int], list[int]] = {}
    for k, part in enumerate(d.blocks):
        if part.rank < (volume := _volume(part)):
            named.setdefault((part.name, part.rank, volume), []).append(k)
    for (name, rank, volume), places in named.items():
        found = [pattern[k] for pattern in patterns for k in places]
        row[f"{name}: {rank}"] = f"{sum(x == rank for x in found)}/{len(found)}"
        row[f"{name}: {volume}"] = f"{sum(x == volume for x in found)}/{len(found)}"
    common, times = Counter(patterns).most_common(1)[0]
    row["most common"] = "+".join(map(str, common)) + f" ({times})"
    row["seconds"] = round(run.seconds, 1)
    return row


def margin(run: Run) -> Row:
    """Normalised margin against the largest possible one."""
    config, task = run.config, run.tasks[0]
    if isinstance(task, ParityTask):
        best = gamma_star_parity(task.relevant)
        reached = normalized_margin_parity(cast(ParityNet, run.model), task.relevant)
        what = f"({task.bits},{task.relevant}) parity"
    else:
        G = cast(WordTask, task).group
        best = gamma_star(G)
        reached = normalized_margin(cast(PairNet, run.model), G, config.word)
        what = f"{config.word} over {config.group}"
    shares = np.atleast_1d(reached) / best
    return {
        "task": what,
        "width": config.width,
        "seeds": _seeds(run),
        "gamma*": best,
        "median share": float(np.median(shares)),
        "best share": float(shares.max()),
        "steps": run.steps,
        "seconds": round(run.seconds, 1),
    }


def irreps(run: Run) -> Row:
    """Which irreps the logits use, largest first, and when the net was right on unseen pairs."""
    config, task = run.config, cast(WordTask, run.tasks[0])
    T = word_tensor(task.word, task.group)
    all_irreps = real_irreps(task.group)
    used = []
    for net in networks_of(cast(PairNet, run.model)):
        similar = np.zeros(len(all_irreps)) if net is None else net_similarity(net, T)
        key = [k for k in np.argsort(-similar).tolist() if k > 0 and similar[k] > KEY_SIMILARITY]
        used.append("+".join(all_irreps[k].label for k in key) or "-")
    tested = _first_full(run)
    common = Counter(used).most_common(3)
    return _head(run) | {
        "model": config.model,
        "fraction": config.fraction,
        "test 1": f"{len(tested)}/{config.instances}",
        "at step": known(np.median(tested)) if len(tested) else None,
        "test loss": known(np.median(run.final["test_loss"])),
        "irreps": "; ".join(f"{name} ({times})" for name, times in common),
        "ms a step": round(1e3 * run.seconds / max(1, run.steps), 2),
        "seconds": round(run.seconds, 1),
    }


def bsc(run: Run) -> Row:
    """Whether an irrep is learned once it has as many neurons as our scheme, and not before."""
    # The "loss of an irrep" is its entry of `triplet_errors` over its share of ``||T||^2``.
    config, task = run.config, cast(WordTask, run.tasks[0])
    T = word_tensor(task.word, task.group)
    d = _decomposition(config.word, config.group)
    ranks = np.zeros(len(real_irreps(task.group)), dtype=np.int64)
    for part in d.blocks:
        ranks[cast(tuple[tuple[int, int, int], ...], part.triplets)[0][0]] += part.rank
    wholes = np.einsum("kkk->k", triplet_errors((np.zeros((task.order, 1)),) * 3, T))
    small: dict[bool, list[bool]] = {True: [], False: []}
    for found in _spectra(run):
        clusters = {} if found is None else found[1].clusters(_PURE)
        losses = np.full(len(ranks), np.inf)
        if found is not None:
            losses = np.einsum("kkk->k", triplet_errors(found[0], T)) / wholes
        for k, rank in enumerate(ranks.tolist()):
            small[len(clusters.get((k, k, k), ())) >= rank].append(bool(losses[k] < _BSC))
    return _head(run) | {
        "rank": d.rank,
        "seeds": config.instances,
        "wide enough: learned": f"{sum(small[True])}/{len(small[True])}",
        "too narrow: learned": f"{sum(small[False])}/{len(small[False])}",
        "whole word": f"{int((run.final['train_loss'] < _BSC).sum())}/{config.instances}",
        "steps": run.steps,
        "seconds": round(run.seconds, 1),
    }


REPORTS: Final[Mapping[str, Callable[[Run], Row]]] = MappingProxyType(
    {
        "accuracy": accuracy,
        "grokking": grokking,
        "block": block,
        "widths": widths,
        "margin": margin,
        "irreps": irreps,
        "bsc": bsc,
    }
)
