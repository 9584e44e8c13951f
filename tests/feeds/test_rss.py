# SPDX-License-Identifier: AGPL-3.0-or-later
"""RSS: golden pairs, read back by parsers that we did not write; nothing in an item breaks the feed."""

import io
import os
import shutil
import subprocess
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import feedparser
import podcastparser
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from podcasts.feeds.document import Channel, Enclosure
from podcasts.feeds.rss import render_rss, usable_items
from podcasts.i18n import translator
from tests.feeds.samples import BASE, MORNING, SAMPLES, make_channel, make_item

FR = translator("fr")
GOLDEN = Path(__file__).parents[1] / "data" / "feeds"
ITUNES = "{http://www.itunes.com/dtds/podcast-1.0.dtd}"
ATOM = "{http://www.w3.org/2005/Atom}"
PODCAST = "{https://podcastindex.org/namespace/1.0}"


def written(channel: Channel) -> etree._Element:
    """Write a channel and read it as XML; its channel element."""
    root = etree.fromstring(render_rss(channel, FR))
    found = root.find("channel")
    assert found is not None
    return found


@pytest.mark.parametrize("name", SAMPLES)
def test_a_channel_is_written_as_it_was_reviewed(name: str) -> None:
    path = GOLDEN / f"{name}.xml"
    made = render_rss(SAMPLES[name], FR)
    pretty = etree.tostring(etree.fromstring(made), pretty_print=True, encoding="UTF-8")
    if os.environ.get("GRIOT_WRITE_GOLDEN"):
        path.write_bytes(pretty)
    assert pretty == path.read_bytes()


@pytest.mark.parametrize("name", SAMPLES)
def test_other_peoples_parsers_read_it(name: str) -> None:
    channel = SAMPLES[name]
    body = render_rss(channel, FR)
    parsed = feedparser.parse(body)
    assert not parsed.bozo, parsed.get("bozo_exception")
    assert parsed.feed.link == channel.link
    assert len(parsed.entries) == len(channel.items)
    other = podcastparser.parse(channel.self_url, io.BytesIO(body))
    assert {one["guid"] for one in other["episodes"]} == {item.guid for item in channel.items}
    for entry, item in zip(parsed.entries, channel.items, strict=True):
        assert item.enclosure is not None
        assert entry.id == item.guid
        assert (entry.enclosures[0].href, int(entry.enclosures[0].length)) == (
            item.enclosure.url,
            item.enclosure.length_bytes,
        )


@pytest.mark.parametrize("name", SAMPLES)
def test_xmllint_finds_it_well_formed(name: str, tmp_path: Path) -> None:
    xmllint = shutil.which("xmllint")
    if xmllint is None:
        pytest.skip("xmllint is not installed (apt install libxml2-utils)")
    path = tmp_path / "feed.xml"
    path.write_bytes(render_rss(SAMPLES[name], FR))
    run = subprocess.run([xmllint, "--noout", "--nonet", path], check=False, capture_output=True, text=True)
    assert (run.returncode, run.stderr) == (0, "")


def test_the_same_data_give_the_same_bytes() -> None:
    assert render_rss(SAMPLES["whole"], FR) == render_rss(SAMPLES["whole"], FR)


UNUSABLE = {
    "no-enclosure": {"enclosure": None},
    "enclosure-empty": {"enclosure": Enclosure(f"{BASE}/a.mp3", 0, "audio/mpeg")},
    "enclosure-address": {"enclosure": Enclosure("file:///etc/passwd.mp3", 1, "audio/mpeg")},
    "enclosure-type": {"enclosure": Enclosure(f"{BASE}/a.mp3", 1, "video/mp4")},
    "guid": {"guid": ""},
    "link": {"link": "javascript:alert(1)"},
    "time": {"published_at": MORNING.replace(tzinfo=None)},
}


@pytest.mark.parametrize(("reason", "values"), UNUSABLE.items())
def test_an_item_that_cannot_be_used_is_left_out_and_named(reason: str, values: dict[str, object]) -> None:
    channel = make_channel(make_item(1), replace(make_item(2), **values), make_item(3))  # type: ignore[arg-type]  # any field
    kept, dropped = usable_items(channel)
    assert [item.title for item in kept] == ["Épisode 1", "Épisode 3"]
    assert [one.reason for one in dropped] == [reason]
    assert len(written(channel).findall("item")) == 2


def test_a_second_item_with_the_same_guid_or_sound_is_left_out() -> None:
    first = make_item(1)
    same_guid, same_sound = make_item(2, guid=first.guid), make_item(3, enclosure=first.enclosure)
    kept, dropped = usable_items(make_channel(first, same_guid, same_sound))
    assert (len(kept), [one.reason for one in dropped]) == (1, ["twice", "twice"])


