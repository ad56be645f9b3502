"""Pictures: on the Axes given or a new figure, without a trace elsewhere, and readable."""

import inspect
import subprocess
import sys
from dataclasses import replace

import matplotlib
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure

import wordtensor as wt
from wordtensor import plots
from wordtensor.compare import compare
from wordtensor.errors import ComparisonError
from wordtensor.plots._captions import CAPTIONS
from wordtensor.plots._style import BOUND, NET, OUTSIDE, REMOVED, SEQUENTIAL, TERMS

from .conftest import HISTORY, every_picture

FUNCTIONS = {name for name, value in vars(plots).items() if inspect.isfunction(value)}


def drawn(ax):
    """Draw everything; warnings are errors here."""
    ax.figure.canvas.draw()
    return ax


def overlapping(labels):
    """Return the neighbours among texts that overlap when drawn."""
    shown = [label for label in labels if label.get_visible() and label.get_text()]
    boxes = [label.get_window_extent() for label in shown]
    return [
        (a.get_text(), b.get_text())
        for a, b, first, second in zip(shown, shown[1:], boxes, boxes[1:], strict=False)
        if first.overlaps(second)
    ]


def test_every_public_function_is_tested(small):
    assert {name for name, _ in every_picture(small)} == FUNCTIONS


@pytest.mark.parametrize("which", ["small", "large"])
def test_pictures_are_drawn_and_the_names_on_them_do_not_overlap(which, request):
    for name, draw in every_picture(request.getfixturevalue(which)):
        ax = drawn(draw())
        assert isinstance(ax, Axes), name
        assert ax.has_data(), name
        assert overlapping(ax.get_xticklabels()) == [], name
        assert overlapping(ax.get_yticklabels()) == [], name


def test_pictures_go_on_the_axes_given(small):
    for name, draw in every_picture(small):
        figure = Figure()
        given = figure.add_subplot()
        assert draw(given) is given, name
        assert given.has_data(), name
        assert draw().figure is not figure, name


