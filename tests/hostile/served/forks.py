"""Run command lines and functions in forked children, under limits: one line of JSON for each."""

import contextlib
import ctypes
import gc
import importlib
import json
import os
import resource
import signal
import sys
import tempfile
import time
import traceback
import warnings
from pathlib import Path

import wordtensor.cli.app
import wordtensor.compare
import wordtensor.experiments
import wordtensor.nets
import wordtensor.report
import wordtensor.schemes

# Python's events that change a folder, and the places of paths among their arguments.
WRITES = {"os.rename": (0, 1), "os.remove": (0,), "os.mkdir": (0,), "os.truncate": (0,)}


def serve():
    """Read lists of jobs; those of one list run at the same time."""
    replies = os.fdopen(os.dup(1), "w")
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 1)
    load()
    for line in sys.stdin:
        jobs = json.loads(line)
        running = [start(job) for job in jobs]
        replies.write(json.dumps([r.result for r in finish(running)]) + "\n")
        replies.flush()


def load():
    """Load once, for all children, what a command would load or compile when it is first needed."""
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        for line in (
            "decompose a*b*a S3 -o d.npz", "verify d.npz", "plan a*b C3", "info C3", "margin C3",
            "train a*b S3 --set steps=2 -o run", "compare run --html page.html", "schemes list",
            "schemes export 2 2 2 -o s.json", "schemes verify s.json",
            "schemes search 2 2 2 --flips 200 --no-store",
            "schemes search 2 2 2 --flips 200 --no-store --method symmetric",
        ):  # fmt: skip
            code = command(line.split())
            assert code in (0, 1), line
    gc.freeze()  # a collection in a child would copy all of it


class Running:
    """A child, and what came of it."""

    def __init__(self, job, pid, streams, resident):
        self.job, self.pid, self.streams, self.resident = job, pid, streams, resident
        self.began, self.result, self.told = time.monotonic(), None, False

    def look(self):
        """End the child when its time has come, and gather its result when it has ended."""
        spent = time.monotonic() - self.began
        late = spent > self.job.get("limit", 60)
        if late or spent > self.job.get("kill", spent):
            os.kill(self.pid, signal.SIGKILL)
        elif spent > self.job.get("interrupt", spent) and not self.told:
            os.kill(self.pid, signal.SIGINT)
            self.told = True
        pid, status, usage = os.wait4(self.pid, 0 if late else os.WNOHANG)
        if pid:
            texts = []
            for stream in self.streams:
                stream.seek(0)
                texts.append(stream.read().decode(errors="replace"))
                stream.close()
            self.result = {
                "code": os.waitstatus_to_exitcode(status),
                "stdout": texts[0],
                "stderr": texts[1],
                "value": json.loads(texts[2]) if texts[2] else None,
                "seconds": spent,
                "cpu": usage.ru_utime + usage.ru_stime,
                "late": late,
                "grown": usage.ru_maxrss * 1024 - self.resident,
            }


def finish(running):
    """Wait for all children."""
    while True:
        for each in running:
            if each.result is None:
                each.look()
        if all(each.result is not None for each in running):
            return running
        time.sleep(0.002)


def start(job):
    """Fork a child for a job."""
    streams = [tempfile.TemporaryFile() for _ in range(3)]
    resident = int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    pid = os.fork()
    if pid:
        return Running(job, pid, streams, resident)
    code = 70
    try:
        prepare(job, streams)
        code = command(job["argv"]) if "argv" in job else call(job["call"], streams[2])
    except BaseException:
        traceback.print_exc()
    finally:
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except (OSError, ValueError):
                code = code or 120
        os._exit(code)


def prepare(job, streams):
    """Make the child what a new process would be, with its limits."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # nobody survives the server
    signal.signal(signal.SIGINT, signal.default_int_handler)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    for number, stream in enumerate(streams[:2], start=1):
        os.dup2(stream.fileno(), number)
    os.environ.update(job.get("env", {}))
    os.chdir(job.get("cwd", "."))
    time.sleep(job.get("delay", 0))
    if "memory" in job:
        size = int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
        resource.setrlimit(resource.RLIMIT_AS, (size + job["memory"],) * 2)
    if "watch" in job:
        watch(job["watch"], streams[2], job.get("die_at"), job.get("die_after"))


def watch(folder, told, die_at, die_after):
    """Die at a write to a folder, at once or a little later; or say how many there are."""
    # An audit hook sees what is about to happen; SIGALRM ends a process without asking Python.
    count, inside = 0, f"{Path(folder).resolve()}/"

    def hook(event, arguments):
        nonlocal count
        if event == "open":
            writes = arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
            paths = [arguments[0]] if writes else []
        else:
            paths = [arguments[place] for place in WRITES.get(event, ())]
        if not any(isinstance(p, str | os.PathLike) and lies(p, inside) for p in paths):
            return
        count += 1
        if die_at is None:
            told.seek(0)
            told.write(str(count).encode())
            told.flush()
        elif count == die_at and not die_after:
            os.kill(os.getpid(), signal.SIGKILL)
        elif count == die_at:
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            signal.setitimer(signal.ITIMER_REAL, die_after)

    sys.addaudithook(hook)


def lies(path, inside):
    return str(Path.cwd() / path).startswith(inside)


def command(arguments):
    """Run the command line as `python -m wordtensor` does."""
    sys.argv = ["wordtensor", *arguments]
    try:
        wordtensor.cli.main()
    except SystemExit as error:
        if error.code is None or isinstance(error.code, int):
            return error.code or 0
        print(error.code, file=sys.stderr)
        return 1
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


def call(what, told):
    """Run a function of a file of this folder; what it returns goes back as JSON."""
    module, function, arguments = what
    warnings.simplefilter("error")  # a warning is a line that nobody asked for
    value = getattr(importlib.import_module(module), function)(*arguments)
    told.write(json.dumps(value).encode())
    told.flush()
    return 0


if __name__ == "__main__":
    serve()
