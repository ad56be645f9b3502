"""Reports: one page that loads nothing, says everything, and takes any name for text."""

import base64
import json
import os
import re
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree
from html.parser import HTMLParser

import numpy as np
import pytest

import wordtensor as wt
from wordtensor.compare.comparison import compare
from wordtensor.errors import FileFormatError
from wordtensor.plots import logit_energies
from wordtensor.report import comparison_html, write_comparison
from wordtensor.report import page as page_module
from wordtensor.report._pictures import picture

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


def test_the_page_is_whole_and_has_every_section(page):
    titles = [
        "Decomposition", "Neurons beside the decomposition's terms", "Representations", "Neurons",
        "Logits over triplets", "Box cover", "Pruning", "Interventions", "Cosets", "Training",
        "Reproduce",
    ]  # fmt: skip
    heads = [link["href"] for link in page.all("a")]
    assert len(heads) == len(titles)
    assert all(title in page.text for title in titles)
    assert [head["id"] for head in page.all("h2")] == [link.removeprefix("#") for link in heads]
    assert page.all("html") == [{"lang": "en"}]
    for number in ("<2,2,2>", "1Rb", "seed 0", wt.__version__):
        assert number in page.text


def test_the_page_loads_nothing(html, page):
    policy = next(m for m in page.all("meta") if "http-equiv" in m)["content"]
    assert policy.startswith("default-src 'none'; img-src data:; style-src 'unsafe-inline'")
    for _, given in page.elements:
        for name in ("src", "href", "srcset", "action", "data", "poster", "background"):
            assert given.get(name, "#").startswith(("#", "data:image/")), given
    for tag in ("link", "iframe", "object", "embed", "base", "form", "svg"):
        assert page.all(tag) == []
    style = re.search("<style>(.*?)</style>", html, re.DOTALL)[1]
    assert not re.search(r"url\(|@import|https?:|//", style)
    assert not re.search("https?:", html)


def test_pictures_say_what_is_on_them_and_load_nothing_either(page):
    images = page.all("img")
    assert len(images) >= 16
    for image in images:
        assert len(image["alt"]) > 15
        kind, _, data = image["src"].partition(";base64,")
        content = base64.b64decode(data, validate=True)
        if kind == "data:image/png":
            assert content[:4] == b"\x89PNG"
            continue
        assert kind == "data:image/svg+xml"
        for part in ElementTree.fromstring(content).iter():
            assert not part.tag.endswith(("script", "foreignObject"))
            for name, value in part.attrib.items():
                if name.rpartition("}")[2] == "href":
                    assert value.startswith(("#", "data:")), value


def test_the_same_picture_is_the_same_text(comparison):
    for vector in (True, False):
        first, second = (
            picture(logit_energies(comparison.logits), "energies", vector=vector) for _ in range(2)
        )
        assert first == second


def test_what_is_not_there_is_left_out():
    arrays = {"left": np.zeros((1, 3)), "right": np.zeros((1, 3)), "readout": np.zeros((3, 1))}
    c = compare(wt.compare.network(arrays, activation="relu"), "a*b*a", "C1")
    page = Page(comparison_html(c))
    assert "over C1 (1 element)" in page.text
    assert "relu neurons are not trilinear" in page.text
    assert "Training" not in page.text
    assert "beside the decomposition's terms" not in page.text
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
