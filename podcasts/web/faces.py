# SPDX-License-Identifier: AGPL-3.0-or-later
"""Faces: what the pages for listeners show, ready-made, so that templates ask and count nothing.

Views fill these from rows; templates only lay them out. Three names reach every template: ``site`` (a
``SiteFace``), ``head`` (a ``Head``) and, on pages for listeners, ``page`` (one of the ``…Page`` classes).
Words (dates, sizes, lengths) are already in the page's language, from ``podcasts.web.wording``. Names and titles
are as stored; templates show them through the filter ``shown``, which mends French spaces for the eye only.
"""

from dataclasses import dataclass, field

from markupsafe import Markup

from podcasts.i18n import figures_of


@dataclass(frozen=True)
class LinkFace:
    """A name that leads somewhere: a section chip, an entry of the menu, a step.

    Attributes:
        name: what is read.
        url: where it leads.
        language: BCP 47 tag of the name; None when it is the page's.
        current: it is the page that is being read.
    """

    name: str
    url: str
    language: str | None = None
    current: bool = False


@dataclass(frozen=True)
class LanguageFace:
    """One entry of the language switch.

    Attributes:
        code: BCP 47 tag ("fr").
        name: the language named in itself ("français").
        url: this page with ``?lang=``.
        current: the page is in this language.
    """

    code: str
    name: str
    url: str
    current: bool = False


@dataclass(frozen=True)
class FeedFace:
    """One feed, for autodiscovery and for links.

    Attributes:
        url: absolute address.
        title: name of the feed.
        mime: ``application/rss+xml``, ``application/feed+json`` …
    """

    url: str
    title: str
    mime: str = "application/rss+xml"


@dataclass(frozen=True)
class SiteFace:
    """The newsroom's site: what stands around every page.

    Attributes:
        title: name of the newsroom.
        home_url: home page.
        source_url: where this program's source is (AGPL-3.0 section 13).
        language: BCP 47 tag of the page's own words.
        direction: "ltr" or "rtl".
        description: one or two sentences, or "".
        feed: feed of all shows; None where there is none.
        opml_url: list of all feeds as OPML; None hides the link.
        languages: the switch; empty hides it.
        menu: links of the header; empty hides it.
        studio_url: door for producers in the footer; None hides it.
        offline_url: page of what this browser keeps; None hides it.
        manifest_url: description of the site as an application; None leaves it out.
        separator: what stands between a title and who is heard.
    """

    title: str
    home_url: str
    source_url: str
    language: str
    direction: str
    description: str = ""
    feed: FeedFace | None = None
    opml_url: str | None = None
    languages: tuple[LanguageFace, ...] = ()
    menu: tuple[LinkFace, ...] = ()
    studio_url: str | None = None
    offline_url: str | None = None
    manifest_url: str | None = None

    separator: str = " – "

    @property
    def figures(self) -> str:
        """The tag by which scripts write figures as the page does ("ar-MA")."""
        return figures_of(self.language)


@dataclass(frozen=True)
class Alternate:
    """The same page in another language (``hreflang``)."""

    language: str
    url: str


@dataclass(frozen=True)
class PlayerCard:
    """The player that a social network may show in the place of a link (twitter:card "player").

    Attributes:
        url: the player's absolute address; ``width_px`` and ``height_px`` its size.
        stream_url: absolute address of the sound alone; None where there is none. ``stream_mime`` its media type.
    """

    url: str
    width_px: int
    height_px: int
    stream_url: str | None = None
    stream_mime: str = ""


@dataclass(frozen=True)
class Head:
    """What a page says about itself to browsers, search engines, chat applications and embedders.

    Meta texts are as stored, without the French display filter.

    Attributes:
        title: title of the document, without the site's name (the template adds it); "" gives the name alone.
        description: one or two plain sentences, or "".
        canonical: absolute address without ``lang``; None on pages that have none (errors, log-in).
        alternates: other languages of this page.
        feeds: feeds to discover, the closest first.
        oembed_json_url: oEmbed 1.0 section 4 discovery; None hides it.
        oembed_xml_url: the same as XML.
        og_type: OpenGraph type: "website", "article", "music.song", "music.playlist" …
        og_image_url: absolute address of a JPEG or PNG; None leaves it out.
        og_image_alt: what the image shows, or "".
        og_audio_url: absolute address of the sound.
        og_audio_mime: its media type.
        player: what may stand in the place of a link; None where the player may not stand on every page.
        json_ld: a whole JSON-LD document, already safe inside ``<script>``; None leaves it out.
        noindex: search engines are asked to leave the page out.
    """

    title: str = ""
    description: str = ""
    canonical: str | None = None
    alternates: tuple[Alternate, ...] = ()
    feeds: tuple[FeedFace, ...] = ()
    oembed_json_url: str | None = None
    oembed_xml_url: str | None = None
    og_type: str = "website"
    og_image_url: str | None = None
    og_image_alt: str = ""
    og_audio_url: str | None = None
    og_audio_mime: str | None = None
    player: PlayerCard | None = None
    json_ld: Markup | None = None
    noindex: bool = False


