"""Bars of long calls in a notebook, in a real kernel."""

import subprocess
import sys
from ast import literal_eval
from types import SimpleNamespace

import pytest

from wordtensor._notebook import Bar, drawn, in_notebook
from wordtensor._progress import SEEN, begin_stage, notebook_bar, show_progress, stages

# A thread of the kernel draws the bar: the work waits until it was seen.
WORK = """
import time
import wordtensor as wt
from wordtensor import _notebook
from wordtensor._notebook import Bar

drawn, told, draw, tell_bar = [], [], Bar._draw, Bar.tell
_notebook._PERIOD = 0.01

def watched(bar, bundle):
    drawn.append(bundle)
    draw(bar, bundle)

def heard(bar, text, share):
    told.append((bar.head, text, share))
    tell_bar(bar, text, share)

Bar._draw, Bar.tell = watched, heard

def wait(_=None):
    # Until the bar shows what was just told.
    seen = len(drawn)
    while len(drawn) < seen + 2:
        time.sleep(0.005)
"""

CELLS = {
    "detected": "from wordtensor._notebook import in_notebook; print(in_notebook())",
    "atlas": "drawn.clear(); told.clear(); found = wt.atlas.build(['C2', 'C3'], callback=wait)\n"
    "print(told)",
    "refused": """
drawn.clear()
wt.atlas.build(["C2"], callback=lambda _: time.sleep(0.05), progress=False)
print(len(drawn))
""",
    "decomposed": """
drawn.clear(); told.clear()
d = wt.decompose("[a,b]", "S3", callback=wait, store=wt.cores.Store(()))
print(told)
""",
    "searched": """
drawn.clear(); told.clear()
wt.schemes.search_scheme(2, 2, 2, 7, wt.schemes.FlipOptions(start="standard"), flips=10**6,
                         callback=wait)
print(told)
""",
    "evil": """
from wordtensor._progress import show_progress
drawn.clear(); told.clear()
with show_progress(None, "<script>", str, share=lambda _: 7.0) as tell:
    tell("$x$ <img>")
    wait()
print(drawn[-2]["text/html"])
""",
    "failed": """
drawn.clear(); told.clear()
try:
    with show_progress(None, "h", str) as tell:
        tell(1)
        wait()
        1 / 0
except ZeroDivisionError:
    print(drawn[-1])
""",
    "shown": "wt.decompose('a*b', 'Q8')",
    "formula": "wt.word('a*b^-1')",
}


BARS = ("atlas", "decomposed", "searched")


@pytest.fixture(scope="module")
def outputs():
    """Run the cells in one kernel, and return the outputs of each."""
    pytest.importorskip("ipykernel", reason="needs ipykernel")
    nbclient = pytest.importorskip("nbclient", reason="needs nbclient")
    nbformat = pytest.importorskip("nbformat", reason="needs nbformat")
    code = [nbformat.v4.new_code_cell(source) for source in (WORK, *CELLS.values())]
    notebook = nbformat.v4.new_notebook(cells=code)
    nbclient.NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    return dict(zip(CELLS, (cell.outputs for cell in notebook.cells[1:]), strict=True))


def printed(outputs):
    return "".join(each.text for each in outputs if each.output_type == "stream")


def displayed(outputs):
    return [each.data for each in outputs if each.output_type == "display_data"]


def test_a_kernel_is_known(outputs):
    assert printed(outputs["detected"]) == "True\n"


def test_a_bar_is_shown_without_being_asked_for_and_taken_away(outputs):
    for name in BARS:
        # One display, which was updated; nothing is left of it in the end.
        assert displayed(outputs[name]) == [{"text/html": "", "text/plain": ""}]
        assert not any(each.get("name") == "stderr" for each in outputs[name])


def test_a_bar_can_be_refused(outputs):
    assert printed(outputs["refused"]) == "0\n"
    assert displayed(outputs["refused"]) == []


