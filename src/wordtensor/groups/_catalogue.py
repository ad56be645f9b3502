"""GAP's numbers of the small groups that have a name here, for the orders up to 63."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

# For each order the names of SmallGroup(order, 1), SmallGroup(order, 2), ...; "-" where the group
# has no name here. Identified by GAP's IdGroup; tests/groups/vectors holds GAP's own invariants.
_NAMES: Mapping[int, str] = MappingProxyType(
    {
        1: "C1",
        2: "C2",
        3: "C3",
        4: "C4, V4",
        5: "C5",
        6: "S3, C6",
        7: "C7",
        8: "C8, C4 x C2, D4, Q8, C2^3",
        9: "C9, C3^2",
        10: "D5, C10",
        11: "C11",
        12: "Dic3, C12, A4, D6, C6 x C2",
        13: "C13",
        14: "D7, C14",
        15: "C15",
        16: (
            "C16, C4^2, -, C4:C4[3], C8 x C2, M4(2), D8, SD16, Q16, V4 x C4, D4 x C2, Q8 x C2, -, "
            "C2^4"
        ),
        17: "C17",
        18: "D9, C18, S3 x C3, -, C6 x C3",
        19: "C19",
        20: "Dic5, C20, C5:C4, D10, V4 x C5",
        21: "C7:C3, C21",
        22: "D11, C22",
        23: "C23",
        24: (
            "C3:C8[2], C24, SL(2,3), Dic6, S3 x C4, D12, Dic3 x C2, -, C6 x C4, D4 x C3, Q8 x C3, "
            "S4, A4 x C2, D6 x C2, V4 x C6"
        ),
        25: "C25, C5^2",
        26: "D13, C26",
        27: "C27, C9 x C3, Heis(3), M3(3), C3^3",
        28: "Dic7, C28, D14, V4 x C7",
        29: "C29",
        30: "S3 x C5, D5 x C3, D15, C30",
        31: "C31",
        32: (
            "C32, -, C8 x C4, C8:C4[5], -, -, -, -, -, -, -, C4:C8[3], C8:C4[3], C8:C4[7], -, C16 "
            "x C2, M5(2), D16, SD32, Q32, C4^2 x C2, -, (C4:C4[3]) x C2, -, D4 x C4, Q8 x C4, -, "
            "-, -, -, -, -, -, -, -, V4 x C8, M4(2) x C2, -, D8 x C2, SD16 x C2, Q16 x C2, -, -, "
            "-, C4 x C2^3, V4 x D4, V4 x Q8, -, ES+(32), ES-(32), C2^5"
        ),
        33: "C33",
        34: "D17, C34",
        35: "C35",
        36: (
            "Dic9, C36, -, D18, V4 x C9, Dic3 x C3, -, C12 x C3, -, S3 x S3, A4 x C3, D6 x C3, -, "
            "C6^2"
        ),
        37: "C37",
        38: "D19, C38",
        39: "C13:C3, C39",
        40: (
            "C5:C8[4], C40, C5:C8[2], Dic10, D5 x C4, D20, Dic5 x C2, -, C10 x C4, D4 x C5, Q8 x "
            "C5, C10:C4, V4 x D5, V4 x C10"
        ),
        41: "C41",
        42: "C7:C6, C14:C3, S3 x C7, D7 x C3, D21, C42",
        43: "C43",
        44: "Dic11, C44, D22, C22 x C2",
        45: "C45, C15 x C3",
        46: "D23, C46",
        47: "C47",
        48: (
            "C3:C16[2], C48, -, S3 x C8, C24:C2[5], C24:C2[11], D24, Dic12, (C3:C8[2]) x C2, -, "
            "Dic3 x C4, -, C12:C4[11], -, -, -, -, -, -, C12 x C4, -, (C4:C4[3]) x C3, C8 x C6, "
            "M4(2) x C3, D8 x C3, SD16 x C3, Q16 x C3, -, GL(2,3), -, A4 x C4, SL(2,3) x C2, -, "
            "Dic6 x C2, D6 x C4, D12 x C2, -, S3 x D4, -, S3 x Q8, -, V4 x Dic3, -, V4 x C12, D4 x "
            "C6, Q8 x C6, -, S4 x C2, V4 x A4, -, V4 x D6, C3 x C2^4"
        ),
        49: "C49, C7^2",
        50: "D25, C50, D5 x C5, -, C10 x C5",
        51: "C51",
        52: "Dic13, C52, C13:C4, D26, C26 x C2",
        53: "C53",
        54: (
            "D27, C54, D9 x C3, S3 x C9, -, C9:C6, -, -, C9 x C6, Heis(3) x C2, M3(3) x C2, S3 x "
            "C3^2, -, -, C3^3 x C2"
        ),
        55: "C11:C5, C55",
        56: (
            "C7:C8[6], C56, Dic14, D7 x C4, D28, Dic7 x C2, -, C14 x C4, D4 x C7, Q8 x C7, -, V4 x "
            "D7, V4 x C14"
        ),
        57: "C19:C3, C57",
        58: "D29, C58",
        59: "C59",
        60: (
            "Dic3 x C5, Dic5 x C3, Dic15, C60, A5, (C5:C4) x C3, C15:C4[2], S3 x D5, A4 x C5, D5 x "
            "C6, D6 x C5, D30, C10 x C6"
        ),
        61: "C61",
        62: "D31, C62",
        63: "C7:C9[2], C63, C21:C3, C21 x C3",
    }
)


# Generators of those that have no name here, for the orders up to 31: the catalogue is whole there.
_GENERATORS: Mapping[tuple[int, int], tuple[str, ...]] = MappingProxyType(
    {
        (16, 3): ("(1 3 5 7)(2 4 6 8)", "(1 2)(3 4)(5 6)(7 8)", "(3 4)(7 8)"),
        (16, 13): ("(1 5)(2 6)(3 7)(4 8)", "(5 7)(6 8)", "(1 2 3 4)(5 6 7 8)"),
        (18, 4): ("(1 2 3)", "(4 5 6)", "(2 3)(5 6)"),
        (24, 8): ("(1 2 3)", "(2 3)(4 5 6 7)", "(4 6)"),
    }
)


def small_group_generators(order: int, number: int) -> tuple[str, ...] | None:
    """Return permutations that generate a small group without a name, if they are here."""
    return _GENERATORS.get((order, number))


def small_group_name(order: int, number: int) -> str | None:
    """Return our name of GAP's ``SmallGroup(order, number)``, or None if there is none."""
    names = _NAMES.get(order, "").split(", ")
    if not 1 <= number <= len(names) or names[number - 1] in ("-", ""):
        return None
    return names[number - 1]


def small_group_numbers(most: int) -> Iterator[tuple[int, int]]:
    """Yield (order, number) of all groups up to an order, as GAP counts them."""
    for order in range(1, most + 1):
        yield from ((order, k + 1) for k in range(small_group_count(order) or 0))


def small_group_count(order: int) -> int | None:
    """Return how many groups of an order there are, or None above order 63."""
    return len(_NAMES[order].split(", ")) if order in _NAMES else None
