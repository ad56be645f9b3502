"""Archives that swell, and headers that claim more than there is: refused in time."""

import pytest

GIB = 2**30
# Kinds of archives that are read, and a member that the reader wants.
BOMBS = (
    ("structural.npz", "U.npy"), ("structural.npz", "header.npy"), ("structural.npz", "other.npy"),
    ("table.npz", "cayley.npy"), ("factors.npz", "U.npy"), ("mlp.npz", "W_x.npy"),
    ("mlp.npz", "other.npy"), ("scheme_wordtensor.npz", "U0.npy"),
    ("scheme_wordtensor.npz", "header.npy"), ("scheme_alphatensor.npz", "2,2,3.npy"),
    ("flips.ckpt", "pool_words.npy"), ("flips.ckpt", "other.npy"), ("symmetric.ckpt", "header.npy"),
    ("cores/*.npz", "numerical.npy"), ("cores/*.npz", "other.npy"), ("mlp.pt", "mlp/data/0"),
)  # fmt: skip
CLAIMS = (
    "structural.npz", "table.npy", "table.npz", "net.safetensors", "factors.npz",
    "scheme_wordtensor.npz", "scheme_fmm.json", "scheme_alphatensor.npz", "flips.ckpt",
    "symmetric.ckpt", "cores/*.npz", "table.json", "config.json", "run/metrics.jsonl",
)  # fmt: skip
# Of 3 GiB: what a reader may take on the way to refusing them, in bytes and seconds of computing.
GROWTH, SECONDS = GIB, 20


def excess(forks, samples, counted, kind, member):
    """Read an archive that swells; say what it took too much of."""
    made = forks.call("readers", "read_bomb", samples, kind, member, 3 * GIB, limit=100)
    counted["bombs"] += 1
    if made.code:
        return f"ended with {made.code}: {made.stderr[-500:]}"
    outcome, seconds = made.value
    if made.grown > GROWTH or seconds > SECONDS:
        return f"{outcome} after {seconds:.0f} s and {made.grown / GIB:.1f} GiB"
    return ""


def test_a_bomb(forks, samples, counted):
    assert excess(forks, samples, counted, "mlp.npz", "W_x.npy") == ""


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "member"), BOMBS)
def test_bombs(forks, samples, counted, kind, member):
    assert excess(forks, samples, counted, kind, member) == ""


def overtaken(forks, samples, counted, kind):
    """Read files in which a number is huge; say what should not have happened."""
    made = forks.call("readers", "read_claims", samples, kind, limit=100, memory=8 * GIB)
    if made.code:
        return [f"ended with {made.code}: {made.stderr[-500:]}"]
    counts, faults = made.value
    counted.update(counts)
    return faults + [f"{made.grown / GIB:.1f} GiB"] * (made.grown > GROWTH)


def test_a_claim(forks, samples, counted):
    assert overtaken(forks, samples, counted, "table.npy") == []


@pytest.mark.slow
@pytest.mark.parametrize("kind", CLAIMS)
def test_claims(forks, samples, counted, kind):
    assert overtaken(forks, samples, counted, kind) == []
