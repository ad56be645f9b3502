"""Every evaluator gives the table that plain loops over the letters give."""

import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wordtensor.errors import WordTensorError
from wordtensor.groups import Group, exponent, group, power_map
from wordtensor.groups._tables import MAX_ORDER
from wordtensor.rank.verification import word_table_by_loops
from wordtensor.words import Word, word, word_table
from wordtensor.words._powers import power_maps, reduce_exponents
from wordtensor.words._schedule import Schedule, cheapest_schedule
from wordtensor.words.evaluate import evaluate_numba, evaluate_numpy

WORDS = (
    "1", "a", "b", "B", "a*b", "b*a", "a*b*a", "abA", "b*a*b", "[a,b]", "[b,a]", "(a*b)^2",
    "a^2*b^-3", "a^5*b^7*a^-5", "a b a^-1 b a^2 b^3 a b^-1", "[[a,b],a]", "b^2*a*b^-2*a^3*b*a",
)  # fmt: skip
GROUP_NAMES = ("C3", "C6", "S3", "Q8", "D4", "A4")
MODES = {"numpy": evaluate_numpy, "numba": evaluate_numba}

SYLLABLES = st.lists(st.tuples(st.integers(0, 1), st.integers(-7, 7)), max_size=8)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("text", WORDS)
@pytest.mark.parametrize("name", ["C3", "Q8", "A4"])
def test_evaluators_agree_with_the_oracle(mode, text, name, oracle):
    G, w = group(name), word(text)
    table = MODES[mode](reduce_exponents(w.syllables, exponent(G)), G)
    assert table.dtype == np.int32
    np.testing.assert_array_equal(table, oracle(w.syllables, G))


@pytest.mark.parametrize("text", WORDS)
def test_evaluators_agree_where_conjugates_are_tabulated(text):
    G = group("S5")
    factors = reduce_exponents(word(text).syllables, exponent(G))
    np.testing.assert_array_equal(evaluate_numba(factors, G), evaluate_numpy(factors, G))


@settings(max_examples=60, deadline=None)
@given(SYLLABLES, st.sampled_from(GROUP_NAMES), st.sampled_from(sorted(MODES)))
def test_random_words_on_random_groups(oracle, syllables, name, mode):
    w, G = Word.from_syllables(syllables), group(name)
    table = MODES[mode](reduce_exponents(w.syllables, exponent(G)), G)
    np.testing.assert_array_equal(table, oracle(w.syllables, G))


@settings(max_examples=40, deadline=None)
@given(SYLLABLES, SYLLABLES, st.sampled_from(GROUP_NAMES))
def test_evaluation_is_a_homomorphism(left, right, name):
    G = group(name)
    u, v = Word.from_syllables(left), Word.from_syllables(right)
    np.testing.assert_array_equal(
        word_table(u * v, G), G.cayley[word_table(u, G), word_table(v, G)]
    )
    np.testing.assert_array_equal(word_table(u.inverse(), G), G.inverse[word_table(u, G)])
    np.testing.assert_array_equal(word_table(u.swapped(), G), word_table(u, G).T)


@pytest.mark.parametrize("name", ["C3", "Q8", "S4"])
def test_known_tables(name):
    G = group(name)
    np.testing.assert_array_equal(word_table("a*b", G), G.cayley)
    assert (word_table("a^1000000000", "C3") == np.array([[0], [1], [2]])).all()
    assert (word_table("1", G) == G.identity).all()
    assert (word_table("[a,b]", "C6") == group("C6").identity).all()


def test_table_belongs_to_the_caller():
    G = group("S3")
    for text in ("a*b", "a", "1"):
        table = word_table(text, G)
        table[:] = -1
    assert G.cayley.min() == 0