@dataclass(frozen=True)
class CoverFace:
    """A square picture, or an episode drawn by its own voice.

    Exactly one of ``svg`` and ``image_url`` is given.

    Attributes:
        svg: markup of ``podcasts.audio.artwork.cover_svg``, without an id, so that it may stand twice on a page.
        image_url: the 600 px picture.
        small_url: the 112 px picture for rows; None uses ``image_url``.
        alt: the picture's own words, or "" where the title beside it says enough.
    """

    svg: Markup | None = None
    image_url: str | None = None
    small_url: str | None = None
    alt: str = ""


@dataclass(frozen=True)
class ArticleFace:
    """An article that a sound belongs to.

    Attributes:
        url: its address.
        title: its title, or the label given by the editor, or the address where neither is known.
        site_name: the newspaper's name, or "".
        language: BCP 47 tag of the title; None when not known.
        date_words: its date in words, or "".
        role_words: "Source", "Correction" … in the page's language, or "" for the primary one.
    """

    url: str
    title: str
    site_name: str = ""
    language: str | None = None
    date_words: str = ""
    role_words: str = ""


@dataclass(frozen=True)
class CtaFace:
    """A button beside the player: what it says, where it leads, and the name of its sign or ""."""

    label: str
    url: str
    icon: str = ""


@dataclass(frozen=True)
class TrackFace:
    """One sound with everything a row, a card or a player shows of it.

    Attributes:
        title: never "".
        page_url: its own page; "" for a bare sound of a playlist, which has none.
        cover: its picture.
        clock: length as ``m:ss`` or ``h:mm:ss``; "" while not known.
        length_words: length in short words ("24 min"), or "".
        length_spoken: length as it is said ("24 minutes"), or "".
        size_words: what listening costs ("4,3 Mo"), or "".
        light_size_words: what the lightest version costs, where versions are known; or "".
        audio_url: the sound; None while there is none to play.
        mime: media type of the sound.
        download_name: name of the file that a download leaves.
        sounds: every version for the player's script: "normal KEY mp3 2300000;light …" (name, public key,
            extension, bytes); "" while there is none.
        file_stem: what stands before the extension in their addresses.
        seconds: length in whole seconds; 0 while not known.
        bars: the waveform, a digit of base 36 for each bar; "" where the script may ask for it.
        index: place in its list, from 1.
        title_language: BCP 47 tag of title and summary; None when it is the page's, which is from left to right.
        artist: who is heard, or "".
        album: the album of the tags, or "".
        show_title: name of its show, or "".
        show_language: BCP 47 tag of that name; None when it is the page's.
        show_url: page of its show, or "".
        published_words: date in words ("il y a 3 h"), or "".
        published_full: full date for the title attribute, or "".
        published_iso: RFC 3339, for ``<time datetime>``, or "".
        summary: one or two plain sentences, or "".
        explicit: said beside the title.
        sections: where it belongs.
        articles: what it belongs to, the primary one first.
        has: what the player may fetch when it is asked for: "c" for chapters, "t" for a transcript.
        ctas: its buttons.
    """

    title: str
    page_url: str
    cover: CoverFace
    clock: str = ""
    length_words: str = ""
    length_spoken: str = ""
    size_words: str = ""
    light_size_words: str = ""
    audio_url: str | None = None
    mime: str = "audio/mpeg"
    download_name: str = ""
    sounds: str = ""
    file_stem: str = ""
    seconds: int = 0
    bars: str = ""
    index: int = 1
    title_language: str | None = None
    artist: str = ""
    album: str = ""
    show_title: str = ""
    show_language: str | None = None
    show_url: str = ""
    published_words: str = ""
    published_full: str = ""
    published_iso: str = ""
    summary: str = ""
    explicit: bool = False
    sections: tuple[LinkFace, ...] = ()
    articles: tuple[ArticleFace, ...] = ()
    has: str = ""
    ctas: tuple[CtaFace, ...] = ()


