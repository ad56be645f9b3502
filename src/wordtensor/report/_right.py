"""Is it right? Losses and accuracies, the logits beside the word tensor, and training."""

from collections.abc import Mapping, Sequence
from math import isnan

from numpy.typing import ArrayLike

from .._markup import Markup, element, joined
from ..compare import Comparison, LogitSpectrum
from ..plots import HistoryLike, logit_energies, training_curves
from ._markup import rows_table
from ._pictures import captioned, picture
from ._section import Section, paragraph, short_number, short_share, table_with

History = HistoryLike | Mapping[str, ArrayLike]


def scores_table(
    counts: Sequence[int], accuracies: Sequence[float], losses: Sequence[float]
) -> Markup:
    """Return a table of accuracy and loss on training, test and all pairs."""
    rows = [
        [pairs, count, short_share(accuracy), short_number(loss)]
        for pairs, count, accuracy, loss in zip(
            ("trained on", "not trained on", "all"), counts, accuracies, losses, strict=True
        )
        if not isnan(loss)
    ]
    # Of a net that was trained on everything, one row says it all.
    shown = rows[-1:] if len(rows) == 2 else rows
    heads = ["pairs", "number", "right answers", "cross entropy"]
    return table_with(
        rows_table(heads, shown, "right answers and losses"),
        "Cross entropy is in nats: 0 is certainty of the right answer, and the logarithm of the "
        "number of values is a guess. Logits that equal the word tensor exactly are not at 0, "
        "since they are only 0 and 1.",
    )


def is_it_right(c: Comparison, history: History | None) -> Section:
    """Say how often it is right, and whether its logits are the word tensor."""
    m, pairs = c.gcr, c.group.order**2
    counts = (m.train_pairs, pairs - m.train_pairs, pairs)
    accuracies = (m.train_accuracy, m.test_accuracy, m.all_accuracy)
    losses = (m.train_loss, m.test_loss, m.all_loss)
    scores = scores_table(counts, accuracies, losses)
    maps = [logit_maps(c.logits)] if c.logits is not None else []
    beside = element("div", *maps, scores, class_="row")
    curves = [training(history)] if history is not None else []
    return Section("Is it right?", joined([paragraph(c.exactness()), beside, *curves]))


def training(history: History) -> Markup:
    """Show accuracies and losses over training."""
    curves = [
        picture(
            training_curves(history, measure=measure),
            f"Curves: {measure} over steps.",
            f"training-{measure}",
        )
        for measure in ("accuracy", "loss")
    ]
    return captioned("training_curves", *curves)


def logit_maps(found: LogitSpectrum) -> Markup:
    """Show the logits and the word tensor side by side."""
    maps = [
        picture(
            logit_energies(found, target=target),
            f"Heat map: {what} over pairs of irreps.",
            f"energies-{target:d}",
        )
        for target, what in ((False, "logits"), (True, "word tensor"))
    ]
    return captioned("logit_energies", *maps)
