"""The check of the built site sees what is wrong with it, and nothing else."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "scripts"))

from check_site import faults

RIGHT = '<h1 id="top">A</h1><h2>B</h2><h1>C</h1><a href="#top">t</a><a href="b/">b</a>'


@pytest.fixture
def faults_of(tmp_path):
    def check(body, style=""):
        for folder in ("b", "_static"):
            (tmp_path / folder).mkdir()
        (tmp_path / "index.html").write_text(body)
        (tmp_path / "b" / "index.html").write_text('<a href="../index.html">back</a>')
        (tmp_path / "_static" / "site.css").write_text(style)
        return list(faults(tmp_path.resolve()))

    return check


def test_a_site_without_faults(faults_of):
    assert faults_of(RIGHT + '<a href="https://pypi.org">p</a><img src="data:," alt="dot">') == []


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ('<a href="c.html">c</a>', "c.html is not there"),
        ('<a href="index.html#no">c</a>', "names no place"),
        ('<a href="#no">c</a>', "names no place"),
        ('<script src="https://cdn.example/x.js"></script>', "at another host"),
        ('<link href="//cdn.example/x.css">', "at another host"),
        ('<img src="b/index.html">', "has no words"),
        ("<h1>A</h1><h3>B</h3>", "level 3 follows one of level 1"),
    ],
)
def test_each_fault_is_told(faults_of, body, words):
    (fault,) = faults_of(body)
    assert fault.startswith("index.html: ")
    assert words in fault


def test_a_style_that_asks_another_host(faults_of):
    style = '@font-face { src: url("https://fonts.example/a.woff2"); } a { b: url(c.png) }'
    (fault,) = faults_of(RIGHT, style)
    assert fault == "_static/site.css: https://fonts.example/a.woff2 is at another host"
