"""Real irreps against GAP's character degrees and indicators, and against their definition."""

import dataclasses
import json
import logging
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import wordtensor as wt
from wordtensor.errors import IrrepError, MemoryLimitError
from wordtensor.groups import Group, group
from wordtensor.irreps import (
    check_irreps,
    irrep_at,
    isotypic_spaces,
    iter_real_irreps,
    real_characters,
    real_irreps,
    to_blocks,
)

VECTORS = Path(__file__).parents[1] / "groups" / "vectors" / "gap_groups.json"
GAP = json.loads(VECTORS.read_text())
SMALL = ["C1", "C3", "C4 x C2", "S3", "Q8", "Dic3", "A4", "SL(2,3)", "Q8 x C3", "Heis(3)"]


def real_kinds(degrees, indicators):
    """Dimensions and types of the real irreps that complex degrees and indicators imply."""
    expected = []
    for (degree, indicator), count in Counter(zip(degrees, indicators, strict=True)).items():
        if indicator == 1:
            expected += [(degree, "R")] * count
        elif indicator == 0:
            # A complex irrep and its conjugate make one real irrep.
            expected += [(2 * degree, "C")] * (count // 2)
        else:
            expected += [(2 * degree, "H")] * count
    return sorted(expected)


@pytest.mark.parametrize("row", GAP, ids=lambda row: row["name"])
def test_dims_and_types_follow_from_gap_degrees_and_indicators(row):
    table = real_characters(row["name"])
    found = sorted(zip(table.dims.tolist(), table.types, strict=True))
    assert found == real_kinds(row["degrees"], row["indicators"])


# Isaacs, Character Theory of Finite Groups, and the ATLAS for A5; real forms by hand.
@pytest.mark.parametrize(
    ("name", "labels"),
    [
        ("C3", "1R 2C"),
        ("C4 x C2", "1Ra 1Rb 1Rc 1Rd 2Ca 2Cb"),
        ("Q8", "1Ra 1Rb 1Rc 1Rd 4H"),
        ("Dic3", "1Ra 1Rb 2R 2C 4H"),
        ("A4", "1R 2C 3R"),
        ("SL(2,3)", "1R 2C 3R 4C 4H"),
        ("Heis(3)", "1R 2Ca 2Cb 2Cc 2Cd 6C"),
        ("A5", "1R 3Ra 3Rb 4R 5R"),
        ("S5", "1Ra 1Rb 4Ra 4Rb 5Ra 5Rb 6R"),
        ("Q8 x C3", "1Ra 1Rb 1Rc 1Rd 2Ca 2Cb 2Cc 2Cd 4C 4H"),
    ],
)
def test_published_labels(name, labels):
    assert " ".join(map(str, real_irreps(name))) == labels


@pytest.mark.parametrize(
    "name", [row["name"] for row in GAP if row["order"] <= 360] + ["S6", "C1", "C97", "Q8 x Q8"]
)
def test_errors_are_at_rounding_level(name):
    G = group(name)
    checks = check_irreps(G, real_irreps(G))
    assert checks.error < 1e-12
    assert checks.missing_dim == 0


def test_character_table_of_s4():
    table = real_characters("S4")
    # James, Liebeck, Representations and Characters of Groups, section 18.1; columns are
    # the classes 1, (12)(34), (12), (1234), (123), told apart by size and by the sign.
    by_size = {1: 0, 3: 1, 8: 4}
    sign = table.values[1]
    columns = [
        by_size.get(int(size), 2 if table.values[3][c] == 1 else 3)
        for c, size in enumerate(table.class_sizes)
    ]
    expected = np.array(
        [
            [1, 1, 1, 1, 1],
            [1, 1, -1, -1, 1],
            [2, 2, 0, 0, -1],
            [3, -1, 1, -1, 0],
            [3, -1, -1, 1, 0],
        ]
    )[:, columns]
    assert sorted(sign.tolist()) == [-1, -1, 1, 1, 1]
    found = table.values.astype(int)
    assert np.array_equal(found[:3], expected[:3])
    assert {tuple(row) for row in found[3:]} == {tuple(row) for row in expected[3:]}


def delta(G, irreps, weights):
    total = np.zeros((G.order,) * 3)
    for phi, weight in zip(irreps, weights, strict=True):
        m = phi.matrices
        total += weight * np.einsum("aij,bjk,cik->abc", m, m, m, optimize=True)
    return total


@pytest.mark.parametrize("name", SMALL)
def test_weights_write_the_multiplication_table(name):
    G = group(name)
    irreps = real_irreps(G)
    expected = G.cayley[:, :, None] == np.arange(G.order)
    assert np.allclose(delta(G, irreps, [phi.weight for phi in irreps]), expected, atol=1e-12)


def test_weights_without_the_endomorphisms_are_wrong():
    G = group("C3")
    irreps = real_irreps(G)
    wrong = delta(G, irreps, [phi.dim / G.order for phi in irreps])
    assert abs(wrong[0, 0, 0] - 5 / 3) < 1e-12


@pytest.mark.parametrize("name", [*SMALL, "SL(2,5)", "Q16", "C7:C3"])
def test_coordinates_round_trip(name):
    for phi in real_irreps(name):
        m = phi.multiplicity
        assert phi.coordinates.shape == (phi.order, m, m, phi.endo_dim)
        assert m * m * phi.endo_dim == phi.isotypic_dim
        assert np.abs(to_blocks(phi.coordinates) - phi.matrices).max() < 1e-14


def test_complex_coordinates_are_a_complex_representation():
    G = group("C7:C3")
    phi = real_irreps(G)[-1]
    assert str(phi) == "6C"
    z = phi.coordinates[..., 0] + 1j * phi.coordinates[..., 1]
    assert np.allclose(z[G.cayley[5, :]], z[5] @ z, atol=1e-12)
    trace = np.trace(z, axis1=1, axis2=2)
    # The values of an irrational character are 3 and the sums of three seventh roots of unity.
    assert np.isclose(trace[np.abs(trace.imag) > 0.1][0].imag, np.sqrt(7) / 2)
    assert np.allclose(2 * trace.real, phi.character, atol=1e-12)


relabelled = st.sampled_from(SMALL).flatmap(
    lambda name: st.tuples(st.just(name), st.permutations(range(group(name).order)))
)


@settings(max_examples=25, deadline=None)
@given(relabelled)
def test_relabelling_permutes_characters(case):
    name, order = case
    G, new = group(name), np.array(order)
    table = np.empty_like(G.cayley)
    table[np.ix_(new, new)] = new[G.cayley]
    H = Group.from_cayley(table)
    irreps = real_irreps(H)
    assert check_irreps(H, irreps).error < 1e-12
    before = sorted(tuple(np.round(phi.character, 6) + 0.0) for phi in real_irreps(G))
    after = sorted(tuple(np.round(phi.character[new], 6) + 0.0) for phi in irreps)
    assert before == after


@pytest.mark.parametrize("name", ["C3", "Q8", "M5(2)", "S5", "SL(2,5)"])
def test_seeds(name):
    first, again, other = real_irreps(name, 1), real_irreps(name, 1), real_irreps(name, 2)
    for a, b, c in zip(first, again, other, strict=True):
        assert np.array_equal(a.matrices, b.matrices)
        assert a.label == c.label
        assert np.allclose(a.character, c.character, atol=1e-10)


def test_one_irrep_alone_is_the_one_of_the_list():
    irreps = real_irreps("SL(2,3)", seed=3)
    alone = irrep_at("SL(2,3)", 4, seed=3)
    assert alone.label == "4H"
    assert np.array_equal(alone.matrices, irreps[4].matrices)
    walked = list(iter_real_irreps("SL(2,3)", seed=3))
    assert np.array_equal(walked[3].matrices, irreps[3].matrices)


def test_irreps_of_one_kind_come_out_alike_in_any_company():
    # D150 has 74 irreps 2R, which are built together.
    irreps = real_irreps("D150", seed=1)
    for index in (4, 40, 77):
        assert np.array_equal(irrep_at("D150", index, seed=1).matrices, irreps[index].matrices)


@pytest.mark.parametrize("name", ["C31:C30", "C43:C42"])
def test_one_large_irrep_beside_many_small_ones(name):
    # Its Krylov space is long, and rounding leaks from it into the small ones.
    G = group(name)
    for seed in range(3):
        irreps = real_irreps(G, seed)
        assert irreps[-1].multiplicity in {30, 42}
        assert check_irreps(G, irreps).error < 1e-12


@pytest.mark.slow
def test_the_largest_multiplicity_of_all():
    G = group("C71:C70")
    assert check_irreps(G, real_irreps(G)).error < 1e-12


@pytest.mark.slow
def test_number_of_blas_threads():
    code = (
        "import hashlib, wordtensor as wt\n"
        "for name in ('S4', 'C7:C3', 'S6', 'C43:C42'):\n"
        "    for phi in wt.real_irreps(name):\n"
        "        print(phi, hashlib.sha256(phi.matrices.tobytes()).hexdigest())\n"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "OPENBLAS_NUM_THREADS": threads, "OMP_NUM_THREADS": threads},
            capture_output=True,
            check=True,
        ).stdout
        for threads in ("1", "4")
    }
    assert len(outputs) == 1


