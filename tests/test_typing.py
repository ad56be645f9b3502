"""Arrays of frozen values: nobody can change them, and the caller's own stay as they were."""

from dataclasses import dataclass

import numpy as np
import pytest

import wordtensor as wt
from wordtensor._typing import freeze, freeze_fields, frozen
from wordtensor.cores.concise import compress
from wordtensor.groups.classes import conjugacy_classes
from wordtensor.irreps import real_characters
from wordtensor.margins.game import Strategies
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
    assert frozen(view) is view


def test_fields_of_a_frozen_dataclass():
    @dataclass(frozen=True, slots=True)
    class Value:
        one: np.ndarray
        several: tuple[np.ndarray, ...]

        def __post_init__(self):
            freeze_fields(self, "one", "several")

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


def test_what_the_library_makes_itself_is_not_copied_once_more():
    G = wt.group("S4")
    made = (
        G.cayley, G.inverse, wt.group("S3 x C2").cayley, wt.word_tensor("a*b", G).table,
        wt.real_irreps(G)[3].matrices, wt.word_tensor("a*b*a", G).core().tensor,
        compress(np.ones((2, 2, 2)), (np.eye(2),) * 3).tensor,
    )  # fmt: skip
    assert all(frozen(array) is array for array in made)
