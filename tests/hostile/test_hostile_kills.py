"""kill -9 while something is written, at the writes and at any time: nothing old is lost, nothing
is half there, and the same command afterwards ends as if nothing had happened."""

import shutil

import numpy as np
import pytest

WRITERS = ("decompose", "solve", "replace", "search", "compare", "export", "import", "flips",
           "train", "recipe")  # fmt: skip
TIMES = 20


def test_no_writer_is_forgotten(forks):
    assert tuple(forks.call("writers", "names").value) == WRITERS


class Killing:
    """One writer, killed again and again, each time in a fresh folder."""

    def __init__(self, forks, samples, place, name, counted):
        self.forks, self.samples, self.place, self.name = forks, samples, place / "place", name
        self.counted, self.faults = counted, []
        self.arguments = forks.call("writers", "names").value[name]
        self.rng = np.random.default_rng([9, *name.encode()])

    def fresh(self):
        """Lay the good files out again."""
        shutil.rmtree(self.place, ignore_errors=True)
        shutil.copytree(self.samples, self.place)

    def run(self, **job):
        """Run the writer in its folder."""
        environment = {"WORDTENSOR_CORES": "kept", "WORDTENSOR_SCHEMES": "kept"}
        return self.forks.run(*self.arguments, cwd=self.place, env=environment, **job)

    def check(self, before, when, ended):
        """Note what is wrong with the folder."""
        asked = self.forks.call("writers", "whole", self.place, self.name, before, ended)
        found = [asked.stderr[-300:]] if asked.value is None else asked.value
        self.faults += [f"killed {when}{', then run again' * ended}: {fault}" for fault in found]

    def kill(self, when, **job):
        """Kill it once, look, and run it again."""
        self.fresh()
        before = self.forks.call("writers", "digests", self.place).value
        done = self.run(watch=self.place, **job)
        self.counted["killed" if done.code < 0 else "ended before"] += 1
        if done.code not in (-9, -14, 0):
            self.faults.append(f"killed {when}: it ended with {done.code}: {done.stderr[-200:]}")
        self.check(before, when, done.code == 0)
        if self.name not in ("replace", "import"):
            self.arguments += ["--force"] * (self.forced and "--force" not in self.arguments)
        again = self.run(limit=60)
        if again.code:
            self.faults.append(f"killed {when}, then run again: {again.code} {again.stderr[-200:]}")
        self.check(before, f"{when}", True)

    @property
    def forced(self):
        """Whether a second run must be told to replace what the first one wrote."""
        return self.name in ("decompose", "solve", "search", "compare", "export", "flips")

    def writes(self):
        """Return how many times the writer is about to change its folder, and how long it takes."""
        self.fresh()
        done = self.run(watch=self.place)
        assert done.code == 0, done.stderr
        return done.value, done.seconds

    def at_writes(self, times):
        """Kill it at its writes, all if there are not too many, and in the midst of some."""
        count, _ = self.writes()
        for number in sorted({int(k) for k in np.linspace(1, count, times)}):
            self.kill(f"at write {number} of {count}", die_at=number)
        for number in self.rng.integers(1, count + 1, size=times):
            later = float(self.rng.uniform(1e-6, 3e-3))
            when = f"{later * 1e3:.2f} ms after write {number} of {count} began"
            self.kill(when, die_at=int(number), die_after=later)

    def at_times(self, times):
        """Kill it whenever."""
        _, seconds = self.writes()
        for later in self.rng.uniform(0, seconds, size=times):
            self.kill(f"after {later:.3f} s", kill=float(later))


def test_a_few_kills(forks, samples, tmp_path, counted):
    killing = Killing(forks, samples, tmp_path, "decompose", counted)
    killing.at_writes(4)
    assert killing.faults == []


@pytest.mark.slow
@pytest.mark.parametrize("name", WRITERS)
def test_kills_at_the_writes(forks, samples, tmp_path, counted, name):
    killing = Killing(forks, samples, tmp_path, name, counted)
    killing.at_writes(TIMES // 2)
    assert killing.faults == []


@pytest.mark.slow
@pytest.mark.parametrize("name", WRITERS)
def test_kills_at_any_time(forks, samples, tmp_path, counted, name):
    killing = Killing(forks, samples, tmp_path, name, counted)
    killing.at_times(TIMES)
    assert killing.faults == []
