"""What the tests of experiments share: two processes, which take seconds to begin."""

import pytest

from wordtensor._workers import worker_pool


@pytest.fixture(scope="session")
def pool():
    with worker_pool(2) as executor:
        yield executor
