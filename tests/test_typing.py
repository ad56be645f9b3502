"""Arrays of frozen values: nobody can change them, and the caller's own stay as they were."""

import copy
import pickle
from dataclasses import dataclass

import numpy as np
import pytest

import wordtensor as wt
from wordtensor._typing import freeze, freeze_fields, frozen
from wordtensor.compare import block_shares, network
from wordtensor.cores.concise import compress
from wordtensor.groups.classes import conjugacy_classes
from wordtensor.irreps import real_characters, real_fourier
from wordtensor.margins.game import Strategies
from wordtensor.nets.models import HadamardNet
from wordtensor.schemes import ExactTerms, Scheme, SymmetricTerms, best_scheme
from wordtensor.schemes.exact_terms import recognised_terms
from wordtensor.schemes.flips._packed import PackedTerms
from wordtensor.solver import descend, fit
from wordtensor.words import WordTensor
from wordtensor.words.core import Core


def test_a_writable_array_is_copied_and_stays_writable():
    mine = np.arange(6.0).reshape(2, 3)
    kept = frozen(mine)
    assert mine.flags.writeable and not kept.flags.writeable
    mine[0, 0] = 9
    assert kept[0, 0] == 0
    with pytest.raises(ValueError, match="read-only"):
        kept[0, 0] = 1


def test_what_nobody_can_change_is_not_copied():
    kept = frozen(np.arange(3))
    assert frozen(kept) is kept
    view = kept[1:]
    assert frozen(view) is view
    assert frozen(np.frombuffer(b"abc", dtype=np.uint8)).base is not None


def test_a_read_only_view_of_a_writable_array_is_copied():
    mine = np.arange(4.0)
    views = [mine[::2], np.broadcast_to(mine, (2, 4)), mine.reshape(2, 2).T]
    for view in views:
        view.setflags(write=False)
        kept = frozen(view)
        np.testing.assert_array_equal(kept, view)
        before = kept.copy()
        mine += 1
        np.testing.assert_array_equal(kept, before)
        assert not kept.flags.writeable
    assert mine.flags.writeable


@pytest.mark.parametrize("dtype", [np.int32, np.int64, np.float64, np.complex128, np.bool_])
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 0, 3)])
def test_kinds_and_shapes_are_kept(dtype, shape):
    kept = frozen(np.ones(shape, dtype=dtype))
    assert (kept.dtype, kept.shape) == (np.dtype(dtype), shape)


def test_an_array_of_our_own_is_frozen_in_place_with_all_of_its_memory():
    owner = np.arange(6.0)
    view = owner.reshape(2, 3)[:, ::2]
    assert freeze(view) is view
    assert not owner.flags.writeable and not view.flags.writeable


def test_what_is_kept_cannot_be_unlocked(monkeypatch):
    mine = np.arange(12.0).reshape(3, 4)
    for given in (mine, mine.T, freeze(mine.copy()), mine[::2], np.zeros((2, 0)), np.array(3.0)):
        kept = frozen(given)
        np.testing.assert_array_equal(kept, given)
        assert (kept.shape, kept.dtype) == (given.shape, given.dtype)
        if kept.size:
            for part in (kept, kept.base):
                with pytest.raises(ValueError, match="cannot set WRITEABLE flag"):
                    part.setflags(write=True)
    assert frozen(mine.T).flags.f_contiguous  # rounding in BLAS depends on the layout
    turned = np.arange(24.0).reshape(2, 3, 4).transpose(1, 2, 0)
    assert frozen(turned).strides == turned.strides
    monkeypatch.setattr("wordtensor._typing._LOCKED", 10)
    large = freeze(mine.copy())
    assert frozen(large) is large  # without a copy


def values():
    G = wt.group("Q8")
    d = wt.decompose("a*b", G)
    return [
        G, d, d.blocks[-1], wt.word_tensor("a*b", G), wt.real_irreps(G)[-1], real_characters(G),
        conjugacy_classes(G), best_scheme(2, 2, 2), wt.word_tensor("a*b*a", G).core(),
        wt.decompose("a*b*a", G).exact_terms(),
    ]  # fmt: skip


@pytest.mark.parametrize("copied", [
    copy.copy, copy.deepcopy, lambda value: pickle.loads(pickle.dumps(value)),
    lambda value: pickle.loads(pickle.dumps(value, protocol=2)),
])  # fmt: skip
def test_copies_of_values_are_equal_and_cannot_be_changed(copied):
    for value in values():
        again = copied(value)
        assert type(again) is type(value)
        for name in value.__dataclass_fields__:
            mine, theirs = getattr(value, name), getattr(again, name)
            arrays = theirs if isinstance(theirs, tuple) else (theirs,)
            given = mine if isinstance(mine, tuple) else (mine,)
            for array, other in zip(arrays, given, strict=True):
                if isinstance(array, np.ndarray) and array.size:
                    np.testing.assert_array_equal(array, other)
                    with pytest.raises(ValueError, match="cannot set WRITEABLE flag"):
                        array.setflags(write=True)
    G, d, *_ = values()
    assert copied(G) == G and copied(d) == d and hash(copied(d)) == hash(d)
    assert copied(d).blocks == d.blocks


