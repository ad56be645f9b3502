"""CPU seconds and peak memory of whole commands by the order of the group, each in a new process.

Usage: python benchmarks/by_order.py [GROUP ...]
"""

import os
import resource
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

GROUPS = ("S3", "S4", "S5", "S6", "S7")
STEPS = 20
# CPU seconds after which a command is ended.
MOST = 120
TRAIN = ("--set", f"steps={STEPS}", "--set", "width=64", "--set", "stop_accuracy=none")
# Name and arguments of each command; {net} is what the training wrote.
COMMANDS = (
    ("info", ("info", "{group}")),
    ("plan", ("plan", "a*b", "{group}")),
    ("decompose", ("decompose", "a*b", "{group}")),
    (f"train, {STEPS} steps", ("train", "a*b", "{group}", *TRAIN, "-o", "{net}")),
    ("compare", ("compare", "{net}")),
)


def measured(arguments: list[str]) -> str:
    """Run a command; return its CPU seconds and its peak memory, or that it was refused."""
    process = subprocess.Popen(
        [sys.executable, "-m", "wordtensor", *arguments],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (MOST, MOST + 1)),
    )
    assert process.stderr is not None
    said = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    seconds = usage.ru_utime + usage.ru_stime
    if process.returncode == -signal.SIGXCPU:
        return f"over {MOST} s"
    if process.returncode:
        print(f"{' '.join(arguments)}: {said.strip()}", file=sys.stderr)
        return f"refused after {seconds:.1f} s"
    return f"{seconds:.1f} s, {usage.ru_maxrss / 1024:.0f} MiB"


def main() -> None:
    names = [name for name, _ in COMMANDS]
    print(f"| group | {' | '.join(names)} |\n|---|{'---|' * len(names)}")
    for group in sys.argv[1:] or GROUPS:
        with tempfile.TemporaryDirectory() as folder:
            net = str(Path(folder) / "net")
            cells = [
                measured([part.format(group=group, net=net) for part in arguments])
                for _, arguments in COMMANDS[:-1]
            ]
            # Only a net that was trained to the end can be compared.
            trained = cells[-1].endswith("MiB")
            cells.append(measured(["compare", net]) if trained else "no net")
        print(f"| {group} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
