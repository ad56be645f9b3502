"""Schemes over F_2: what holds modulo 2 is never taken for more."""

from dataclasses import replace

import numpy as np
import pytest

from wordtensor.errors import FileFormatError, SchemeError
from wordtensor.schemes import (
    Registry,
    best_scheme,
    join,
    kronecker,
    load_schemes,
    permuted,
    read_schemes,
    restricted,
    rotated,
    save_schemes,
    standard_scheme,
    transposed,
)
from wordtensor.schemes.lifting.lift import lift_scheme


def modulo_2(s):
    return replace(s, characteristic=2)


SMALL = [s for s in load_schemes() if s.rank < 30 and s.ring == "Z"]  # <1,2,2>_C needs 1/2


@pytest.mark.parametrize("s", SMALL, ids=repr)
def test_reduction_holds_modulo_2_and_not_over_z(s):
    t = modulo_2(s).check()
    assert t.ring == "F2" and t.denominators == (1, 1, 1) and "F2" in repr(t)
    assert all(set(np.unique(getattr(t, k))) <= {0, 1} for k in "UVW")
    assert not t.U.flags.writeable
    if any((getattr(s, k) < 0).any() for k in "UVW"):
        with pytest.raises(SchemeError, match="fails the equation"):
            replace(t, characteristic=0).check()


def test_a_wrong_bit_is_named_modulo_2():
    s = modulo_2(standard_scheme(2, 2, 2))
    W = s.W.copy()
    W[:, 5] = 0
    with pytest.raises(
        SchemeError, match=r"x\[1,0\]\*y\[0,1\] in z\[1,1\].*sum to 0, not 1 modulo 2"
    ):
        replace(s, W=W).check()
    for name in "UVW":
        bits = getattr(modulo_2(best_scheme(3, 3, 3)), name).copy()
        bits[4, 7] ^= 1
        with pytest.raises(SchemeError, match=r"modulo 2$"):
            replace(modulo_2(best_scheme(3, 3, 3)), **{name: bits}).check()


def test_odd_denominators_are_one_and_even_ones_refused():
    s = standard_scheme(1, 2, 1)
    t = modulo_2(replace(s, U=s.U * 3, V=s.V * -5, denominators=(3, 5, 1))).check()
    assert t.denominators == (1, 1, 1) and t.V.tolist() == s.V.tolist()
    with pytest.raises(SchemeError, match="must be odd"):
        modulo_2(replace(s, U=s.U * 2, denominators=(2, 1, 1)))
    for wrong in (1, 4, "2", None):
        with pytest.raises(SchemeError, match="'characteristic' must be 0, 2 or 3"):
            replace(s, characteristic=wrong)


def test_operations_keep_the_characteristic():
    s, t = modulo_2(best_scheme(2, 2, 3)), modulo_2(best_scheme(2, 2, 3))
    made = [
        rotated(s),
        transposed(s),
        permuted(s, 3, 2, 2),
        kronecker(s, t),
        kronecker(s, modulo_2(best_scheme(1, 1, 1, "H"))),
        *(join(s, t, axis) for axis in "nmp"),
        restricted(s, 2, 1, 2),
        standard_scheme(2, 1, 2, "C", characteristic=2),
    ]
    for new in made:
        assert new.characteristic == 2 and new.check().ring == "F2"


def test_characteristics_do_not_mix():
    s = best_scheme(2, 2, 2)
    for mixed in ((s, modulo_2(s)), (modulo_2(s), s)):
        with pytest.raises(SchemeError, match="holds modulo 2 only"):
            join(*mixed, "n")
        with pytest.raises(SchemeError, match="holds modulo 2 only"):
            kronecker(*mixed)
    with pytest.raises(SchemeError, match="lift it"):
        Registry(()).with_scheme(modulo_2(s))
    with pytest.raises(SchemeError, match="lift it"):
        Registry((modulo_2(s),))
    with pytest.raises(SchemeError, match="lift it first"):
        modulo_2(s).as_float()


def test_lifting_leads_back():
    s = modulo_2(best_scheme(2, 3, 3))
    lifted = lift_scheme(s)
    assert lifted is not None and lifted.check().ring == "Z" and lifted.rank == 15
    again = modulo_2(lifted)
    assert all((getattr(again, k) == getattr(s, k)).all() for k in "UVW")


def test_files_keep_the_characteristic(tmp_path):
    path = tmp_path / "a.npz"
    s = best_scheme(2, 2, 2)
    save_schemes(path, [s, modulo_2(s)])
    assert [t.check().ring for t in read_schemes(path)] == ["Z", "F2"]
    save_schemes(path, [s])
    with np.load(path) as archive:
        assert b'"version": 1' in archive["header"].tobytes()
    # The digest covers it: bits that are 0 and 1 anyway must not change their meaning.
    t = modulo_2(standard_scheme(1, 1, 1))
    save_schemes(path, [t])
    with np.load(path) as archive:
        arrays = dict(archive)
    header = arrays["header"].tobytes().replace(b'"characteristic": 2', b'"characteristic": 0')
    arrays["header"] = np.frombuffer(header, dtype=np.uint8)
    np.savez(path, **arrays)
    with pytest.raises(FileFormatError, match="checksum"):
        read_schemes(path)


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path, monkeypatch):
    path = tmp_path / "a.npz"
    save_schemes(path, [best_scheme(2, 2, 2)])
    before = path.read_bytes()

    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.replace", fail)
    with pytest.raises(FileFormatError, match="No space left"):
        save_schemes(path, [best_scheme(2, 2, 3)])
    assert path.read_bytes() == before and [p.name for p in tmp_path.iterdir()] == ["a.npz"]
    monkeypatch.undo()
    with pytest.raises(FileFormatError, match="Cannot write"):
        save_schemes(tmp_path / "no" / "a.npz", [])
