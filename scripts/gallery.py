"""Draw every picture of wordtensor.plots on a net trained in seconds, with a page that shows them.

Usage: python scripts/gallery.py [FOLDER]      (docs/gallery by default)
The net is a Hadamard net on a*b over S4, wide enough, trained on half of the pairs.
"""

import json
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from matplotlib.axes import Axes

import wordtensor as wt
from wordtensor import plots
from wordtensor.compare import Comparison, compare
from wordtensor.nets import History

FOLDER = Path(__file__).parents[1] / "docs" / "gallery"
CONFIG = wt.nets.TrainConfig(
    group="S4", word="a*b", width=72, fraction=0.5, steps=400, l2=1e-3, seed=1, checkpoints=14
)

HEAD = """# Gallery

Every picture of `wordtensor.plots` (`pip install 'wordtensor[plots]'`), on one net: a Hadamard
net of width {width} on a*b over S4, trained on half of the pairs for {steps} steps. Each function
takes `ax=`, returns the Axes, shows nothing, and changes no settings. `make gallery` draws them
again.

```python
from pathlib import Path

import wordtensor as wt
from wordtensor import plots

config = wt.nets.TrainConfig(
    {config}
)
run = wt.nets.train(config, folder="run")
paths = sorted(Path("run/checkpoints").glob("step-*.safetensors"))
checkpoints = [(int(path.stem[5:]), wt.nets.load(path)) for path in paths]
mask = run.tasks[0].train_mask()
c = wt.compare.compare(run.model, "a*b", "S4", train_mask=mask, checkpoints=checkpoints)
history = run.history
found = wt.compare.coset_concentration(c.network.lookups[0].T, c.group)
null = wt.compare.random_concentration(c.group)
```
"""


@dataclass(frozen=True)
class Picture:
    """A picture, the function that draws it, and how it is called."""

    name: str
    function: Callable[..., Axes]
    code: str
    axes: Axes


def train(folder: Path) -> tuple[Comparison, History]:
    run = wt.nets.train(CONFIG, folder=folder)
    paths = sorted((folder / "checkpoints").glob("step-*.safetensors"))
    checkpoints = [(int(path.stem[5:]), wt.nets.load(path)) for path in paths]
    mask = run.tasks[0].train_mask()
    found = compare(run.model, "a*b", "S4", train_mask=mask, checkpoints=checkpoints)
    return found, run.history


def pictures(c: Comparison, history: History) -> Iterator[Picture]:
    """Yield the pictures in the order of the page."""
    left, _ = c.network.lookups
    found = wt.compare.coset_concentration(left.T, c.group)
    null = wt.compare.random_concentration(c.group)
    given = {
        "c": c, "plots": plots, "history": history, "found": found, "null": null,
    }  # fmt: skip
    for code in (
        "network_widths(c)",
        "pruning_curve(c.pruning, c.decomposition)",
        "block_ranks(c.decomposition)",
        "block_matches(c.match)",
        "logit_similarities(c.gcr)",
        "weights_explained(c.gcr)",
        "neurons_explained(c.gcr)",
        'neuron_energies(c.spectrum, "left")',
        "triplet_shares(c.spectrum)",
        "logit_energies(c.logits)",
        "triplet_energies(c.logits)",
        "ablation_effects(c.ablations)",
        "coset_counts(c.cosets[0])",
        "concentration_histogram(found, null)",
        'training_curves(history, measure="accuracy")',
        "similarity_curves(c.order)",
    ):
        name = code.partition("(")[0]
        # The page shows this very code.
        axes = eval(f"plots.{code}", given)
        yield Picture(name, getattr(plots, name), f"plots.{code}", axes)


def page(made: list[Picture]) -> str:
    config = ", ".join(
        f"{name}={json.dumps(getattr(CONFIG, name))}"
        for name in ("group", "word", "width", "fraction", "steps", "l2", "seed", "checkpoints")
    )
    parts = [HEAD.format(width=CONFIG.width, steps=CONFIG.steps, config=config)]
    for picture in made:
        summary = (picture.function.__doc__ or "").partition("\n")[0]
        parts.append(f"## {picture.name}\n\n{summary} `{picture.code}`\n")
        parts.append(f"![{summary}]({picture.name}.png)\n")
    return "\n".join(parts)


def build(folder: Path) -> list[Path]:
    """Draw all pictures into a folder, with the page; return the files."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as run:
        made = list(pictures(*train(Path(run))))
    files = []
    for picture in made:
        path = folder / f"{picture.name}.png"
        picture.axes.figure.savefig(
            path, dpi=80, metadata={"Software": None}, pil_kwargs={"optimize": True}
        )
        files.append(path)
    (folder / "index.md").write_text(page(made), encoding="utf-8")
    return [*files, folder / "index.md"]


if __name__ == "__main__":
    for file in build(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER):
        print(file)