def test_order_and_trivial_irrep():
    irreps = real_irreps("GL(2,3)")
    assert np.array_equal(irreps[0].matrices, np.ones((48, 1, 1)))
    keys = [(phi.dim, "RCH".index(phi.type)) for phi in irreps]
    assert keys == sorted(keys)
    assert [phi.index for phi in irreps] == list(range(len(irreps)))


def test_values_are_read_only():
    phi = real_irreps("C3")[1]
    for array in (phi.matrices, phi.character, phi.coordinates, real_characters("C3").values):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0
    with pytest.raises(dataclasses.FrozenInstanceError):
        phi.dim = 3


def test_repr():
    assert repr(real_irreps("C3")[1]) == "RealIrrep('2C', index=1, order=3)"
    assert repr(real_characters("C3")) == "RealCharacterTable('C3', irreps=2)"


def test_memory_limit():
    with wt.memory_limit(1e-4), pytest.raises(MemoryLimitError, match="iter_real_irreps"):
        real_irreps("S5")
    # The largest irrep of S6 has dimension 16: 1.4 MiB, three times.
    with wt.memory_limit(3e-3):
        assert irrep_at("S6", 0).dim == 1
        with pytest.raises(MemoryLimitError, match="one irrep"):
            irrep_at("S6", 10)


