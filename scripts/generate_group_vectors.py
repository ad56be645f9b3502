"""Write tests/groups/vectors/*.json: invariants of groups as GAP computes them.

The groups are GAP's own, built by the expressions below and not from our tables. Needs an
environment with passagemath-gap and nothing of ours:

    python -m venv /tmp/gap && /tmp/gap/bin/pip install passagemath-gap
    /tmp/gap/bin/python scripts/generate_group_vectors.py
"""

import json
from collections import Counter
from pathlib import Path

import passagemath_gap  # noqa: F401  (sets up the paths of the compiled module)
from sage.libs.gap.libgap import libgap

VECTORS = Path(__file__).parent.parent / "tests" / "groups" / "vectors"

# Our name -> GAP's construction of the same group.
GROUPS = {
    "C3": "CyclicGroup(3)",
    "C12": "CyclicGroup(12)",
    "V4": "ElementaryAbelianGroup(4)",
    "C2^3": "ElementaryAbelianGroup(8)",
    "S3": "SymmetricGroup(3)",
    "D4": "DihedralGroup(8)",
    "D5": "DihedralGroup(10)",
    "D8": "DihedralGroup(16)",
    "D5 x C2": "DirectProduct(DihedralGroup(10), CyclicGroup(2))",
    "Dic3": "DicyclicGroup(12)",
    "Q8": "QuaternionGroup(8)",
    "Q16": "QuaternionGroup(16)",
    "Q8 x C3": "DirectProduct(QuaternionGroup(8), CyclicGroup(3))",
    "SD16": "SmallGroup(16, 8)",
    "M5(2)": "SmallGroup(32, 17)",
    "C7:C3": "SmallGroup(21, 1)",
    "C5:C4": "SmallGroup(20, 3)",
    "C15:C2[4]": "DirectProduct(DihedralGroup(10), CyclicGroup(3))",
    "C15:C2[11]": "DirectProduct(SymmetricGroup(3), CyclicGroup(5))",
    "Heis(3)": "ExtraspecialGroup(27, 3)",
    "M3(3)": "ExtraspecialGroup(27, 9)",
    "A4": "AlternatingGroup(4)",
    "S4": "SymmetricGroup(4)",
    "SL(2,3)": "SL(2, 3)",
    "GL(2,3)": "GL(2, 3)",
    "A5": "AlternatingGroup(5)",
    "S5": "SymmetricGroup(5)",
    "SL(2,5)": "SL(2, 5)",
    "PGL(2,5)": "PGL(2, 5)",
    "PSL(2,7)": "PSL(2, 7)",
    "GL(2,5)": "GL(2, 5)",
    "A6": "AlternatingGroup(6)",
    "S6": "SymmetricGroup(6)",
    "A7": "AlternatingGroup(7)",
    "S7": "SymmetricGroup(7)",
}

LARGEST_CATALOGUE_ORDER = 63


def structure(gap_group):
    classes = list(libgap.ConjugacyClasses(gap_group))
    sizes = [int(libgap.Size(one)) for one in classes]
    orders = Counter()
    for one, size in zip(classes, sizes, strict=True):
        orders[int(libgap.Order(libgap.Representative(one)))] += size
    return {
        "order": sum(sizes),
        "class_sizes": sorted(sizes),
        "element_orders": {str(order): orders[order] for order in sorted(orders)},
        "centre": int(libgap.Size(libgap.Centre(gap_group))),
    }


def characters(gap_group):
    """Complex degrees and Frobenius-Schur indicators, in pairs sorted by degree then indicator."""
    table = libgap.CharacterTable(gap_group)
    degrees = [int(chi[0]) for chi in libgap.Irr(table)]
    indicators = [int(value) for value in libgap.Indicator(table, 2)]
    pairs = sorted(zip(degrees, indicators, strict=True))
    return {"degrees": [d for d, _ in pairs], "indicators": [i for _, i in pairs]}


def write(name, records):
    lines = ",\n".join("  " + json.dumps(record) for record in records)
    (VECTORS / name).write_text(f"[\n{lines}\n]\n")


def main():
    VECTORS.mkdir(parents=True, exist_ok=True)
    groups = []
    for name, expression in GROUPS.items():
        made = libgap.eval(expression)
        groups.append({"name": name, "gap": expression, **structure(made), **characters(made)})
    write("gap_groups.json", groups)
    small = []
    for order in range(1, LARGEST_CATALOGUE_ORDER + 1):
        for number in range(1, int(libgap.NumberSmallGroups(order)) + 1):
            made = libgap.SmallGroup(order, number)
            small.append({"id": [order, number], **structure(made)})
    write("gap_small_groups.json", small)


if __name__ == "__main__":
    main()
