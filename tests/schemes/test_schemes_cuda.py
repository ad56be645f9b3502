"""Walks on a CUDA device, in numba's simulator too, end bit by bit like those on the CPU."""

import json
import os
import subprocess
import sys
import textwrap

import numba.cuda
import pytest

from wordtensor.errors import SchemeError, WordTensorError
from wordtensor.schemes import FlipOptions, search_scheme, standard_scheme
from wordtensor.schemes.flips import _rings
from wordtensor.schemes.flips._packed import PackedTerms, walk
from wordtensor.schemes.flips._walkers import walk_many

# The simulator runs plain Python, where NumPy warns of products modulo 2^64.
SIMULATOR = {"NUMBA_ENABLE_CUDASIM": "1", "NUMBA_DISABLE_JIT": "1"}
NO_DEVICE = {"CUDA_VISIBLE_DEVICES": "", "NUMBA_DISABLE_CUDA": "1"}
RINGS = ("F2", "Z")


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
    for first, _, _, fourth, _ in here:
        assert first[2] > 50 and first[3] > 1
        # The fourth walk met its target, and stopped there.
        assert len(fourth[0][0]) == 7 and fourth[2] < 300


# Small tables, so that they are made anew; many launches; a CPU's state continued on the device.
STATES = """
import json
import numpy as np
from wordtensor.schemes import FlipOptions, search_scheme, standard_scheme
from wordtensor.schemes.flips import _rings
from wordtensor.schemes.flips._walk import walk
from wordtensor.schemes.flips._packed import PackedTerms, capacity_for, loaded_state, ring_code

def begun(ring, margin=3):
    _rings._FEWEST_SLOTS = 16
    s = standard_scheme(2, 3, 3)
    start = PackedTerms.from_factors(s.U, s.V, s.W, ring)
    states = [loaded_state(start, margin, seed) for seed in (11, 12, 13)]
    plan = [capacity_for(start, margin), int(states[0][1]), 30, margin, 0]
    plans = np.array([plan] * 3, dtype=np.uint64)
    plans[1, 4] = start.rank - 1  # it stops there
    return np.array([state for state, _ in states]), plans, np.array([700, 900, 1])

def on_cpu(states, plans, steps, ring):
    for state, p, count in zip(states, plans, steps, strict=True):
        walk(state, p[0], p[1], ring_code(ring), int(count), *p[2:])
    return states

def device(ring):
    from wordtensor.schemes.flips._walk_cuda import advance
    states, plans, steps = begun(ring)
    return advance(states, plans, steps, ring_code(ring), first_steps=7).tolist()
"""


def test_states_are_equal_bit_by_bit(cuda, monkeypatch):
    monkeypatch.setattr(_rings, "_FEWEST_SLOTS", 16)
    scope = {}
    exec(STATES, scope)
    there = json.loads(run(STATES + f"print(json.dumps([device(r) for r in {RINGS}]))", **cuda))
    for ring, found in zip(RINGS, there, strict=True):
        states, plans, steps = scope["begun"](ring)
        want = scope["on_cpu"](states.copy(), plans, steps, ring)
        assert (want[:, int(_rings.FLIPS)] > 0).all() and want[0, int(_rings.PLUSES)] > 0
        assert ring != "F2" or want[1, int(_rings.BEST)] == 17
        assert found == want.tolist()


def test_walks_may_be_cut_anywhere(monkeypatch):
    monkeypatch.setattr(_rings, "_FEWEST_SLOTS", 16)
    scope = {}
    exec(STATES, scope)
    for ring in RINGS:
        states, plans, steps = scope["begun"](ring)
        want = scope["on_cpu"](states.copy(), plans, steps, ring)
        for part in (steps // 3, steps - steps // 3):
            scope["on_cpu"](states, plans, part, ring)
        assert (states == want).all()


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
    from wordtensor.schemes.flips._walk_cuda import check_memory

    cuda.current_context = lambda: SimpleNamespace(get_memory_info=lambda: (2**20, 2**21))
    check_memory(9, 10_000)
    try:
        check_memory(1000, 10_000)
    except MemoryLimitError as error:
        print(error)
    """
    assert "1000 walkers need 0.07 GiB" in (told := run(code, **SIMULATOR))
    assert "use at most 11 walkers" in told


def test_the_kernel_compiles_for_a_device():
    # Typing and code generation need no device, only NVVM. Device functions ask the present
    # device what it can do, so there must be one to ask.
    code = """
    from types import SimpleNamespace
    from numba import cuda, types
    from numba.cuda import dispatcher
    from wordtensor.schemes.flips._walk_cuda import advance_kernel

    try:
        from numba.cuda.cudadrv.nvvm import NVVM
        NVVM()
    except Exception as error:
        print("missing:", error)
        raise SystemExit
    dispatcher.get_current_device = lambda: SimpleNamespace(compute_capability=(8, 0))
    rows = types.uint64[:, ::1]
    given = (rows, rows, types.int64[::1], types.uint64, types.int64)
    print(cuda.compile_ptx(advance_kernel.py_func, given, cc=(8, 0))[0])
    """
    ptx = run(code, NUMBA_DISABLE_JIT="0")
    if ptx.startswith("missing:"):
        pytest.skip(f"no NVVM: {ptx}")
    assert ".target sm_80" in ptx and ".entry" in ptx and "advance_kernel" in ptx


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