def test_the_channels_link_is_the_page_and_not_the_feed() -> None:
    channel = written(make_channel(make_item()))
    assert channel.findtext("link") == f"{BASE}/shows/matin"
    links = channel.findall(f"{ATOM}link")
    assert [(link.get("rel"), link.get("href")) for link in links] == [
        ("self", f"{BASE}/shows/matin/feed.xml")
    ]


def test_explicit_is_true_or_false() -> None:
    for explicit, word in ((True, "true"), (False, "false")):
        channel = written(make_channel(make_item(explicit=explicit), explicit=explicit))
        assert channel.findtext(f"{ITUNES}explicit") == word
        assert channel.findtext(f"item/{ITUNES}explicit") == word


@pytest.mark.parametrize("url", [f"{BASE}/c.jpg?v=3", f"{BASE}/c.jpeg", f"{BASE}/c.PNG"])
def test_no_image_is_dropped_for_its_name(url: str) -> None:
    image = written(make_channel(make_item(image_url=url), image_url=url)).find(f"{ITUNES}image")
    assert image is not None
    assert image.get("href") == url


def test_the_build_date_is_the_datas_and_not_the_clocks() -> None:
    later = written(make_channel(make_item(), built_at=MORNING + timedelta(hours=1)))
    assert later.findtext("lastBuildDate") == "Mon, 23 Nov 2026 09:00:00 +0000"


def test_items_stand_in_the_order_given() -> None:
    titles = [
        one.findtext("title") for one in written(make_channel(make_item(1), make_item(2))).findall("item")
    ]
    assert titles == ["Épisode 1", "Épisode 2"]


def test_a_double_quote_in_a_category_breaks_nothing() -> None:
    item = written(SAMPLES["whole"]).find("item")
    assert item is not None
    assert [one.text for one in item.findall("category")] == ["Mali", 'Dit "le fleuve"']


def test_articles_stand_in_the_notes_and_as_links() -> None:
    item = written(SAMPLES["whole"]).find("item")
    assert item is not None
    notes = item.findtext("{http://purl.org/rss/1.0/modules/content/}encoded") or ""
    assert (
        'À lire : <a href="https://gazette.example/a">L&#x27;eau &lt;monte&gt;</a>, La Gazette, 2026-11-23'
        in notes
    )
    assert 'Source : <a href="https://agence.example/c">Dépêche</a>' in notes
    links = [(link.get("rel"), link.get("href")) for link in item.findall(f"{ATOM}link")]
    assert links == [("related", "https://gazette.example/b"), ("via", "https://agence.example/c")]


@pytest.mark.parametrize(
    ("language", "read", "source"), [("ar", "للقراءة:", "المصدر:"), ("pt", "A ler:", "Fonte:")]
)
def test_a_feed_speaks_the_language_of_its_show(language: str, read: str, source: str) -> None:
    item = etree.fromstring(render_rss(SAMPLES["whole"], translator(language))).find("channel/item")
    assert item is not None
    notes = item.findtext("{http://purl.org/rss/1.0/modules/content/}encoded") or ""
    assert f'{read} <a href="https://gazette.example/a">' in notes
    assert f'{source} <a href="https://agence.example/c">' in notes


def test_a_derived_feed_says_that_no_directory_should_list_it() -> None:
    channel = written(SAMPLES["derived"])
    assert (channel.findtext(f"{ITUNES}block"), channel.findtext(f"{PODCAST}block")) == ("Yes", "yes")
    assert written(SAMPLES["whole"]).find(f"{ITUNES}block") is None


def test_without_an_e_mail_there_is_no_owner() -> None:
    assert written(make_channel(owner_name="La Gazette")).find(f"{ITUNES}owner") is None


def test_descriptions_stay_within_four_thousand_bytes() -> None:
    channel = written(make_channel(make_item(summary="é" * 5_000), description="مرحبا " * 2_000))
    for text in (channel.findtext("description"), channel.findtext("item/description")):
        assert text
        assert len(text.encode()) <= 4_000


@settings(max_examples=60, deadline=None)
@given(st.text(), st.text(), st.text(), st.text())
def test_any_text_anywhere_gives_a_feed_with_every_item(
    title: str, summary: str, notes: str, name: str
) -> None:
    item = make_item(1, title=title, summary=summary, notes_html=notes, author=name, categories=(name,))
    channel = make_channel(item, make_item(2), title=title, description=summary, author=name, copyright=name)
    assert len(written(channel).findall("item")) == 2
