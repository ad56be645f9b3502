"""Processes that write to one place at the same time: each ends well or says that another is there,
and what is there in the end is whole."""

import shutil

import pytest

WRITERS = ("replace", "search", "import", "flips", "train", "recipe")


@pytest.fixture
def race(forks, samples, tmp_path, counted):
    """Start the same command several times at once, some a little later; return what is wrong."""

    def run(name, times, rounds):
        arguments = forks.call("writers", "names").value[name]
        arguments += ["--force"] if name in ("search", "flips") else []
        faults = []
        for turn in range(rounds):
            place = tmp_path / f"{name}{turn}"
            shutil.copytree(samples, place)
            before = forks.call("writers", "digests", place).value
            job = {"argv": arguments, "cwd": place, "limit": 60,
                   "env": {"WORDTENSOR_CORES": "kept", "WORDTENSOR_SCHEMES": "kept"}}  # fmt: skip
            later = [job | {"delay": 0.02 * turn * number} for number in range(times)]
            done = forks.together(*later)
            for each in done:
                counted["ended well"] += each.code == 0
                told = each.code == 2 and "another" in each.stderr.lower()
                counted["told of another"] += told
                if each.code and not told:
                    faults.append(f"ended with {each.code}: {each.stderr[-200:]}")
            if all(each.code for each in done):
                faults.append("none of them ended well")
            asked = forks.call("writers", "whole", place, name, before, True)
            faults += [asked.stderr[-300:]] if asked.value is None else asked.value
            left = [p.name for p in place.rglob(".*") if "lock" not in p.name]
            faults += [f"{name} was left behind" for name in left]
        return faults

    return run


def test_two_at_once(race):
    assert race("import", 2, 1) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", WRITERS)
def test_many_at_once(race, name):
    assert race(name, 4, 5) == []
