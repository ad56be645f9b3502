"""Draw every picture of wordtensor.plots on a net trained in seconds, with a page that shows them.

Usage: python scripts/gallery.py [FOLDER]      (docs/gallery by default)
The net is a Hadamard net on a*b over S4, wide enough, trained on half of the pairs.
"""

import json
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from textwrap import fill

from matplotlib.axes import Axes

import wordtensor as wt
from wordtensor import plots
from wordtensor.compare import Comparison, compare
from wordtensor.nets import History
from wordtensor.plots._captions import CAPTIONS

FOLDER = Path(__file__).parents[1] / "docs" / "gallery"
CONFIG = wt.nets.TrainConfig(
    group="S4", word="a*b", width=72, fraction=0.5, steps=400, l2=1e-3, seed=1, checkpoints=14
)

HEAD = """# Gallery: every picture of a comparison

These are the pictures that `wordtensor.plots` draws (`pip install 'wordtensor[plots]'`), all of
one network: a {{term}}`Hadamard network` of width {width} that was trained on half of the pairs
of a*b over S4 for {steps} steps. It is right on all pairs. Each picture has a line on how to read
it and one on what to conclude.

The colours mean the same everywhere. Blue is the network, orange is the decomposition (and the
word tensor itself), green is a proved lower bound, grey is what lies outside, and red is what was
removed.

Each function takes `ax=` and returns the Axes, so that you can go on drawing on it; `of=` says in
the title which network it is. The code below makes what the pictures are drawn from, in a few
seconds.

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
# Of which net the pictures are, for their titles.
OF = f"a*b over S4, width {CONFIG.width}"


@dataclass(frozen=True)
class Picture:
    """A picture, the name of the function that draws it, and how it is called."""

    name: str
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
        # The page shows this very code, but for the title.
        axes = eval(f"plots.{code[:-1]}, of={OF!r})", given)
        yield Picture(name, f"plots.{code}", axes)


def described(axes: Axes) -> str:
    """Say what is drawn over what, for those who do not see it."""
    across, up = axes.get_xlabel() or "irreps", axes.get_ylabel() or "the parts that are named"
    # The page says of which network all pictures are, and a long title is cut.
    what = axes.get_title(loc="left").partition(": ")[0]
    return f"{what}. Across: {across}. Upwards: {up}."


def page(made: list[Picture]) -> str:
    config = ", ".join(
        f"{name}={json.dumps(getattr(CONFIG, name))}"
        for name in ("group", "word", "width", "fraction", "steps", "l2", "seed", "checkpoints")
    )
    parts = [HEAD.format(width=CONFIG.width, steps=CONFIG.steps, config=config)]
    for picture in made:
        caption = CAPTIONS[picture.name]
        parts.append(f"## {picture.name}\n\n{caption.shows} `{picture.code}`\n")
        parts.append(f"![{described(picture.axes)}]({picture.name}.png)\n")
        parts.append(fill(f"**How to read it.** {caption.read}", 118) + "\n")
        parts.append(fill(f"**What to conclude.** {caption.good}", 118) + "\n")
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
            path, dpi=75, metadata={"Software": None}, pil_kwargs={"optimize": True}
        )
        files.append(path)
    (folder / "index.md").write_text(page(made), encoding="utf-8")
    return [*files, folder / "index.md"]


if __name__ == "__main__":
    for file in build(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER):
        print(file)