def test_large_tables_are_compiled(monkeypatch):
    from wordtensor.words import evaluate

    called = []
    for name in ("COMPILED_FROM", "STORED_FROM", "LOADED_FROM"):
        monkeypatch.setattr(evaluate, name, 10)
    monkeypatch.setattr(
        evaluate, "evaluate_numba", lambda factors, G, *_, **__: called.append((factors, G))
    )
    word_table("a*b", "C3")
    assert called == []
    word_table("a*b*a^7", "S3")
    word_table("a*b", "Q8")
    # The words, exponents reduced; a*b*a is 2 multiplications of 36 entries each.
    assert [factors for factors, _ in called] == [((0, 1), (1, 1), (0, 1)), ((0, 1), (1, 1))]


@given(SYLLABLES)
def test_schedules_multiply_back_to_the_word(syllables):
    factors = Word.from_syllables(syllables).syllables
    if len(factors) < 2:
        return
    for conjugates in (True, False):
        schedule = cheapest_schedule(factors, conjugates)
        found = schedule.steps[::-1] + schedule.start
        if schedule.invert:
            found = tuple((c, -k) for c, k in reversed(found))
        assert found == factors
        assert len(schedule.start) < 3 or conjugates


def test_unknown_devices_are_refused():
    with pytest.raises(WordTensorError, match="'cpu', 'cuda'"):
        word_table("a*b", "C3", device="tpu")


def run(code, **environment):
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=True,
    ).stdout


AGREE = """
import numpy as np
from wordtensor.groups import exponent, group, power_map
from wordtensor.words import word, word_table
from wordtensor.words.evaluate import evaluate_numba, evaluate_numpy
from wordtensor.words._powers import reduce_exponents
for name in ("C3", "Q8", "A4"):
    G = group(name)
    for text in ("1", "a", "b^-1", "a*b", "[a,b]", "a b a^-1 b a^2 b^3 a b^-1"):
        factors = reduce_exponents(word(text).syllables, exponent(G))
        expected = evaluate_numpy(factors, G)
        found = {call}
        assert (found == expected).all() and found.dtype == expected.dtype, (name, text)
print("agree")
"""


@pytest.mark.parametrize("name", ["C7", "Q8", "S4", "A5", "S5", "C255", "D128", "C257", "C7:C3xC3"])
def test_narrow_and_wide_tables_agree_over_relabelled_groups(name):
    rng = np.random.default_rng(5)
    G = group(name)
    new = rng.permutation(G.order)
    old = np.argsort(new)
    H = Group.from_cayley(new[G.cayley[np.ix_(old, old)]])
    for _ in range(12):
        length = int(rng.integers(0, 9))
        factors = [(k % 2, int(rng.integers(1, 8))) for k in range(length)][:: rng.choice([1, -1])]
        factors = reduce_exponents(factors, exponent(H))
        for times in (1, 2, -3):
            expected = power_map(H, times)[evaluate_numpy(factors, H)]
            for narrow, entries in ((False, np.int32), (True, np.int16)):
                found = evaluate_numba(factors, H, times, narrow)
                assert found.dtype == entries
                np.testing.assert_array_equal(found, expected, f"{factors} {times} {narrow}")


def test_every_kernel_gives_the_same_on_threads(monkeypatch):
    from wordtensor.words import _compiled

    monkeypatch.setattr(_compiled, "_THREADS_FROM", 1)
    for name in ("C1", "C2", "S4", "A5", "C7:C3"):
        G = group(name)
        for text in WORDS:
            factors = reduce_exponents(word(text).syllables, exponent(G))
            expected = evaluate_numpy(factors, G)
            np.testing.assert_array_equal(evaluate_numba(factors, G), expected, text)
            np.testing.assert_array_equal(evaluate_numba(factors, G, narrow=True), expected, text)


def test_no_entry_needs_more_than_16_bits():
    assert MAX_ORDER - 1 <= np.iinfo(np.int16).max