def test_masked_arrays_are_refused():
    G = wt.group("C3")
    square = np.ma.masked_equal(G.cayley, 2)
    real = np.ma.masked_less(np.random.default_rng(0).standard_normal((3, 4)), 0)
    cube = np.ma.masked_less(np.ones((2, 2, 2)), 0)
    s = best_scheme(1, 1, 2)
    masked = np.ma.masked_equal(s.U, 0)
    calls = [
        lambda: wt.Group.from_cayley(square),
        lambda: wt.Group.from_cayley(list(square)),
        lambda: wt.Group("C3", square, G.inverse, 0, G.labels),
        lambda: wt.Group.from_permutations([np.ma.masked_equal([1, 2, 0], 2)]),
        lambda: wt.Group.from_matrices([np.ma.masked_equal([[0, 1], [1, 0]], 2)]),
        lambda: WordTensor(wt.word("a*b"), G, square),
        lambda: real_fourier(G, np.ma.masked_less([1.0, 2.0, 3.0], 2), wt.real_irreps(G)),
        lambda: fit(cube, 2),
        lambda: descend(cube, 1, 4, np.random.default_rng(0)),
        lambda: Scheme(s.shape, masked, s.V, s.W),
        lambda: recognised_terms((masked, s.V, s.W)),
        lambda: network({"U": real, "V": real, "W": real}),
        lambda: block_shares((real, real, real), wt.decompose("a*b", G)),
        lambda: HadamardNet.from_factors(real, real, real),
    ]
    for call in calls:
        with pytest.raises(wt.WordTensorError, match="Masked arrays are not taken"):
            call()


def test_fields_of_a_frozen_dataclass():
    @dataclass(frozen=True, slots=True)
    class Value:
        one: np.ndarray
        several: tuple[np.ndarray, ...]
        none: np.ndarray | None = None

        def __post_init__(self):
            freeze_fields(self, "one", "several", "none")

    mine = [np.arange(3), np.arange(2.0), np.eye(2)]
    value = Value(mine[0], (mine[1], mine[2]))
    assert all(array.flags.writeable for array in mine)
    for kept, array in zip((value.one, *value.several), mine, strict=True):
        assert not kept.flags.writeable and not np.shares_memory(kept, array)


def test_values_leave_the_arrays_of_their_callers_alone():
    """Groups, tables, irreps, cores and strategies copy what someone could still change."""
    G = wt.group("S3")
    table = real_characters(G)
    classes = conjugacy_classes(G)
    phi = wt.real_irreps(G)[2]
    core = wt.word_tensor("a*b", G).core()
    play = Strategies(np.ones(2), np.ones(2), 1.0, 1.0)
    given = {
        "group": (G, ("cayley", "inverse")),
        "classes": (classes, ("index", "representatives", "sizes", "inverse")),
        "characters": (table, ("values", "class_index", "class_sizes", "dims")),
        "irrep": (phi, ("character", "matrices")),
        "tensor": (wt.word_tensor("a*b", G), ("table",)),
        "core": (core, ("tensor",)),
        "strategies": (play, ("shares", "tau")),
    }
    for value, names in given.values():
        fields = {name: getattr(value, name) for name in value.__dataclass_fields__}
        mine = {name: fields[name].copy() for name in names}
        again = type(value)(**fields | mine)
        for name in names:
            assert mine[name].flags.writeable, name
            assert not getattr(again, name).flags.writeable, name
            assert not np.shares_memory(getattr(again, name), mine[name]), name
    maps = tuple(np.eye(size) for size in core.shape)
    Core(core.tensor, maps)
    assert all(array.flags.writeable for array in maps)


def test_values_of_schemes_leave_the_arrays_of_their_callers_alone():
    s = best_scheme(2, 2, 2)
    for characteristic in (0, 2, 3):
        mine = [np.array(factor) for factor in (s.U, s.V, s.W)]
        made = [Scheme(s.shape, *mine, characteristic=characteristic), ExactTerms(*mine)]
        words, signs = np.ones((3, 2), dtype=np.uint64), np.zeros(2, dtype=np.uint64)
        rows, cubes = np.ones((3, 3), dtype=np.int64), np.array([1])
        fields = [
            (value, name, array) for value in made for name, array in zip("UVW", mine, strict=True)
        ]
        fields += [(PackedTerms(words, signs, "F2"), "words", words)]
        fields += [(SymmetricTerms(2, rows, cubes), "rows", rows)]
        for value, name, array in fields:
            assert array.flags.writeable, name
            kept = getattr(value, name)
            assert not kept.flags.writeable and not np.shares_memory(kept, array), name
    again = Scheme(s.shape, s.U, s.V, s.W, s.denominators)
    assert again.U is s.U and ExactTerms(s.U, s.V, s.W).W is s.W


def test_what_the_library_makes_itself_is_not_copied_once_more():
    G = wt.group("S4")
    made = (
        G.cayley, G.inverse, wt.group("S3 x C2").cayley, wt.word_tensor("a*b", G).table,
        wt.real_irreps(G)[3].matrices, wt.word_tensor("a*b*a", G).core().tensor,
        compress(np.ones((2, 2, 2)), (np.eye(2),) * 3).tensor,
    )  # fmt: skip
    assert all(frozen(array) is array for array in made)