def test_settings_stay_as_they_are_and_pyplot_is_not_loaded(small):
    before = dict(matplotlib.rcParams)
    for _, draw in every_picture(small):
        draw()
    assert dict(matplotlib.rcParams) == before
    code = (
        "import sys, wordtensor as wt, wordtensor.plots, wordtensor.report;"
        "print('matplotlib.pyplot' in sys.modules, 'torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


def test_a_narrow_axes_names_only_some_irreps(large):
    ax = Figure(figsize=(3, 2)).add_subplot()
    FigureCanvasAgg(ax.figure)
    plots.logit_similarities(large.gcr, ax)
    drawn(ax)
    assert 1 < len(ax.get_xticklabels()) < 31
    assert overlapping(ax.get_xticklabels()) == []


def test_a_dollar_sign_in_a_name_is_a_dollar_sign(small):
    ax = plots.network_widths(small, of=small.group.name)
    text = ax.get_title(loc="left")
    assert "S3 $x^{2$ \\alpha ?\\n<b>" in text
    drawn(ax)


def test_a_net_without_active_neurons_has_pictures_all_the_same():
    nothing = [np.zeros((6, 4))] * 3
    c = compare(nothing, "a*b", "S3", checkpoints=[(0, nothing)])
    for _, draw in every_picture(c):
        drawn(draw())


def test_the_trivial_group_has_pictures():
    one = [np.ones((1, 1))] * 3
    c = compare(one, "a*b", "C1", checkpoints=[(0, one)])
    for _, draw in every_picture(c):
        drawn(draw())


def test_heat_map_rows_are_the_active_neurons_by_cluster():
    d = wt.decompose("a*b", "S3")
    s = wt.compare.spectrum([np.hstack([F, 0 * F]) for F in d.factors], "a*b", "S3")
    rows = plots.neuron_energies(s, "out").get_images()[0].get_array()
    assert rows.shape == (9, 3)
    assert rows.argmax(axis=1)[:7].tolist() == [2] * 7


def test_predicted_pairs_are_outlined_in_the_map_of_the_logits(small):
    ax = plots.logit_energies(small.logits)
    shown = ax.get_images()[0].get_array()
    assert np.allclose(shown, small.logits.energy.sum(axis=2))
    pairs = {(phi, psi) for phi, psi, _ in small.logits.support}
    (outline,) = ax.get_lines()
    assert int(np.isnan(outline.get_xdata()).sum()) == len(pairs)


def test_interventions_are_cut_to_the_first_of_each_kind(large):
    ax = plots.ablation_effects(large.ablations, most=2)
    assert len(ax.get_yticklabels()) < len(large.ablations)
    assert "more are not shown" in ax.get_xlabel()


def test_training_curves_of_many_instances_show_median_and_range():
    table = np.array([[0.1, 0.3, 0.2], [0.5, 0.9, np.nan]])
    ax = plots.training_curves({"step": [0, 5], "test_accuracy": table})
    assert ax.get_lines()[0].get_ydata() == pytest.approx([0.2, 0.7])
    assert len(ax.collections) == 1
    drawn(ax)


def test_training_curves_take_a_history_without_test_pairs():
    history = wt.nets.train(wt.nets.TrainConfig(width=4, steps=5)).history
    ax = plots.training_curves(history, measure="loss")
    assert [line.get_label() for line in ax.get_lines()] == ["training"]
    assert ax.get_yscale() == "log"
    drawn(ax)


@pytest.mark.parametrize(
    "history",
    [
        {},
        {"step": [1, 2]},
        {"train_accuracy": [1.0]},
        {"step": [1, 2], "train_accuracy": [0.5]},
        {"step": [1, 2], "train_accuracy": np.ones((2, 2, 2))},
    ],
)
def test_histories_that_do_not_fit_are_refused(history):
    with pytest.raises(ComparisonError):
        plots.training_curves(history)


def test_unknown_choices_are_refused(small):
    with pytest.raises(ComparisonError, match="side"):
        plots.neuron_energies(small.spectrum, "top")
    with pytest.raises(ComparisonError, match="measure"):
        plots.ablation_effects(small.ablations, measure="speed")
    with pytest.raises(ComparisonError, match="measure"):
        plots.training_curves(HISTORY, measure="speed")


def test_every_block_has_a_bar_whatever_its_terms_are():
    d = wt.decompose("a*b", "S3")
    found = wt.compare.match(d.factors, d)
    ways = ("decomposition", "standard algorithm", "product frame")
    blocks = [replace(b, against=way) for b, way in zip(found.blocks, ways, strict=True)]
    blocks[1] = replace(blocks[1], status="no transformation found")
    ax = plots.block_matches(replace(found, blocks=tuple(blocks)))
    assert sum(bar.get_width() for bar in ax.patches) == d.rank
    assert [text.get_text().split(", ")[1] for text in ax.texts] == [
        "the decomposition's", "no transformation found", "product frame",
    ]  # fmt: skip
    colours = {to_hex(bar.get_facecolor()): round(bar.get_y()) for bar in ax.patches}
    assert set(colours) == {NET, OUTSIDE}
    assert colours[OUTSIDE] == 1


def test_blocks_stand_in_the_order_of_the_decomposition(small):
    ax = plots.block_matches(small.match, most=2)
    names = [label.get_text() for label in ax.get_yticklabels()]
    places = [int(name.partition("(block ")[2].rstrip(")")) for name in names]
    assert len(places) == 2
    assert places == sorted(places)


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_captions_begin_as_docstrings_do_and_are_whole_sentences(name):
    caption = CAPTIONS[name]
    assert getattr(plots, name).__doc__.partition("\n")[0] == caption.shows
    for said in (caption.shows, caption.read, caption.good):
        assert said[0].isupper() or said.startswith("C ")
        assert said.endswith(".")
    assert not caption.shows.startswith("Draw")
    assert len({caption.shows, caption.read, caption.good}) == 3


def test_every_caption_is_of_a_picture():
    assert set(CAPTIONS) == FUNCTIONS


def test_titles_say_of_which_net(small):
    for name, draw in every_picture(small, of="my net"):
        assert draw().get_title(loc="left").endswith(": my net"), name


def test_small_heat_maps_have_numbers_and_large_ones_a_bar_that_says_what_it_measures(small, large):
    few, many = plots.logit_energies(small.logits), plots.logit_energies(large.logits)
    assert few.texts
    assert len(few.figure.axes) == 1
    assert not many.texts
    for ax, said in (
        (many, "share of the logits' energy"),
        (plots.neuron_energies(small.spectrum), "share of the neuron's energy"),
    ):
        bar = ax.figure.axes[1]
        assert bar.get_xlabel() == said
        drawn(ax)
        assert bar.get_position().y1 < ax.get_position().y0


def test_the_least_of_a_heat_map_is_no_white_and_colours_differ_in_grey():
    assert min(SEQUENTIAL(0.0)[:3]) < 0.93
    grey = [
        np.dot(to_rgb(colour), (0.299, 0.587, 0.114)) for colour in (NET, TERMS, BOUND, REMOVED)
    ]
    assert min(np.diff(sorted(grey))) > 0.03


def test_a_net_whose_logits_are_unlike_every_character_is_drawn():
    chance = wt.compare.randomised(wt.decompose("a*b", "S3").factors, seed=1)
    metrics = wt.compare.gcr_metrics(chance, "S3")
    unlike = replace(metrics, logit_similarity=dict.fromkeys(metrics.logit_similarity, -0.01))
    ax = plots.logit_similarities(unlike)
    low, high = ax.get_ylim()
    assert low < -0.01 < high
    assert [patch.get_height() for patch in ax.patches] == [-0.01] * len(metrics.logit_similarity)


def test_a_comparison_in_the_place_of_its_part_is_refused_in_one_sentence(small):
    parts = {
        "ablation_effects": "c.ablations",
        "block_matches": "c.match",
        "block_ranks": "c.decomposition",
        "coset_counts": "c.cosets[0]",
        "logit_energies": "c.logits",
        "logit_similarities": "c.gcr",
        "neuron_energies": "c.spectrum",
        "neurons_explained": "c.gcr",
        "pruning_curve": "c.pruning",
        "similarity_curves": "c.order",
        "triplet_energies": "c.logits",
        "triplet_shares": "c.spectrum",
        "weights_explained": "c.gcr",
        "concentration_histogram": "coset_concentration",
        "training_curves": "run.history",
    }
    assert {*parts, "network_widths"} == FUNCTIONS
    for name, part in parts.items():
        with pytest.raises(ComparisonError) as told:
            getattr(plots, name)(small)
        assert part in str(told.value) and "Comparison" in str(told.value), name
    with pytest.raises(ComparisonError, match=r"not measured.*c\.match"):
        plots.block_matches(None)
    with pytest.raises(ComparisonError, match="c itself"):
        plots.network_widths(small.spectrum)


def test_a_tie_is_called_so_in_the_legend(small):
    d = small.decomposition
    order = wt.compare.learned_order([(0, [np.zeros((6, 1))] * 3), (9, d.factors)], "S3",
                                     word=d.word)  # fmt: skip
    names = [text.get_text() for text in plots.similarity_curves(order).get_legend().get_texts()]
    assert names[:2] == ["1Rb (step 9, tie)", "2R (step 9, tie)"]
