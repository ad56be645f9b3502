"""Walks on a CUDA device, in numba's simulator too, end bit by bit like those on the CPU."""

import json
import os
import subprocess
import sys
import textwrap

import numba.cuda
import numpy as np
import pytest

from wordtensor.errors import SchemeError, WordTensorError
from wordtensor.schemes import FlipOptions, search_scheme, standard_scheme
from wordtensor.schemes.flips import _layout
from wordtensor.schemes.flips._packed import PackedTerms, loaded_state, walk
from wordtensor.schemes.flips._walk import walk as walk_compiled
from wordtensor.schemes.flips._walkers import walk_many

# The simulator runs plain Python, where NumPy warns of products modulo 2^64.
SIMULATOR = {"NUMBA_ENABLE_CUDASIM": "1", "NUMBA_DISABLE_JIT": "1"}
NO_DEVICE = {"CUDA_VISIBLE_DEVICES": "", "NUMBA_DISABLE_CUDA": "1"}
RINGS = ("F2", "Z", "F3")


def run(code, **environment):
    quiet = ["-W", "error", "-W", "ignore:overflow encountered:RuntimeWarning"]
    quiet += ["-W", "ignore:The 'generic' unit:DeprecationWarning"]  # numba-cuda with NumPy 2.5
    done = subprocess.run(
        [sys.executable, *quiet, "-c", textwrap.dedent(code)],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(params=["simulator", "device"])
def cuda(request):
    """What to set for a process that has CUDA."""
    if request.param == "simulator":
        return SIMULATOR
    if not numba.cuda.is_available():
        pytest.skip("no CUDA device")
    return {}


# What both sides do: the parent compiled on the CPU, the child on the device.
WALKS = """
import json
from wordtensor.schemes import standard_scheme
from wordtensor.schemes.flips._packed import PackedTerms
from wordtensor.schemes.flips._walkers import walk_many

def walks(ring, device):
    starts = []
    for sizes in ((2, 2, 2), (2, 2, 3), (1, 2, 2), (2, 2, 2), (2, 3, 2)):
        s = standard_scheme(*sizes)
        starts.append(PackedTerms.from_factors(s.U, s.V, s.W, ring))
    results = walk_many(
        starts, [300, 200, 50, 300, 0], plus_after=[5, 20, 9, 40, 7], margin=[2, 3, 1, 4, 2],
        target=[0, 0, 0, 7, 0], seeds=[3, 1, 4, 5, 9], device=device,
    )
    return [
        [t.words.tolist() + t.signs.tolist() for t in (r.best, r.last)] + [r.flips, r.pluses]
        for r in results
    ]
"""


def test_walks_end_alike_on_both_devices(cuda):
    scope = {}
    exec(WALKS, scope)
    there = run(WALKS + f"print(json.dumps([walks(ring, 'cuda') for ring in {RINGS}]))", **cuda)
    here = [scope["walks"](ring, "cpu") for ring in RINGS]
    assert json.loads(there) == here
    for first, _, _, fourth, _ in here[:2]:  # modulo 3 so few steps lead nowhere
        assert first[2] > 50 and first[3] > 1
        # The fourth walk met its target, and stopped there.
        assert len(fourth[0][0]) == 7 and fourth[2] < 300


# Small tables, so that they are made anew; many launches, states in either memory, walkers that
# share a warp or have one each.
STATES = """
import json
import numpy as np
from wordtensor.schemes import standard_scheme
from wordtensor.schemes.flips import _layout
from wordtensor.schemes.flips._packed import PackedTerms
from wordtensor.schemes.flips._batch import Walkers
from wordtensor.schemes.flips._walkers import walk_many

def begun(ring):
    s = standard_scheme(2, 3, 3)
    start = PackedTerms.from_factors(s.U, s.V, s.W, ring)
    return start, [[700, 900, 1], [30] * 3, [3] * 3, [0, start.rank - 1, 0], [11, 12, 13]]

def hashed():
    _layout._FEWEST_SLOTS, _layout._DIRECT_BITS = 16, 0

def device(ring, lanes, shared):
    from wordtensor.schemes.flips import _fleet
    _fleet._SHARED_STATE = shared
    start, plan = begun(ring)
    fleet = _fleet.Fleet.begun(Walkers((start,), [0, 0, 0], *plan))
    fleet.advance(first_steps=7, lanes=lanes)
    fleet.checked()
    return told(fleet.results())

def told(results):
    return [
        [t.words.tolist() + t.signs.tolist() for t in (r.best, r.last)] + [r.flips, r.pluses]
        for r in results
    ]
"""


@pytest.mark.parametrize("tables", ["", "hashed()"])
def test_walks_are_equal_in_any_launch(cuda, monkeypatch, tables):
    monkeypatch.setattr(_layout, "_FEWEST_SLOTS", _layout._FEWEST_SLOTS)
    monkeypatch.setattr(_layout, "_DIRECT_BITS", _layout._DIRECT_BITS)
    scope = {}
    exec(STATES + tables, scope)
    ways = "[device(r, *how) for how in ((1, 0), (2, 10**6), (3, 10**6), (None, 10**6))]"
    told = run(STATES + f"{tables}\nprint(json.dumps([{ways} for r in {RINGS}]))", **cuda)
    for ring, found in zip(RINGS, json.loads(told), strict=True):
        start, (steps, after, margin, target, seeds) = scope["begun"](ring)
        how = {"plus_after": after, "margin": margin, "target": target, "seeds": seeds}
        want = scope["told"](walk_many([start] * 3, steps, **how))
        assert all(row[2] > 0 for row in want) and want[0][3] > 0
        assert ring != "F2" or len(want[1][0][0]) == 17
        assert found == [want] * 4


@pytest.mark.parametrize("ring", RINGS)
def test_the_device_finds_what_is_wrong_and_gives_the_shortest(cuda, ring):
    code = (
        STATES
        + f"""
from wordtensor.errors import SchemeError
from wordtensor.schemes.flips._fleet import Fleet
from wordtensor.schemes.flips._walkers import walk_to_ends

start, plan = begun({ring!r})
walkers = Walkers((start,), [0, 0, 0], *plan)
for ceiling, most in ((None, 9), (start.rank - 1, 9), (None, 1), (3, 9)):
    there = walk_to_ends(walkers, ceiling, most, device="cuda")
    here = walk_to_ends(walkers, ceiling, most)
    assert there.flips.tolist() == here.flips.tolist()
    for one, two in zip(there.terms, here.terms, strict=True):
        assert (one.words == two.words).all() and (one.signs == two.signs).all()
    print(len(here.terms), end=" ")
fleet = Fleet.begun(walkers)
heads, words, links = fleet.states
damaged = words.copy_to_host()
damaged[1, 0] ^= damaged.dtype.type(1)  # a bit of a factor of the second walker
words.copy_to_device(damaged)
try:
    fleet.checked()
except SchemeError as error:
    print(error)
"""
    )
    *kept, told = run(code, **cuda).split(" ", 4)
    assert kept == ["3", kept[1], "1", "0"] and (1 if ring == "F2" else 0) <= int(kept[1]) < 3
    assert "1 of 3 walks on the device ended with terms of another tensor" in told


def test_walks_may_be_cut_anywhere(monkeypatch):
    monkeypatch.setattr(_layout, "_FEWEST_SLOTS", 16)
    monkeypatch.setattr(_layout, "_DIRECT_BITS", 0)
    scope = {}
    exec(STATES, scope)
    limits = (np.uint64(30), np.uint64(3), np.uint64(0))
    for ring in RINGS:
        start, _ = scope["begun"](ring)
        (_, whole), (_, parts) = (loaded_state(start, 3, 11) for _ in range(2))
        walk_compiled(whole, 700, *limits)
        for part in (233, 467):
            walk_compiled(parts, part, *limits)
        for one, two in zip(whole[:3], parts[:3], strict=True):
            assert (one == two).all()


def test_as_few_walkers_share_a_warp_as_may_be():
    from wordtensor.schemes.flips._fleet import lanes_for

    # An H100 has 132 multiprocessors with 228 KiB; a block may take 48 KiB of it.
    h100 = (132, 228 * 1024)
    assert [lanes_for(n, 2432, *h100) for n in (1, 4096, 32_768, 131_072)] == [1, 1, 4, 4]
    assert [lanes_for(n, 0, *h100) for n in (4096, 32_768, 131_072)] == [1, 8, 32]
    assert lanes_for(10**6, 30_000, *h100) == 1


def test_searches_end_alike_on_both_devices(cuda):
    code = """
    import json
    from wordtensor.schemes import standard_scheme
    from wordtensor.schemes.flips._packed import PackedTerms
    from wordtensor.schemes.flips._state import WalkOptions, begun, stepped
    from wordtensor.schemes.flips._walkers import walking

    def searched(device):
        s = standard_scheme(2, 2, 2)
        start = PackedTerms.from_factors(s.U, s.V, s.W, "F2")
        options = WalkOptions(steps=150, plus_after=20, walkers=3)
        state = begun([start], 2)
        with walking(3, device) as walks:
            for _ in range(6):
                state = stepped(state, options, lambda terms, trial: terms, walks)
        pool = [terms.words.tolist() for terms in state.pool]
        return [state.reached, state.found.rank, state.flips, pool]
    """
    code, scope = textwrap.dedent(code), {}
    exec(code, scope)
    there = json.loads(run(code + "print(json.dumps(searched('cuda')))", **cuda))
    assert there == scope["searched"]("cpu")


def test_walkers_must_fit_into_the_memory():
    code = """
    from types import SimpleNamespace
    from numba import cuda
    from wordtensor.errors import MemoryLimitError
    from wordtensor.schemes.flips._fleet import check_memory

    cuda.current_context = lambda: SimpleNamespace(get_memory_info=lambda: (2**20, 2**21))
    check_memory(9, 80_000)
    try:
        check_memory(1000, 80_000)
    except MemoryLimitError as error:
        print(error)
    """
    assert "1000 walkers need 0.07 GiB" in (told := run(code, **SIMULATOR))
    assert "use at most 11 walkers" in told


@pytest.mark.parametrize(
    ("widths", "kernels"),
    [
        ("[(16, 8)]", "['kernel', 'gather_kernel']"),
        pytest.param("[(16, 8), (64, 16)]", "given", marks=pytest.mark.slow),
    ],
    ids=["some", "all"],
)
def test_the_kernels_compile_for_a_device(widths, kernels):
    # Typing and code generation need no device, only NVVM. Device functions ask the present
    # device what it can do, so there must be one to ask.
    code = """
    from types import SimpleNamespace
    from numba import cuda, types
    from numba.cuda import dispatcher
    from wordtensor.schemes.flips import _walk_cuda as kernels

    try:
        from numba.cuda.cudadrv.nvvm import NVVM
        NVVM()
    except Exception as error:
        print("missing:", error)
        raise SystemExit
    dispatcher.get_current_device = lambda: SimpleNamespace(compute_capability=(9, 0))
    number, signed, counts = types.uint64, types.int64, types.int64[::1]
    heads = types.uint64[:, ::1]
    for words, links in WIDTHS:
        rows = [getattr(types, f"uint{size}")[:, ::1] for size in (words, links)]
        states, kind, starts = (heads, *rows), (number, number), types.uint64[::1]
        walked = (*states, heads, *kind, counts, counts, signed)
        given = {
            "begin_kernel": (*states, heads, *kind, heads, heads, starts, counts, starts),
            "advance_kernel": walked,
            "kernel": walked,
            "fingerprint_kernel": (heads, heads, starts, number, signed, starts),
            "check_kernel": (*states, heads, number, signed, counts, starts, *[counts] * 3),
            "gather_kernel": (*states, heads, counts, heads, heads, counts),
        }
        for name in KERNELS:
            types_given = given[name]
            kernel = kernels.shared_advance_kernel(words, links)
            kernel = kernel if name == "kernel" else getattr(kernels, name)
            print(cuda.compile_ptx(kernel.py_func, types_given, cc=(9, 0))[0])
    """
    code = code.replace("WIDTHS", widths).replace("KERNELS", kernels)
    ptx = run(code, NUMBA_DISABLE_JIT="0")
    if ptx.startswith("missing:"):
        pytest.skip(f"no NVVM: {ptx}")
    assert ptx.count(".target sm_90") == ptx.count(".entry") == (12 if kernels == "given" else 2)


def test_many_walks_are_as_many_single_ones():
    s = standard_scheme(2, 2, 3)
    start = PackedTerms.from_factors(s.U, s.V, s.W, "F2")
    together = walk_many([start] * 3, 900, plus_after=50, margin=2, seeds=[5, 6, 7])
    for seed, result in zip((5, 6, 7), together, strict=True):
        alone = walk(start, 900, plus_after=50, margin=2, seed=seed)
        assert (alone.last.words == result.last.words).all() and alone.flips == result.flips
    assert walk_many([], 1, plus_after=1, margin=1, seeds=[]) == []


def test_what_does_not_fit_is_refused():
    s = standard_scheme(2, 2, 2)
    start, other = (PackedTerms.from_factors(s.U, s.V, s.W, ring) for ring in ("F2", "Z"))
    with pytest.raises(SchemeError, match="one for each start"):
        walk_many([start] * 2, 9, plus_after=9, margin=1, seeds=[1])
    with pytest.raises(SchemeError, match="same ring"):
        walk_many([start, other], 9, plus_after=9, margin=1, seeds=[1, 2])
    with pytest.raises(WordTensorError, match="'cpu', 'cuda'"):
        search_scheme(2, 2, 2, options=FlipOptions(device="tpu"))


def test_searching_without_a_device_is_an_error():
    code = """
    from wordtensor.errors import WordTensorError
    from wordtensor.schemes import FlipOptions, search_scheme
    try:
        search_scheme(2, 2, 2, options=FlipOptions(device="cuda"))
    except WordTensorError as error:
        print("use device='cpu'" in str(error))
    """
    assert run(code, **NO_DEVICE) == "True\n"
