"""Tables of text for people."""

import numpy as np

from .run import Run
from .tasks import TensorTask, name_of

__all__ = ["run_table"]


def run_table(run: Run) -> str:
    """Return the outcome of a run: median and best over its instances."""
    config = run.config
    first = run.tasks[0]
    if isinstance(first, TensorTask):
        task = first.name
    else:
        task = (
            "parity"
            if config.model == "parity"
            else f"{config.word} over {name_of(first, config.group)}"
        )
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
    lost = int(np.isnan(run.final["train_loss"]).sum())
    if lost:
        lines.append(f"{lost} of {config.instances} diverged; they are left out above")
    reached = run.success_step[run.success_step >= 0]
    if len(reached):
        lines.append(
            f"accuracy {config.stop_accuracy or 1.0:g} in {len(reached)} of "
            f"{len(run.success_step)}, first at step "
            f"{int(np.median(reached))} (median)"
        )
    return "\n".join(lines)
