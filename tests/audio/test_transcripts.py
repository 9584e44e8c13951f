# SPDX-License-Identifier: AGPL-3.0-or-later
"""Transcripts: five forms in, four forms out, speakers and times kept, nothing executed."""

import json

import pytest

from podcasts.audio.transcripts import (
    Segment,
    parse_transcript,
    write_html,
    write_json,
    write_srt,
    write_vtt,
)
from podcasts.errors import InvalidError

WANTED = (
    Segment(0, 2_500, "Awa Diallo", "Bonjour à tous, & bienvenue."),
    Segment(2_500, 61_000, "Moussa", "Le fleuve est haut.\nTrès haut."),
    Segment(61_000, 65_000, "Awa Diallo", "شكرا 🎙️ <merci>"),
    Segment(3_600_000, 3_601_250, "Moussa", "À demain."),
)
VTT = """WEBVTT - our own

NOTE written by hand
over two lines

STYLE
::cue { color: red }

1
00:00.000 --> 00:02.500 align:start position:10%
<v.loud Awa Diallo>Bonjour à tous, &amp; bienvenue.</v>

second
00:00:02.500 --> 00:01:01.000
<v Moussa>Le fleuve est <i>haut</i>.
Très <c.red>haut</c>.

00:01:01.000 --> 00:01:05.000
<v Awa Diallo>شكرا 🎙️ &lt;merci&gt;

01:00:00.000 --> 01:00:01.250
<v Moussa>À demain.
"""
SRT = """1
00:00:00,000 --> 00:00:02,500
Awa Diallo: Bonjour à tous, & bienvenue.

2
00:00:02,500 --> 00:01:01,000
Moussa: Le fleuve est <i>haut</i>.
Très haut.

3
00:01:01,000 --> 00:01:05,000
Awa Diallo: شكرا 🎙️ <merci>

4
01:00:00,000 --> 01:00:01,250
Moussa: À demain.
"""


@pytest.mark.parametrize("text", [VTT, VTT.replace("\n", "\r\n"), "\ufeff" + VTT])
def test_webvtt_is_read_with_voices_and_without_its_comments(text: str) -> None:
    parsed = parse_transcript(text.encode())
    assert (parsed.format, parsed.segments, parsed.timed) == ("vtt", WANTED, True)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_subrip_is_read_with_speakers_in_every_encoding(encoding: str) -> None:
    parsed = parse_transcript(SRT.replace("\n", "\r\n").encode(encoding))
    assert (parsed.format, parsed.segments) == ("srt", WANTED)


def test_subrip_of_an_old_windows_is_read() -> None:
    parsed = parse_transcript("1\n00:00:00,000 --> 00:00:01,000\nÉté à l’œuvre\n".encode("cp1252"))
    assert parsed.segments[0].body == "Été à l’œuvre"


@pytest.mark.parametrize("write", [write_vtt, write_srt, write_json])
def test_every_timed_form_comes_back_as_it_was(write: object) -> None:
    assert callable(write)
    assert parse_transcript(write(WANTED).encode()).segments == WANTED


