# SPDX-License-Identifier: AGPL-3.0-or-later
"""Article addresses: one article, one key, however its address is spelled."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podcasts.article_urls import article_key, article_url
from podcasts.errors import InvalidError

KEY = "https://gazette.example/2026/le-fleuve"
SAME = [
    "https://gazette.example/2026/le-fleuve",
    "http://gazette.example/2026/le-fleuve",
    "HTTPS://Gazette.Example/2026/le-fleuve",
    "https://gazette.example/2026/le-fleuve/",
    "https://gazette.example/2026/le-fleuve//",
    "https://gazette.example:443/2026/le-fleuve",
    "http://gazette.example:80/2026/le-fleuve",
    "https://gazette.example./2026/le-fleuve",
    "https://gazette.example/2026/le-fleuve#comments",
    "https://gazette.example/2026/le-fleuve?",
    "https://gazette.example/2026/le-fleuve?utm_source=x&utm_medium=social",
    "https://gazette.example/2026/le-fleuve?UTM_Campaign=x",
    "https://gazette.example/2026/le-fleuve/?fbclid=IwAR0abc",
    "https://gazette.example/2026/le-fleuve?gclid=1&_ga=2&mc_cid=3",
    "https://gazette.example/2026/le-fleuve?xtor=RSS-1#xtor=RSS-1",
    "https://gazette.example/2026/./le-fleuve",
    "https://gazette.example/2025/../2026/le-fleuve",
    "https://gazette.example/../2026/le-fleuve",
    "https://gazette.example/2026/le%2Dfleuve",
    "https://gazette.example/2026/%6ce-fleuve",
    "  https://gazette.example/2026/le-fleuve\n",
]
OTHERS = [
    ("https://gazette.example/", "https://gazette.example"),
    ("https://gazette.example", "https://gazette.example"),
    ("https://www.gazette.example/a", "https://www.gazette.example/a"),
    ("https://gazette.example/A", "https://gazette.example/A"),
    ("https://gazette.example/?p=12&utm_source=x", "https://gazette.example?p=12"),
    ("https://gazette.example/a?b=2&a=1", "https://gazette.example/a?b=2&a=1"),
    ("https://gazette.example/a?&&b=2", "https://gazette.example/a?b=2"),
    ("https://gazette.example:8443/a", "https://gazette.example:8443/a"),
    ("http://gazette.example:8080/a/", "https://gazette.example:8080/a"),
    ("https://gazette.example/été", "https://gazette.example/%C3%A9t%C3%A9"),
    ("https://gazette.example/%c3%a9t%C3%A9", "https://gazette.example/%C3%A9t%C3%A9"),
    ("https://gazette.example/a%2Fb", "https://gazette.example/a%2Fb"),
    ("https://gazette.example/100%", "https://gazette.example/100%25"),
    ("https://gazette.example/100%25", "https://gazette.example/100%25"),
    ("https://gâzette.example/a", "https://xn--gzette-wta.example/a"),
    ("https://xn--gzette-wta.example/a", "https://xn--gzette-wta.example/a"),
    ("https://مثال.example/خبر", "https://xn--mgbh0fb.example/%D8%AE%D8%A8%D8%B1"),
    ("https://[2001:DB8::1]/a", "https://[2001:db8::1]/a"),
    ("https://192.0.2.7/a", "https://192.0.2.7/a"),
    ("https://gazette.example/a?q=un+deux", "https://gazette.example/a?q=un+deux"),
    ("https://gazette.example/a/b/..", "https://gazette.example/a"),
    ("https://gazette.example/a;v=1", "https://gazette.example/a;v=1"),
    ("https://gazette.example/a?ref=utm_source", "https://gazette.example/a?ref=utm_source"),
]
NO_ADDRESS = [
    *("", " ", "gazette.example/a", "/a", "//gazette.example/a", "javascript:alert(1)", "data:text/html,x"),
    *("ftp://gazette.example/a", "https://", "http:///a", "https://?a", "https://user@gazette.example/"),
    *("https://user:pass@gazette.example/", "https://gazette.example:0/", "https://gazette.example:99999/"),
    *("https://gazette.example:abc/", "https://[::1", "https://[zz]/", "https://gazette example/a"),
    *("https://gazette.example/a b", "https://gazette.example/a\x00", "https://gazette.example/a\x1b[31m"),
    *("https://gazette.example/\ud800", "https://gazette.example\\@evil.example/", "https://-a.example/"),
    *("https://a..example/", "https://" + "a" * 64 + ".example/", "https://gazette.example/<script>"),
    *("https://gazette.example/\u202egnp", "https://gazette.example/\u2028", "https://.../a", "https://%00/"),
]


@pytest.mark.parametrize("spelling", SAME)
def test_every_spelling_of_an_article_has_one_key(spelling: str) -> None:
    assert article_key(spelling) == KEY


@pytest.mark.parametrize(("url", "key"), OTHERS)
def test_what_may_make_a_difference_is_kept(url: str, key: str) -> None:
    assert article_key(url) == key


@pytest.mark.parametrize("text", NO_ADDRESS)
def test_what_is_no_web_address_is_refused(text: str) -> None:
    for clean in (article_key, article_url):
        with pytest.raises(InvalidError) as caught:
            clean(text)
        assert caught.value.code == "not-a-web-address"


@pytest.mark.parametrize("clean", [article_key, article_url])
def test_an_endless_address_is_refused(clean: object) -> None:
    assert callable(clean)
    with pytest.raises(InvalidError) as caught:
        clean("https://gazette.example/" + "a" * 2_000)
    assert caught.value.code == "address-too-long"


@pytest.mark.parametrize(
    ("given_url", "shown"),
    [
        ("http://Gazette.example/a/?utm_source=x#top", "http://gazette.example/a/"),
        ("https://gazette.example", "https://gazette.example/"),
        ("https://gazette.example/été?q=é", "https://gazette.example/%C3%A9t%C3%A9?q=%C3%A9"),
        ("https://gazette.example/a/../b?x=1&fbclid=2", "https://gazette.example/a/../b?x=1"),
        ("http://gazette.example:443/a", "http://gazette.example:443/a"),
    ],
)
def test_the_address_that_is_shown_keeps_its_spelling(given_url: str, shown: str) -> None:
    assert article_url(given_url) == shown


@given(st.text(max_size=200) | st.text(max_size=60).map("https://gazette.example/{}".format))
def test_any_text_gives_an_address_or_the_one_error(text: str) -> None:
    try:
        key, url = article_key(text), article_url(text)
    except InvalidError:
        return
    assert article_key(key) == key
    assert article_key(url) == key
    assert url.isascii()
    assert key.isascii()