def test_tables_without_a_copy_are_narrow():
    for text, name in (("a*b", "C3"), ("(a*b)^2", "Q8"), ("[a,b]", "S5"), ("[a,b]", "D256")):
        table = word_table(text, name, copy=False)
        assert table.dtype == np.int16
        np.testing.assert_array_equal(table, word_table(text, name))


def test_kernels_run_without_compilation():
    code = AGREE.format(call="evaluate_numba(factors, G)")
    assert run(code, NUMBA_DISABLE_JIT="1") == "agree\n"


# The simulator takes a tenth of a second for a row of a pass.
ON_DEVICE = """
import weakref
import numpy as np
import torch
from wordtensor.groups import group
from wordtensor.words import word_table
W8 = "a b a^-1 b a^2 b^3 a b^-1"
cases = [("C3", "1"), ("C3", "a"), ("C3", "b^-1"), ("S3", "b*a"), ("S3", "(a*b)^2")]
cases += [("S3", W8), ("Q8", W8), ("A5", "[a,b]")]
for name, text in cases:
    expected = word_table(text, name)
    there = word_table(text, name, device="cuda", copy=False)
    found = there.copy_to_host()
    assert (found == expected).all() and found.dtype == np.int32, (name, text)
    tensor, array = torch.from_dlpack(there), np.from_dlpack(there)
    assert tensor.dtype == torch.int16 and tensor.data_ptr() == there.pointer
    assert (tensor.numpy() == expected).all() and (array == expected).all()
    interface = there.__cuda_array_interface__
    assert interface["typestr"] == "<i2" and interface["data"][0] == there.pointer
    # The memory lives as long as anything that reads it; a capsule that nobody took frees it too.
    memory = weakref.ref(there.array)
    there.__dlpack__()
    del there, tensor
    assert memory() is not None
    del array
    assert memory() is None, (name, text)
for refused in ({"copy": True}, {"dl_device": (2, 7)}):
    try:
        word_table("a", "C2", device="cuda", copy=False).__dlpack__(**refused)
    except BufferError as error:
        print(error)
"""


def test_cuda_kernels_in_the_simulator():
    said = run(ON_DEVICE, NUMBA_ENABLE_CUDASIM="1")
    assert "without a copy" in said
    assert "is not moved" in said


def test_pieces_of_a_device_table_in_the_simulator():
    code = """
import numpy as np
from numba import cuda
from wordtensor.errors import MemoryLimitError
from wordtensor.groups import group
from wordtensor.words import _cuda, _device_table, word_table
for n in (1, 31, 33, 70):
    table = np.arange(n * n, dtype=np.uint16).reshape(n, n)
    there = cuda.to_device(table.copy())
    tiles = -(-n // 32)
    _cuda._transpose[(tiles, tiles), 2](there)
    assert (there.copy_to_host() == table.T).all(), n
    for size in (1, 2 * n, 6 * n, 2 * n * n, 1 << 22):
        _device_table._PIECE = size
        found = _device_table._to_host(cuda.to_device(table.view(np.int16)))
        assert (found == table).all(), (n, size)
for name in ("C1", "C5", "D8"):
    G = group(name)
    assert (_cuda.load_cayley(G).copy_to_host() == G.cayley).all()
class Small:
    def get_memory_info(self):
        return 1 << 20, 1 << 21
cuda.current_context = lambda: Small()
try:
    word_table("a*b", "C3", device="cuda")
except MemoryLimitError as error:
    print(error)
"""
    said = run(code, NUMBA_ENABLE_CUDASIM="1")
    assert "of the device's memory" in said


def test_cuda_without_a_device_is_an_error():
    code = """
from wordtensor.errors import WordTensorError
from wordtensor.words import word_table
try:
    word_table("a*b", "C3", device="cuda")
except WordTensorError as error:
    print("cpu" in str(error))
"""
    # An empty list of visible devices hides them all, where there are some.
    assert run(code, CUDA_VISIBLE_DEVICES="", NUMBA_DISABLE_CUDA="1") == "True\n"


