"""Markup: text is escaped, whatever it holds, and elements nest."""

from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from wordtensor._markup import Markup, element, joined, text
from wordtensor.report._markup import rows_table


def read(page):
    """Return the texts, and the tags with their attributes, as a browser reads them."""
    texts, tags = [], []

    class Reader(HTMLParser):
        def handle_data(self, data):
            texts.append(data)

        def handle_starttag(self, tag, attributes):
            tags.append((tag, dict(attributes)))

    reader = Reader()
    reader.feed(page)
    reader.close()
    return "".join(texts), tags


@given(st.text(), st.text())
def test_any_text_comes_out_as_text_and_any_attribute_as_one(inside, value):
    page = element("p", inside, title=value)
    page.encode("utf-8")
    shown, tags = read(page)
    # What cannot stand in a page is shown as U+FFFD, and nothing else is changed.
    assert len(shown) == len(inside)
    assert all(a == b or a == "\ufffd" for a, b in zip(shown, inside, strict=True))
    ((tag, attributes),) = tags
    assert (tag, list(attributes)) == ("p", ["title"])
    assert len(attributes["title"]) == len(value)


def test_markup_passes_and_strings_do_not():
    assert text(Markup("<b>")) == "<b>"
    assert joined(["<", Markup("<br>"), 3]) == "&lt;<br>3"
    assert element("img", src="data:,", alt='"') == '<img src="data:," alt="&quot;">'
    assert element("td", "", class_=None) == "<td></td>"
    assert (
        element("div", role="region", aria_label="x") == '<div role="region" aria-label="x"></div>'
    )


def test_columns_of_numbers_are_set_to_the_right():
    page = rows_table(["name", "n", "what"], [["<a>", 1, "x"], ["b", "–", "2"]], "a & b")
    shown, tags = read(page)
    assert "<a>" in shown
    assert [a.get("class") for tag, a in tags if tag in ("th", "td")] == [
        None, "n", None, None, "n", None, None, "n", None,
    ]  # fmt: skip
    assert tags[0][1]["aria-label"] == "a & b"


def test_a_table_without_rows_has_its_heads():
    assert "of b" in rows_table(["of a", "of b"], [], "none")


def test_signs_of_html_are_escaped_in_text():
    assert text('<b> & "quotes"') == "&lt;b&gt; &amp; &quot;quotes&quot;"


def test_an_attribute_may_have_the_name_of_a_keyword():
    assert element("p", "1 < 2", class_="note") == '<p class="note">1 &lt; 2</p>'
