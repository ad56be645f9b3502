"""Experiments of the papers that take minutes: ``make test-slow``, or one with ``-k``."""

import numpy as np
import pytest

from wordtensor.experiments import recipe, run_recipe
from wordtensor.nets import train

pytestmark = pytest.mark.slow


def test_the_mlp_on_s5_generalises_with_coupled_l2():
    """Their own setting needs tens of thousands of epochs; one seed in five may be slow."""
    runs = [train(config) for config in recipe("chughtai-s5-mlp-fast").full]
    assert sum(run.success_step[0] > 0 for run in runs) >= 4
    assert np.median([run.steps for run in runs]) <= 1500


def test_the_mlp_on_s5_by_the_authors_configuration(tmp_path):
    """An hour on one core, and resumable: wordtensor train --recipe chughtai-s5-mlp -o FOLDER."""
    config = recipe("chughtai-s5-mlp").full[0].replace(seed=2, stop_accuracy=1.0)
    run = train(config, folder=tmp_path / "s5")
    assert run.success_step[0] > 0


@pytest.mark.parametrize("name", ["morwani-z71", "morwani-s3", "morwani-s4", "morwani-parity"])
def test_trained_nets_reach_95_percent_of_gamma_star(name):
    (row,) = run_recipe(name, quick=name != "morwani-s4").rows
    assert 0.95 <= row["median share"] <= 1 + 1e-6


@pytest.mark.parametrize(
    "name", ["shutman-fig2-d8-aab-relu", "shutman-fig2-d8-w8-square", "shutman-fig2-d8-w8-sigmoid"]
)
def test_medians_of_figure_2(name):
    (row,) = run_recipe(name).rows
    assert row["median"] == pytest.approx(recipe(name).published["median"], abs=0.02)
    assert row["best"] == 1


@pytest.mark.parametrize("name", ["fig10-d16", "fig10-z32", "fig10-q8", "block-s3-commutator"])
def test_the_least_width_of_a_block_is_its_rank(name):
    narrow, exact, wide = run_recipe(f"shutman-{name}").rows
    assert narrow["below 1e-6"] == 0
    assert exact["below 1e-6"] > 0.5
    assert wide["below 1e-6"] > 0.5


def test_strassen_at_width_nine_and_the_standard_algorithm_above():
    rows = {row["width"]: row for row in run_recipe("widths-s3").rows}
    assert all(rows[width]["exact"] == 0 for width in (6, 7, 8))
    assert rows[9]["exact"] > 0.5
    counts = [int(rows[w]["<2,2,2>: 7"].split("/")[0]) for w in (9, 12)]
    assert counts[0] > 8 > counts[1]
    assert np.all([rows[w]["exact"] > 0.8 for w in (10, 12, 16)])