def test_a_numba_that_does_not_go_with_numpy_is_an_error(monkeypatch):
    from numba import cuda

    def broken(name):
        raise AttributeError("module 'numpy' has no attribute 'row_stack'")

    monkeypatch.setattr(cuda, "is_available", lambda: True)
    monkeypatch.setattr("wordtensor._devices.import_module", broken)
    with pytest.raises(WordTensorError, match=r"row_stack.*numpy<2.5"):
        word_table("a*b", "C3", device="cuda")


def test_import_and_small_tables_need_no_numba():
    code = """
import sys
import wordtensor.words
wordtensor.words.word_tensor("[a,b]", "S5").coords
print([m for m in ("numba", "scipy", "torch", "tensorly", "matplotlib") if m in sys.modules])
"""
    assert run(code) == "[]\n"


def test_exponents_are_reduced_modulo_the_exponent_of_the_group():
    assert reduce_exponents([(0, 7), (1, 3), (0, -2)], 3) == ((0, -1),)


def test_powers_are_tabulated_once_for_each_exponent():
    position, maps = power_maps([1, -1, 1], group("C3"))
    assert len(maps) == 2
    assert maps.dtype == np.int32
    assert maps[position[-1]].tolist() == [0, 2, 1]


def test_the_schedule_of_a_commutator_starts_with_a_conjugate():
    assert cheapest_schedule(((0, 1), (1, 1), (0, -1), (1, -1))) == Schedule(
        start=((1, 1), (0, -1), (1, -1)), steps=((0, 1),), row=0, invert=False
    )


def test_the_table_of_a_product_over_two_elements():
    table = evaluate_numpy(((0, 1), (1, 1)), group("C2"))
    assert table.dtype == np.int32
    assert table.tolist() == [[0, 1], [1, 0]]


@pytest.mark.parametrize("name", ["C3", "C6", "Q8", "S4"])
@pytest.mark.parametrize(
    "text",
    ["(a*b)^40001", "a^99999999*b", "(a*b^2)^7*a", "([a,b]*a)^-30", "(a^2*b*a^-1)^5", "a^12"],
)
def test_powers_and_abelian_words_take_short_ways(name, text):
    G = group(name)
    w = word(text)
    expected = np.full((G.order, G.order), G.identity)
    for letter, k in w.syllables:
        powers = power_map(G, k)
        factor = powers[:, None] if letter == 0 else powers[None, :]
        expected = G.cayley[expected, factor]
    np.testing.assert_array_equal(word_table(w, G), expected)


def test_words_that_take_hours_are_refused():
    w = word("(a*b)^40000*a")
    with pytest.raises(WordTensorError, match=r"80001 syllables .*look-ups"):
        word_table(w, "SL(2,17)")


@pytest.mark.parametrize("name", [*GROUP_NAMES, "D5", "C7:C3"])
@pytest.mark.parametrize("base", ["a*b", "a*b^2", "[a,b]", "abA"])
def test_every_power_of_a_word_is_that_of_plain_loops(name, base):
    G = group(name)
    period = exponent(G)
    for k in (*range(-2, 5), period - 1, period, period + 1, 2 * period, 3 * period, -period):
        w = word(f"({base})^{k}")
        np.testing.assert_array_equal(word_table(w, G), word_table_by_loops(w, G), str(w))


def test_compiling_is_told(monkeypatch, caplog):
    from wordtensor.words import evaluate

    caplog.set_level("INFO", logger="wordtensor.stages")
    monkeypatch.setattr(evaluate, "_is_stored", lambda: False)
    evaluate_numba(word("a*b*a").syllables, group("S3"))
    assert "compiling" in caplog.text
    caplog.clear()
    monkeypatch.setattr(evaluate, "_is_stored", lambda: True)
    evaluate_numba(word("a*b*a").syllables, group("S3"))
    assert "compiling" not in caplog.text
