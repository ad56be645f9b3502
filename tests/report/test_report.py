"""Reports: one page that loads nothing, says everything, and takes any name for text."""

import base64
import json
import os
import re
import shutil
import struct
import subprocess
from html import escape
from html.parser import HTMLParser

import numpy as np
import pytest

import wordtensor as wt
from wordtensor.compare import compare
from wordtensor.errors import FileFormatError
from wordtensor.plots import logit_energies, neuron_energies
from wordtensor.plots._captions import CAPTIONS
from wordtensor.plots._style import ON_PALE
from wordtensor.report import comparison_html, write_comparison
from wordtensor.report import page as page_module
from wordtensor.report._pictures import COLOURS, picture

HOSTILE = "S3 <script>alert(1)</script> & \"q\" 'p' <img src=x onerror=alert(2)>"
FILE = "\"quoted\" <b>net</b> 'x'.npz"
VOID = {"meta", "img", "br"}
HISTORY = {
    "step": [0, 1, 2],
    "train_loss": [1.0, 0.5, 0.1],
    "test_loss": [np.nan] * 3,
    "train_accuracy": [0.1, 0.5, 1.0],
    "test_accuracy": [np.nan] * 3,
}


class Page(HTMLParser):
    """The elements and the text of a page; tags must be balanced."""

    def __init__(self, page):
        super().__init__()
        self.open, self.elements, self.texts = [], [], []
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] != "style":
            self.texts.append(data)

    @property
    def text(self):
        return " ".join(self.texts)

    def all(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]


def hostile():
    G = wt.Group.from_cayley(wt.group("S3").cayley, name=HOSTILE)
    d = wt.decompose("a*b", G)
    early = [F[:, :2] for F in d.factors]
    checkpoints = [(0, early), (10, d.factors)]
    return compare(d.factors, "a*b", G, decomposition=d, checkpoints=checkpoints, name=FILE)


@pytest.fixture(scope="module")
def comparison():
    return hostile()


@pytest.fixture(scope="module")
def html(comparison):
    return comparison_html(comparison, HISTORY, command="wordtensor compare '<x>'")


@pytest.fixture(scope="module")
def page(html):
    return Page(html)


def test_names_and_files_are_text(page):
    assert HOSTILE in page.text
    assert FILE in page.text
    assert "wordtensor compare '<x>'" in page.text
    assert page.all("script") == []
    assert page.all("b") == []
    assert not any(name.startswith("on") for _, given in page.elements for name in given)


QUESTIONS = [
    "Is it right?", "What does it use?", "How many neurons does it need?",
    "Which algorithm is it?", "What is proved?", "This page again",
]  # fmt: skip


def test_the_page_goes_from_the_verdict_to_the_evidence_in_the_order_of_the_questions(
    page, html, comparison
):
    heads = [link["href"] for link in page.all("a")]
    assert [head["id"] for head in page.all("h2")] == [link.removeprefix("#") for link in heads]
    assert page.all("html") == [{"lang": "en"}]
    for number in ("<2,2,2>", "1Rb", "seed 0", wt.__version__):
        assert number in page.text
    verdict = [html.index(escape(said)) for said in comparison.verdict()]
    cards = [html.index(name) for name in ("Right answers", "Rank of the word tensor")]
    evidence = [html.index(f">{question}</h2>") for question in QUESTIONS]
    places = [html.index("<h1>"), *verdict, *cards, *evidence]
    assert places == sorted(places)
    for part in ("Triplets of irreps", "Neurons", "Without a part of it", "Cosets"):
        assert evidence[1] < html.index(f"<h3>{part}") < evidence[2]


def test_the_page_has_one_title_of_network_word_and_group(page, html):
    title = f"What {FILE} learned: a*b over {HOSTILE}"
    assert html.count(f">{escape(title)}</") == 2
    assert f"<title>{escape(title)}</title>" in html
    assert f"<h1>{escape(title)}</h1>" in html


def test_a_page_of_a_small_net_is_small(html):
    assert len(html.encode()) < 200_000
    d = wt.decompose("a*b", "S4")
    wide = [np.hstack([F, F[:, :17]]) for F in d.factors]
    assert wide[0].shape == (24, 72)
    assert len(comparison_html(compare(wide, "a*b", "S4", decomposition=d)).encode()) < 400_000


