"""What is inside the room report: small examples of functions that are not for users."""

from wordtensor.report._markup import element, text


def test_report_markup_text():
    assert text('<b> & "quotes"') == "&lt;b&gt; &amp; &quot;quotes&quot;"


def test_report_markup_element():
    assert element("p", "1 < 2", class_="note") == '<p class="note">1 &lt; 2</p>'