def test_memory_is_asked_for_before_any_work(caplog):
    caplog.set_level(logging.INFO, "wordtensor.stages")
    G = group("D200")
    for work in (real_irreps, isotypic_spaces):
        with wt.memory_limit(1e-4), pytest.raises(MemoryLimitError):
            work(G)
    with wt.memory_limit(1e-4), pytest.raises(MemoryLimitError, match="103 real irreps"):
        real_characters(G)
    assert not caplog.records
    real_irreps("S3")
    stages = [record.getMessage() for record in caplog.records]
    assert stages[-2:] == ["characters of S3", "3 real irreps of S3"]


@pytest.mark.parametrize("index", [-1, 2, "0", 0.0, True])
def test_index_out_of_range(index):
    with pytest.raises(IrrepError, match="index"):
        irrep_at("C3", index)


def tampered(phi, **changes):
    return dataclasses.replace(phi, **changes)


def test_checks_find_what_is_wrong():
    G = group("S4")
    irreps = real_irreps(G)
    with pytest.raises(IrrepError, match="add up to 15"):
        check_irreps(G, irreps[:-1])
    turned = irreps[3].matrices.copy()
    turned[5] = turned[5] @ np.diag([1.0, 1.0, -1.0])
    doubled = np.zeros((24, 2, 2))
    doubled[:] = np.eye(2)
    for wrong in (
        tampered(irreps[3], matrices=irreps[3].matrices * 1.001),
        tampered(irreps[3], matrices=turned),
        tampered(irreps[3], character=irreps[4].character),
        tampered(irreps[2], matrices=doubled, character=np.full(24, 2.0)),
        tampered(irreps[3], matrices=np.full((24, 3, 3), np.nan)),
    ):
        with pytest.raises(IrrepError, match="failed its checks"):
            check_irreps(G, [wrong])
    with pytest.raises(IrrepError, match="shape"):
        check_irreps(group("S3"), irreps)


def test_checks_find_a_basis_that_is_not_adapted():
    G = group("Q8")
    irreps = real_irreps(G)
    turn = np.linalg.qr(np.random.default_rng(0).standard_normal((4, 4)))[0]
    wrong = tampered(irreps[4], matrices=turn.T @ irreps[4].matrices @ turn)
    with pytest.raises(IrrepError, match="failed its checks"):
        check_irreps(G, [*irreps[:4], wrong])