def test_a_bar_says_what_work_is_at(outputs):
    heard = {name: literal_eval(printed(outputs[name])) for name in BARS}
    heads = {name: {head for head, _, _ in heard[name]} for name in BARS}
    assert heads == {"atlas": {"atlas"}, "decomposed": {"[a,b] over S3"}, "searched": {"<2,2,2>"}}
    assert any(" terms for this block; start " in text for _, text, _ in heard["decomposed"])
    assert any(text.startswith("rank 7, exact 7;") for _, text, _ in heard["searched"])
    assert [text.partition(",")[0] for _, text, _ in heard["atlas"] if " cores, " in text] == [
        f"{k} of 5 cores" for k in range(1, 6)
    ]
    shares = [share for _, _, share in heard["atlas"] if share is not None]
    assert sorted(set(shares)) == [0.2, 0.4, 0.6, 0.8, 1.0]
    assert all(0 <= share for _, _, share in heard["searched"] if share is not None)


def test_a_bar_escapes_what_it_says(outputs):
    html = printed(outputs["evil"])
    assert '<progress value="1.000" max="1"></progress>' in html
    assert "&lt;script&gt;: $x$ &lt;img&gt; (0 s)" in html
    assert "mathjax_ignore" in html


def test_a_bar_goes_when_work_fails(outputs):
    assert printed(outputs["failed"]) == "{'text/html': '', 'text/plain': ''}\n"


def test_values_are_shown_as_tables_and_formulas(outputs):
    decomposition, formula = outputs["shown"][-1], outputs["formula"][-1]
    assert "a*b over Q8 (order 8): rank 12 (optimal)" in decomposition.data["text/html"]
    assert formula.data["text/latex"] == r"$a \, b^{-1}$"


def test_no_bar_outside_of_a_notebook(capsys):
    states = []
    assert not in_notebook()
    with notebook_bar(None, "h"), show_progress(None, "h", str, states.append) as tell:
        begin_stage("a stage")
        tell(1)
    assert states == [1]
    assert capsys.readouterr() == ("", "")


def test_nothing_is_imported_to_know():
    code = (
        "import sys, wordtensor as wt; wt.decompose('a*b', 'C3')\n"
        "print([m for m in sys.modules if m.split('.')[0] in ('IPython', 'ipykernel')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.fixture
def kernel(monkeypatch):
    """Take this for a kernel whose bars nobody draws, and keep them."""
    bars = []
    monkeypatch.setattr("wordtensor._progress.in_notebook", lambda: True)
    monkeypatch.setattr(Bar, "start", lambda bar: bars.append(bar))
    monkeypatch.setattr(Bar, "end", lambda bar: None)
    return bars


def test_a_front_end_that_fails_changes_nothing(monkeypatch):
    def broken(*_, **__):
        raise OSError("the socket is closed")

    display = SimpleNamespace(publish_display_data=broken)
    monkeypatch.setattr("wordtensor._notebook.import_module", lambda _: display)
    bar = Bar("head")
    bar._shown = True
    with pytest.raises(KeyError), drawn(bar):
        raise KeyError
    bar = Bar("head")
    bar._shown = True
    with drawn(bar):
        pass
    assert not bar._thread.is_alive()


def test_without_another_thread_there_is_no_bar(monkeypatch):
    def refuse(_):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr("threading.Thread.start", refuse)
    with drawn(Bar("head")) as bar:
        bar.tell("work", 0.5)
    assert bar._thread.ident is None


def test_a_bar_hears_stages_and_records_pass_as_without_it(kernel, caplog):
    with notebook_bar(None, "outer"):
        begin_stage("stage %d", 1)
        (bar,) = kernel
        assert bar.text == "stage 1"
        with show_progress(None, "inner", str, share=lambda state: state / 4) as tell:
            tell(1)
        assert (bar.text, bar.share) == ("1", 0.25)
        begin_stage("stage 2")
        assert (bar.text, bar.share) == ("stage 2", 0.25)
        with notebook_bar(False, "h"), show_progress(False, "h", str) as tell:
            tell(2)
        assert bar.text == "stage 2"
    assert kernel == [bar]
    assert caplog.records == []
    assert (stages.level, stages.filters) == (0, [])
    caplog.set_level("INFO", "wordtensor.stages")
    with notebook_bar(None, "again"):
        begin_stage("stage 2")
        stages.log(SEEN, "seen")
    assert [record.getMessage() for record in caplog.records] == ["stage 2"]