def test_html_keeps_speakers_words_and_whole_seconds() -> None:
    page = write_html(WANTED, "fr", 'A "title" <b>')
    assert "<merci>" not in page
    assert "&lt;merci&gt;" in page
    found = parse_transcript(page.encode())
    assert found.format == "html"
    assert found.timed
    assert [(one.speaker, one.start_ms) for one in found.segments] == [
        (one.speaker, (one.start_ms or 0) // 1000 * 1000) for one in WANTED
    ]
    assert found.segments[1].body.split() == WANTED[1].body.split()


def test_plain_text_has_speakers_and_no_times() -> None:
    text = "Awa : Bonjour.\n\nMoussa : Bonsoir.\n\nAwa : Une question: laquelle ?\n\nSans nom, une phrase."
    found = parse_transcript(text.encode())
    assert (found.format, found.timed) == ("text", False)
    assert [(one.speaker, one.body) for one in found.segments] == [
        ("Awa", "Bonjour."),
        ("Moussa", "Bonsoir."),
        ("Awa", "Une question: laquelle ?"),
        ("", "Sans nom, une phrase."),
    ]


def test_a_sentence_with_a_colon_makes_no_speaker() -> None:
    found = parse_transcript(b"Il dit\n\nUne chose : la pluie vient.\n\nEt puis rien.\n\nFin.")
    assert {one.speaker for one in found.segments} == {""}


def test_foreign_html_is_read_by_its_paragraphs_and_nothing_runs() -> None:
    page = "<html><script>alert(1)</script><p onclick=x()>Un <b>mot</b></p><ul><li>Deux</li></ul><style>p{}</style>"
    found = parse_transcript(page.encode())
    assert [one.body.split() for one in found.segments] == [["Un", "mot"], ["Deux"]]
    assert not found.timed


def test_cues_out_of_order_are_sorted_and_never_end_before_they_begin() -> None:
    text = "WEBVTT\n\n00:05.000 --> 00:01.000\nzwei\n\n00:00.000 --> 00:09.000\neins\n"
    found = parse_transcript(text.encode()).segments
    assert [(one.start_ms, one.end_ms, one.body) for one in found] == [
        (0, 9_000, "eins"),
        (5_000, 5_000, "zwei"),
    ]


@pytest.mark.parametrize(
    ("data", "code", "line"),
    [
        (b"", "transcript-unreadable", None),
        (b"WEBVTT\n\n", "transcript-unreadable", None),
        (b"WEBVTT\n\n00:xx --> 00:01.000\nhello\n", "transcript-time", 3),
        (b"1\n00:00:00,000 --> 00:00:01,000\na\n\n2\n00:00:0x,000 --> 1\nb\n", "transcript-time", 6),
        (b'{"segments": [{"startTime": -1, "endTime": 2, "body": "a"}]}', "transcript-time", 1),
        (b'{"segments": "none"}', "transcript-unreadable", None),
        (b'{"a": "b", ' + b"[" * 200_000, "transcript-unreadable", None),
        (b"<html></html>", "transcript-unreadable", None),
        (b"x" * 5_000_001, "transcript-too-large", None),
    ],
)
def test_what_cannot_be_read_is_said(data: bytes, code: str, line: int | None) -> None:
    with pytest.raises(InvalidError) as caught:
        parse_transcript(data)
    assert (caught.value.code, caught.value.facts.get("line")) == (code, line)


def test_markup_in_words_and_names_stays_text() -> None:
    nasty = (Segment(0, 1_000, "A > B", "one --> two\n\n<v Eve>three & four"),)
    vtt = write_vtt(nasty)
    again = parse_transcript(vtt.encode()).segments
    assert len(again) == 1
    assert again[0].body == "one --> two\n<v Eve>three & four"
    assert len(parse_transcript(write_srt(nasty).encode()).segments) == 1
    assert json.loads(write_json(nasty))["segments"][0]["body"] == nasty[0].body


CUE = b"WEBVTT\n\n00:00.000 --> 00:01.000\n"
SRT_CUE = b"1\n00:00:00,000 --> 00:00:01,000\n"


# Each took minutes, or for ever, when a pattern looked further than it had to: the test's time limit would say so.
@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"1" * 100_000, None),
        (b"a" + b" " * 99_000 + b"b", None),
        (CUE + b"<" * 4_000_000, None),
        (CUE + b"<v " * 1_300_000, None),
        (CUE + b"<v" + b" " * 4_000_000, None),
        (SRT_CUE + b"<b " * 1_300_000, None),
        (b"".join(b"n%d: x\n" % number for number in range(15_000)), None),
        (b"a: b\n" * 900_000, "transcript-too-many"),
        (b"WEBVTT\n\n" + b"0 --> 1\n<v a>b\n\n" * 51_000, "transcript-too-many"),
        (b"WEBVTT\n\n0 --> 1\n" + b"<v a>b" * 51_000, "transcript-too-many"),
        (b"<html>" + b"<p>a" * 151_000, "transcript-too-many"),
        (b"<html>" + b"<blockquote>a" * 350_000, "transcript-unreadable"),
        (b"<html>" + b"<ul><li>a" * 400_000, "transcript-unreadable"),
        (b"<html>" + b"<cite>a" * 400_000, "transcript-unreadable"),
    ],
    ids=lambda value: repr(value[:12]) if isinstance(value, bytes) else str(value),
)
def test_what_was_made_to_keep_us_busy_does_not(data: bytes, code: str | None) -> None:
    if code is None:
        assert parse_transcript(data).segments
        return
    with pytest.raises(InvalidError) as caught:
        parse_transcript(data)
    assert caught.value.code == code


def test_a_list_inside_a_list_is_read_once_and_whole() -> None:
    page = "<html><blockquote>Avant<p>Un</p>Après</blockquote><ul><li>Deux<ul><li>Trois</li></ul></li></ul></html>"
    found = parse_transcript(page.encode())
    assert [one.body.split() for one in found.segments] == [["Avant", "Après"], ["Un"], ["Deux"], ["Trois"]]
