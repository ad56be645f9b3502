"""Networks are recognised by the names of their arrays."""

import numpy as np

from wordtensor._layouts import recognised


def test_factors_of_a_hadamard_net_are_recognised_among_other_arrays():
    assert recognised({name: np.ones((2, 3)) for name in "UVWX"})[0] == "hadamard"
