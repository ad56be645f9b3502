"""What is inside the room _layouts: small examples of functions that are not for users."""

import numpy as np

from wordtensor._layouts import recognised


def test_layouts_recognised():
    assert recognised({name: np.ones((2, 3)) for name in "UVWX"})[0] == "hadamard"