def test_no_card_is_alone_in_its_row(html):
    style = re.search("<style>(.*?)</style>", html, re.DOTALL)[1]
    # One row of cards on a wide screen, one column on a narrow one.
    assert "dl.cards { display: grid; grid-auto-flow: column" in style
    assert "dl.cards { display: block; }" in style
    cards = html[html.index('<dl class="cards">') : html.index("</dl>")]
    assert cards.count("<dt>") == 4


def test_every_picture_has_a_caption_that_says_how_to_read_it(html):
    figures = re.findall("<figure.*?</figure>", html, re.DOTALL)
    assert len(figures) == 14
    for figure in figures:
        (caption,) = [c for c in CAPTIONS.values() if escape(c.shows) in figure]
        assert figure.index("</svg>") < figure.index(escape(caption.shows))
        assert escape(caption.read) in figure
        assert escape(caption.good) in figure
        assert all(text not in figure.partition("<figcaption")[0] for text in (caption.shows,))


def test_on_paper_nothing_is_cut_and_columns_are_one(html):
    paper = html[html.index("@media print") : html.index("</style>")]
    assert ".scroll { overflow: visible;" in paper
    assert "max-height" not in html
    assert "th, td { white-space: normal;" in paper


def test_colours_are_the_palette_and_follow_the_page(page, html):
    style = re.search("<style>(.*?)</style>", html, re.DOTALL)[1]
    for variable, colour in COLOURS.items():
        assert f"{variable}: {colour}" in style.partition("@media")[0]
        assert f"var({variable})" in html
    drawn = html[html.index("</style>") :]
    assert not any(colour in drawn for colour in COLOURS.values())


def test_the_page_loads_nothing(html, page):
    policy = next(m for m in page.all("meta") if "http-equiv" in m)["content"]
    assert policy.startswith("default-src 'none'; img-src data:; style-src 'unsafe-inline'")
    for _, given in page.elements:
        for name in ("src", "href", "srcset", "action", "data", "poster", "background"):
            assert given.get(name, "#").startswith(("#", "data:image/")), given
    for tag in ("link", "iframe", "object", "embed", "base", "form", "foreignobject"):
        assert page.all(tag) == []
    style = re.search("<style>(.*?)</style>", html, re.DOTALL)[1]
    assert not re.search(r"url\(|@import|https?:|//", style)
    assert not re.search("https?:", html)


def test_pictures_say_what_is_on_them_and_their_letters_are_letters(page, html):
    pictures = page.all("svg")
    assert len(pictures) == 19
    for drawn in pictures:
        assert len(drawn["aria-label"]) > 15
        assert drawn["role"] == "img"
    inside = re.findall("<svg.*?</svg>", html, re.DOTALL)
    assert all("<text" in drawn and "font-family" not in drawn for drawn in inside)
    # Ids are of one picture each, and what is referred to is there.
    named = [given["id"] for _, given in page.elements if "id" in given]
    assert len(named) == len(set(named))
    used = re.findall(r"url\(#([^)]*)\)", html) + re.findall(r'<use href="#([^"]*)"', html)
    assert used
    assert set(used) <= set(named)


def test_a_heat_map_is_a_pixel_for_each_cell(comparison):
    drawn = picture(neuron_energies(comparison.spectrum), "neurons", "x")
    data = re.findall('"data:image/png;base64,([^"]*)"', drawn)
    sizes = {struct.unpack(">II", base64.b64decode(each)[16:24]) for each in data}
    assert (3, 9) in sizes


def test_letters_can_be_read_in_the_dark(comparison, html):
    for text in re.findall("<text ([^>]*)>", html):
        assert "fill: #" not in text or text.count(ON_PALE) or text.count("#ffffff")
    # Cells stay pale or dark, and so do the numbers on them.
    cells = picture(logit_energies(comparison.logits), "energies", "x")
    assert cells.count(ON_PALE) + cells.count("#ffffff") == 3


def test_the_same_picture_is_the_same_text(comparison):
    first, second = (picture(logit_energies(comparison.logits), "energies", "x") for _ in range(2))
    assert first == second


def test_a_table_of_values_has_a_page_as_well():
    d = wt.solve(wt.value_table("x/y mod 5"))
    c = wt.compare.compare_table(d.factors, "x/y mod 5", decomposition=d, name="<net>")
    page = Page(comparison_html(c, HISTORY))
    assert "What <net> learned: x/y mod 5" in page.text
    assert "right on all 20 pairs" in page.text
    assert "What is proved?" in page.text
    assert "What does it use?" not in page.text
    assert len(page.all("svg")) == 3


