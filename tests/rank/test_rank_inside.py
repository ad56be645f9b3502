"""What is inside the room rank: small examples of functions that are not for users."""

from dataclasses import replace

import numpy as np

import wordtensor as wt
from wordtensor.groups import group
from wordtensor.rank import Block
from wordtensor.rank._products import isotopy
from wordtensor.words import word_table


def test_rank_products_isotopy():
    G = group("S3")
    assert isotopy(word_table("a*b^-1", G), G).is_regular
    assert isotopy(word_table("a*b*a", G), G) is None


def test_frozen_values_leave_the_caller_s_arrays_alone():
    d = wt.decompose("a*b", "S3")
    factors = tuple(np.array(F) for F in d.factors)
    maps = tuple(np.array(A) for A in d.blocks[2].maps)
    block = Block("matrix product", (4, 4, 4), maps, sizes=(2, 2, 2))
    for mine, value in ((factors, replace(d, factors=factors).factors), (maps, block.maps),
                        (maps, replace(d.blocks[2], maps=maps).maps)):  # fmt: skip
        for array, kept in zip(mine, value, strict=True):
            assert array.flags.writeable
            assert not kept.flags.writeable
            assert not np.shares_memory(array, kept)
