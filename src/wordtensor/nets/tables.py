"""Tables of text for people."""

import numpy as np

from .run import Run
from .tasks import TensorTask

__all__ = ["run_table"]


def run_table(run: Run) -> str:
    """Return the outcome of a run: median and best over its instances."""
    config = run.config
    first = run.tasks[0]
    if isinstance(first, TensorTask):
        task = first.name
    else:
        task = "parity" if config.model == "parity" else f"{config.word} over {config.group}"
    lines = [
        f"{task}: {config.model}, width {config.width}, {config.instances} instance"
        f"{'s' if config.instances > 1 else ''}, {run.steps} steps in {run.seconds:.1f} s"
        f"{' (interrupted)' if run.interrupted else ''}",
        "",
        f"{'':16}{'median':>12}{'best':>12}",
    ]
    for name, values in run.final.items():
        known = values[~np.isnan(values)]
        if len(known):
            best = known.max() if name.endswith("accuracy") else known.min()
            lines.append(f"{name.replace('_', ' '):16}{np.median(known):12.6g}{best:12.6g}")
    reached = run.success_step[run.success_step >= 0]
    if len(reached):
        lines.append(
            f"full accuracy in {len(reached)} of {len(run.success_step)}, first at step "
            f"{int(np.median(reached))} (median)"
        )
    return "\n".join(lines)
