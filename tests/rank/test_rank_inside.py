"""What is inside the room rank: small examples of functions that are not for users."""

from wordtensor.groups import group
from wordtensor.rank._products import isotopy
from wordtensor.words import word_table


def test_rank_products_isotopy():
    G = group("S3")
    assert isotopy(word_table("a*b^-1", G), G).is_regular
    assert isotopy(word_table("a*b*a", G), G) is None
