"""One memory limit for all that is built: nested, per thread, and named where it is met."""

import math
import threading

import pytest

import wordtensor as wt
from wordtensor._memory import allowed_bytes, require_memory
from wordtensor.errors import MemoryLimitError


def test_a_limit_ends_with_its_block_and_belongs_to_its_thread():
    outside, seen = allowed_bytes(), []
    with wt.memory_limit(1):
        with wt.memory_limit(0.5):
            assert allowed_bytes() == 2**29
        other = threading.Thread(target=lambda: seen.append(allowed_bytes()))
        other.start()
        other.join()
        assert allowed_bytes() == 2**30
    assert allowed_bytes() == outside == seen[0]


def test_what_is_too_large_is_refused_with_its_size_and_the_way_out():
    with wt.memory_limit(1), pytest.raises(MemoryLimitError) as caught:
        require_memory(3 * 2**30, "A table of all pairs", "Take fewer pairs")
    assert str(caught.value) == (
        "A table of all pairs would take about 3 GiB, above the limit of 1 GiB. Take fewer pairs, "
        "or raise the limit (wordtensor.memory_limit, --memory)"
    )
    with wt.memory_limit(math.inf):
        require_memory(1e30, "Everything")


@pytest.mark.parametrize("limit", [0, -1, math.nan, "4", None, True])
def test_a_limit_is_a_number_above_zero(limit):
    with pytest.raises(wt.WordTensorError, match="above 0"), wt.memory_limit(limit):
        pass