def test_what_is_not_there_is_left_out():
    arrays = {"left": np.zeros((1, 3)), "right": np.zeros((1, 3)), "readout": np.zeros((3, 1))}
    c = compare(wt.compare.network(arrays, activation="relu"), "a*b*a", "C1")
    page = Page(comparison_html(c))
    assert "learned: a*b*a over C1" in page.text
    assert "relu neurons are not trilinear" in page.text
    assert "over training" not in page.text
    assert "Which algorithm is it?" not in page.text
    assert " nan" not in page.text
    assert "wordtensor.compare.compare(net, 'a*b*a', 'C1', seed=0)" in page.text


def test_a_page_is_written_whole_or_not_at_all(comparison, html, tmp_path, monkeypatch):
    monkeypatch.setattr(page_module, "comparison_html", lambda *_, **__: html)
    path = tmp_path / "page.html"
    write_comparison(path, comparison)
    assert path.read_text(encoding="utf-8") == html
    with pytest.raises(FileFormatError):
        write_comparison(tmp_path / "gone" / "page.html", comparison)

    def full(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(FileFormatError, match="No space"):
        write_comparison(path, comparison)
    assert path.read_text(encoding="utf-8") == html
    assert list(tmp_path.iterdir()) == [path]


CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


def opened(content, folder):
    """Open a page in a browser; return its elements, and what it asked others for."""
    folder.mkdir()
    path, log = folder / "page.html", folder / "net.json"
    path.write_text(content, encoding="utf-8")
    done = subprocess.run(
        [
            CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
            "--no-first-run", "--disable-background-networking", "--disable-component-update",
            "--disable-sync", f"--user-data-dir={folder / 'profile'}",
            f"--log-net-log={log}", "--window-size=390,1200", "--dump-dom", path.as_uri(),
        ],
        capture_output=True,
        text=True,
        timeout=120,
    )  # fmt: skip
    asked = [event.get("params", {}) for event in json.loads(log.read_text())["events"]]
    # What the browser asks for itself has an initiator that is no origin.
    urls = {
        params["url"]
        for params in asked
        if "url" in params and params.get("initiator", "not an origin") != "not an origin"
    }
    return Page(done.stdout.strip()), {url for url in urls if not url.startswith("data:")}


@pytest.mark.skipif(CHROMIUM is None, reason="no browser to open it in")
def test_a_browser_shows_the_names_and_the_page_asks_for_nothing(html, tmp_path):
    seen, asked = opened(html, tmp_path / "page")
    assert HOSTILE in seen.text
    assert seen.all("script") == []
    assert asked == set()
    # A picture from elsewhere would have been noticed, and the page's policy keeps it out.
    image = "<p><img src='http://example.invalid/x.png' alt=''></p>"
    assert opened(image, tmp_path / "free")[1] == {"http://example.invalid/x.png"}
    policy = re.search("<meta http-equiv[^>]*>", html)[0]
    assert opened(policy + image, tmp_path / "bound")[1] == set()


def test_a_network_without_a_name_is_the_network_and_may_be_named(tmp_path):
    d = wt.decompose("a*b", "S3")
    c = compare(d.factors, "a*b", "S3", decomposition=d)
    assert "<title>What the network learned: a*b over S3</title>" in comparison_html(c)
    write_comparison(tmp_path / "page.html", c, name="<mine>")
    said = (tmp_path / "page.html").read_text()
    assert "<title>What &lt;mine&gt; learned: a*b over S3</title>" in said
    assert c.name == "the network"


def test_a_relu_net_is_not_measured_by_what_holds_for_multiplying_neurons():
    rng = np.random.default_rng(0)
    net = wt.compare.network(tuple(rng.standard_normal((3, 6, 20))), activation="relu")
    c = compare(net, "a*b", "S3")
    page = comparison_html(c)
    assert "found something better" not in page
    assert "only if its neurons multiply" in page and "only if these multiply" in page
    # Trained by cross entropy there is no such column, and nothing that explains it.
    assert "error to T" not in c.ablation_rows()[0] and "Error to T" not in page
    start = page.index("Without a part of it")
    part = page[start : page.index("<h3>", start)]
    # One table, below the picture and not in columns beside it.
    assert part.count("<table>") == 1 and 'class="flow"' not in part