@dataclass(frozen=True)
class ShowFace:
    """A show.

    Attributes:
        title: its name.
        page_url: its page.
        feed: its podcast feed.
        cover: its picture, or bars.
        description: plain text, or "".
        author: who makes it, or "".
        language: BCP 47 tag of its words; None when it is the page's.
        episode_count: how many episodes listeners can hear.
    """

    title: str
    page_url: str
    feed: FeedFace
    cover: CoverFace
    description: str = ""
    author: str = ""
    language: str | None = None
    episode_count: int = 0


@dataclass(frozen=True)
class PlaylistFace:
    """A playlist.

    Attributes:
        title: its name.
        page_url: its page.
        cover: its picture, or bars.
        tracks: in order, at most a page of them.
        track_count: how many there are in all.
        total_words: length of all of them in words ("1 h 12"), or "".
        size_words: bytes of all of them in words, or "".
        feed: its feed; None when it is off.
        files: the same list as M3U8, PLS, XSPF, JSPF (``name`` is the format).
        description: plain text, or "".
        language: BCP 47 tag of its words; None when it is the page's.
        ctas: its buttons.
    """

    title: str
    page_url: str
    cover: CoverFace
    tracks: tuple[TrackFace, ...] = ()
    track_count: int = 0
    total_words: str = ""
    size_words: str = ""
    feed: FeedFace | None = None
    files: tuple[LinkFace, ...] = ()
    description: str = ""
    language: str | None = None
    ctas: tuple[CtaFace, ...] = ()


@dataclass(frozen=True)
class ChapterFace:
    """One chapter: its start as a clock and in whole seconds, its title and, where it has one, its link."""

    clock: str
    start_seconds: int
    title: str
    url: str | None = None


@dataclass(frozen=True)
class PassageFace:
    """What one person says without a break.

    Attributes:
        text: plain; lines may break.
        speaker: whose words follow; "" where it is still the same person, or nobody is named.
        clock: when it is heard; "" where the transcript has no times.
        start_seconds: the same in whole seconds.
    """

    text: str
    speaker: str = ""
    clock: str = ""
    start_seconds: int = 0


@dataclass(frozen=True)
class TranscriptFace:
    """The words of an episode.

    Attributes:
        passages: in order.
        language: BCP 47 tag of the words; None when it is the page's.
        long: it is folded up until somebody asks for it.
        whole_url: all of it, where the page shows but the beginning; None else.
        others: the same in other languages.
    """

    passages: tuple[PassageFace, ...]
    language: str | None = None
    long: bool = False
    whole_url: str | None = None
    others: tuple[LinkFace, ...] = ()


@dataclass(frozen=True)
class PageNumbers:
    """Where one stands in a long list; each address is None at its end."""

    page: int = 1
    pages: int = 1
    previous_url: str | None = None
    next_url: str | None = None


@dataclass(frozen=True)
class HomePage:
    """The home page.

    Attributes:
        latest: newest episodes of all shows; the first is the hero.
        playlist: playlist of the day, or None.
        shows: all public shows.
        sections: chips.
        headlines: newest articles, "À la une"; empty hides the strip.
        studio_url: where an empty site is filled: a producer's next step.
    """

    latest: tuple[TrackFace, ...] = ()
    playlist: PlaylistFace | None = None
    shows: tuple[ShowFace, ...] = ()
    sections: tuple[LinkFace, ...] = ()
    headlines: tuple[ArticleFace, ...] = ()
    studio_url: str = "/studio/"


@dataclass(frozen=True)
class EmbedCode:
    """The code of a player for other people's pages, with the choices that it was made from.

    Attributes:
        player_url: absolute address of the player; ``page_url`` of the page that it stands for.
        preview_path: path of the player on this very host.
        action: path that answers with the code for other choices; the form asks it where no script runs.
        layouts: (value, label, height in px) of each; the first is meant where nothing is chosen.
        themes: (value, label); ``languages`` alike.
        layout: what is chosen; ``theme``, ``accent`` (a colour), ``language`` and ``start`` alike.
        plain_accent: the colour that stands for none of one's own.
        iframe: HTML of a frame.
        script: HTML of our element and its script.
        address: what is pasted into WordPress.
        snippet: JSON-LD for the article that the sound belongs to, or "".
        sites: on whose pages alone the player may stand; empty for everywhere.
        chosen: whether somebody has asked for this code, so that it is open.
    """

    player_url: str
    page_url: str
    preview_path: str
    action: str
    layouts: tuple[tuple[str, str, int], ...]
    themes: tuple[tuple[str, str], ...]
    languages: tuple[tuple[str, str], ...]
    iframe: str
    script: str
    address: str
    layout: str = ""
    theme: str = ""
    accent: str = ""
    language: str = ""
    start: str = ""
    plain_accent: str = ""
    snippet: str = ""
    sites: tuple[str, ...] = ()
    chosen: bool = False


