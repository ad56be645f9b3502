"""Damaged files of every format: each is read, or refused with our error, soon, in bounds."""

import pytest

GIB = 2**30
KINDS = (
    "structural.npz", "exact.npz", "complex.npz", "division.npz", "schema1.npz",
    "solved.npz", "tensor.npy", "tensor.npz", "tensor.json",
    "tensor.tns", "tensor.txt", "slices.txt",
    "table.npy", "table.npz", "table.csv", "table.txt", "table.json",
    "values.npy", "values.csv", "values.json",
    "generators.g", "quotient.g", "presentation.txt", "generators.json",
    "net.safetensors", "many.safetensors", "parity.safetensors", "transformer.safetensors",
    "factors.npz", "mlp.npz", "transformer.npz", "mlp.pt",
    "layers.pt", "checkpoints.pt", "plain.safetensors", "stated.npz", "logits.npy",
    "mask.csv", "mask.npz", "pairs.csv", "mask.pt", "logits.pt", "config.json",
    "scheme_wordtensor.npz", "scheme_fmm.json", "scheme_alphatensor.npz",
    "scheme_m.m", "scheme_exp.exp", "scheme_maple.mpl", "scheme_flat.txt", "scheme_plain.npz",
    "scheme_plain.npy", "scheme_reduced.json", "scheme_sms_L.sms",
    "ranks.csv", "flips.ckpt", "symmetric.ckpt", "cores/*.npz",
    "run/config.json", "run/metrics.jsonl", "run/state.safetensors", "run/net.safetensors",
    "run/checkpoints/*-00000000.safetensors",
)  # fmt: skip


def test_no_reader_is_forgotten(forks):
    assert forks.call("readers", "kinds").value == list(KINDS)


def read(forks, samples, kind, first, count, counted):
    """Read damaged files in a child; what kills the child is a fault as well."""
    faults, last = [], first + count
    while first < last:
        done = forks.call(
            "readers", "read_damaged", samples, kind, first, last, limit=200, memory=2 * GIB
        )
        if done.value is None:
            lines = [line for line in done.stderr.splitlines() if line.isdecimal()]
            number = int(lines[-1]) if lines else first
            faults.append(f"{number}: the process ended with {done.code}: {done.stderr[-300:]}")
            first = number + 1
            continue
        counts, found = done.value
        counted.update(counts)
        faults += found
        first = last
    counted["faults"] += len(faults)
    return faults


def test_a_few_damaged_files(forks, samples, counted):
    faults = {kind: read(forks, samples, kind, 0, 8, counted) for kind in KINDS}
    assert {kind: found for kind, found in faults.items() if found} == {}


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_damaged_files(forks, samples, counted, kind):
    assert read(forks, samples, kind, 8, 600, counted) == []