@dataclass(frozen=True)
class EpisodePage:
    """Page of an episode.

    Attributes:
        track: the episode.
        show: its show.
        notes: cleaned HTML (nh3), or None.
        chapters: in order.
        similar: what to hear next.
        embed_code: what to paste into other pages; None hides it.
        embed_url: the player alone.
        transcript: the words; None where there are none.
    """

    track: TrackFace
    show: ShowFace
    notes: Markup | None = None
    chapters: tuple[ChapterFace, ...] = ()
    similar: tuple[TrackFace, ...] = ()
    embed_code: EmbedCode | None = None
    embed_url: str = ""
    transcript: TranscriptFace | None = None


@dataclass(frozen=True)
class ShowPage:
    """Page of a show: one page of its episodes, newest first."""

    show: ShowFace
    episodes: tuple[TrackFace, ...] = ()
    numbers: PageNumbers = field(default_factory=PageNumbers)
    embed_code: EmbedCode | None = None


@dataclass(frozen=True)
class PlaylistPage:
    """Page of a playlist."""

    playlist: PlaylistFace
    numbers: PageNumbers = field(default_factory=PageNumbers)
    embed_code: EmbedCode | None = None


@dataclass(frozen=True)
class SectionPage:
    """Page of a section, a country or a tag.

    Attributes:
        title: its name.
        description: plain text, or "".
        feed: its feed.
        neighbours: chips of other sections; the current one is marked.
        episodes: newest first.
        playlists: playlists of this section; their tracks may be left out.
        numbers: where one stands.
        language: BCP 47 tag of title and description; None when it is the page's.
    """

    title: str
    feed: FeedFace
    description: str = ""
    neighbours: tuple[LinkFace, ...] = ()
    episodes: tuple[TrackFace, ...] = ()
    playlists: tuple[PlaylistFace, ...] = ()
    numbers: PageNumbers = field(default_factory=PageNumbers)
    language: str | None = None


@dataclass(frozen=True)
class EmbedPage:
    """A player inside somebody else's page.

    Attributes:
        kind: "episode", "show" or "playlist".
        title: the episode's, the show's or the playlist's name.
        page_url: the same on our own site.
        tracks: one for an episode; addresses must be absolute.
        track_count: how many there are in all.
        title_language: BCP 47 tag of ``title``; None when it is the page's, which is from left to right.
        total_words: length of all of them in words, or "".
        theme: "light", "dark" or "auto"; light unless asked, as the article around it is.
        layout: "card", "mini" or "list".
        accent_style: a small style sheet of its own, whose hash stands in the policy; "" without an accent.
        base: scheme and host of our addresses, for the script.
        query: what it adds to the addresses of sounds.
        chapters: of the one episode.
        quality: "light" where the page around asks for it, else "".
        separator: what stands between a title and who is heard.
        ctas: buttons of the list; those of an episode stand on its track.
        rest_url: where the tracks after these are, with the same wishes; "" where these are all.
        rest_count: how many they are.
    """

    kind: str
    title: str
    page_url: str
    tracks: tuple[TrackFace, ...] = ()
    track_count: int = 0
    title_language: str | None = None
    total_words: str = ""
    theme: str = "light"
    layout: str = "card"
    accent_style: Markup = field(default_factory=Markup)
    base: str = ""
    query: str = "?source=embed"
    chapters: tuple[ChapterFace, ...] = ()
    quality: str = ""
    separator: str = " – "
    ctas: tuple[CtaFace, ...] = ()
    rest_url: str = ""
    rest_count: int = 0


@dataclass(frozen=True)
class ErrorFace:
    """An error as a page.

    Attributes:
        status: HTTP status code.
        title: what happened, in a few words of the page's language.
        text: what can be done about it.
        code: the machine word, shown small for whoever writes to support.
        steps: where to go from here; the first is the main one.
    """

    status: int
    title: str
    text: str = ""
    code: str = ""
    steps: tuple[LinkFace, ...] = ()
