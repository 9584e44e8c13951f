# SPDX-License-Identifier: AGPL-3.0-or-later
"""Presenting: rows in, faces out. Every word, figure and address of a page for listeners is made here."""

import hashlib
import string
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import accumulate
from zoneinfo import ZoneInfo

from babel import UnknownLocaleError
from markupsafe import Markup

from podcasts.audio.artwork import cover_svg
from podcasts.audio.transcripts import Segment
from podcasts.i18n import Translator, language_name
from podcasts.links import Links
from podcasts.models import (
    Artwork,
    Chapter,
    Cta,
    EpisodeArticle,
    Playlist,
    Section,
    Show,
    Site,
    Transcript,
)
from podcasts.models.audio import LIGHT, LIGHT_OPUS
from podcasts.notes import notes_teaser, render_notes
from podcasts.services.queries import Track, TrackPage
from podcasts.services.transcripts import segments_of
from podcasts.text import ascii_slug, clean_line
from podcasts.units import clock_text
from podcasts.web.faces import (
    ArticleFace,
    ChapterFace,
    CoverFace,
    CtaFace,
    FeedFace,
    LinkFace,
    PageNumbers,
    PassageFace,
    PlaylistFace,
    ShowFace,
    TrackFace,
    TranscriptFace,
)
from podcasts.web.wording import cost_words, date_words, full_date, length_spoken, length_words, size_words

NAMELESS = "Griot"
"""What a site is called until somebody names it."""

_BARS = 11
_HEIGHTS = string.digits + string.ascii_lowercase
_FILE_NAME_LETTERS = 120
_NOT_IN_FILE_NAMES = str.maketrans(dict.fromkeys('/\\:*?"<>|\0', " "))

TRANSCRIPT_CHARACTERS = 200_000
"""How much of a transcript stands on a page: some four hours; the rest is a link away."""

FOLDED_CHARACTERS = 1_200
"""A transcript that is longer is folded up."""

PASSAGE_CHARACTERS = 350
_ENDS = (".", "!", "?", "…", "؟", "»", "”", '"')

EMBED_HEIGHT_PX = 412
"""Height of one episode's player; WordPress gives an embed between 200 and 1000."""

MINI_HEIGHT_PX = 200
"""Height of the smallest player: what WordPress gives the least."""

LIST_HEIGHT_PX = 560
EMBED_WIDTH_PX = 640


@dataclass(frozen=True)
class Presenter:
    """Makes faces for one page.

    Attributes:
        links: our addresses.
        t: the page's language.
        now: the present instant.
        timezone: the newsroom's.
        embedded: inside somebody else's page: addresses are absolute, and sound says that an embed asked for it.
    """

    links: Links
    t: Translator
    now: datetime
    timezone: ZoneInfo
    embedded: bool = False

    def track(self, track: Track, index: int = 1, *, with_bars: bool = False) -> TrackFace:
        """Make the face of one sound; its waveform only where it is drawn at once."""
        episode, show, at = track.episode, track.show, track.published_at
        duration_ms = track.audio.duration_ms
        return TrackFace(
            title=track.title,
            page_url=self._track_page(track),
            cover=self._cover(track.artwork, track.audio.cover_bars, _ground(track)),
            clock=clock_text(duration_ms),
            length_words=length_words(duration_ms, self.t),
            length_spoken=length_spoken(duration_ms, self.t),
            size_words=cost_words(track.rendition.size_bytes, self.t),
            light_size_words=cost_words(_lightest_bytes(track), self.t),
            audio_url=self.sound_url(track),
            mime=track.rendition.mime,
            download_name=download_name(track),
            sounds=";".join(
                f"{name} {key} {rendition.extension} {rendition.size_bytes}"
                for name, key, rendition in (
                    ("normal", track.media_key, track.rendition),
                    *((light.rendition.name, light.media_key, light.rendition) for light in track.lights),
                )
            ),
            file_stem=file_stem(track),
            seconds=round((duration_ms or 0) / 1000),
            bars=bars_text(track.audio.peaks) if with_bars else "",
            index=index,
            title_language=self.foreign(track.language),
            artist=track.artist,
            album=track.album,
            show_title=show.title if show else "",
            show_language=self.foreign(show.language) if show else None,
            show_url=self._url(self.links.show(show.slug)) if show else "",
            published_words=date_words(at, self.now, self.t, self.timezone) if episode else "",
            published_full=full_date(at, self.t, self.timezone) if episode else "",
            published_iso=at.isoformat(timespec="seconds").replace("+00:00", "Z") if episode else "",
            summary=summary(track),
            explicit=is_explicit(track),
            sections=tuple(self.section_link(section) for section in track.sections),
            articles=self.articles(track.articles),
            has="c" * track.has_chapters + "t" * track.has_words,
            ctas=ctas(track.ctas),
        )

    def tracks(self, tracks: Sequence[Track], first_index: int = 1) -> tuple[TrackFace, ...]:
        """Make the faces of a list."""
        return tuple(self.track(track, index) for index, track in enumerate(tracks, first_index))

    def sound_url(self, track: Track) -> str:
        """Give the address at which a page plays a sound."""
        url = media_url(self.links, track)
        return f"{url}?source=embed" if self.embedded else self._url(url)

    def show(self, show: Show, episode_count: int) -> ShowFace:
        """Make the face of a show."""
        return ShowFace(
            title=show.title,
            page_url=self._url(self.links.show(show.slug)),
            feed=self.show_feed(show),
            cover=self._cover(show.artwork, None, _mark(show.guid)),
            description=notes_teaser(show.description),
            author=show.author,
            language=self.foreign(show.language),
            episode_count=episode_count,
        )

    def show_feed(self, show: Show) -> FeedFace:
        """Make the face of a show's feed."""
        return FeedFace(self.links.show_feed(show.slug), show.title)

    def playlist(
        self,
        playlist: Playlist,
        tracks: Sequence[Track],
        *,
        shown: Sequence[TrackFace] = (),
        buttons: Sequence[Cta] = (),
    ) -> PlaylistFace:
        """Make the face of a playlist.

        Args:
            playlist: with its artwork.
            tracks: all of it, for its totals.
            shown: the faces that stand on the page.
            buttons: those of the playlist, where they are shown.
        """
        known = [track.audio.duration_ms for track in tracks if track.audio.duration_ms is not None]
        return PlaylistFace(
            title=playlist.title,
            page_url=self._url(self.links.playlist(playlist.slug)),
            cover=self._playlist_cover(playlist, tracks),
            tracks=tuple(shown),
            track_count=len(tracks),
            total_words=length_words(sum(known), self.t) if known else "",
            size_words=size_words(sum(t.rendition.size_bytes for t in tracks), self.t) if tracks else "",
            feed=self.playlist_feed(playlist),
            description=notes_teaser(playlist.description),
            language=self.foreign(playlist.language),
            ctas=ctas(buttons),
        )

    def playlist_feed(self, playlist: Playlist) -> FeedFace | None:
        """Make the face of a playlist's feed; None where it is off."""
        if not playlist.feed_on:
            return None
        return FeedFace(self.links.playlist_feed(playlist.slug), playlist.title)

    def section_feed(self, section: Section) -> FeedFace:
        """Make the face of a section's feed."""
        title = self.t.gettext("%(section)s: all episodes", section=section.name)
        return FeedFace(self.links.section_feed(section.slug), title)

    def articles(self, links: Sequence[EpisodeArticle]) -> tuple[ArticleFace, ...]:
        """Make the faces of an episode's articles, the primary one first."""
        ordered = sorted(links, key=lambda link: link.role != "primary")
        return tuple(self._article(link) for link in ordered)

    def section_link(self, section: Section, *, current: bool = False) -> LinkFace:
        """Make a chip."""
        return LinkFace(section.name, self._url(self.links.section(section.slug)), current=current)

    def chapters(self, chapters: Sequence[Chapter]) -> tuple[ChapterFace, ...]:
        """Make the faces of an episode's chapters."""
        return tuple(
            ChapterFace(clock_text(found.start_ms) or "0:00", found.start_ms // 1000, found.title, found.url)
            for found in chapters
        )

    def transcript(
        self, track: Track, transcript: Transcript | None, others: Sequence[str]
    ) -> TranscriptFace | None:
        """Make the face of an episode's words; None where there are none.

        Args:
            track: the episode.
            transcript: the accepted one that is shown.
            others: languages of those that are not.
        """
        if transcript is None:
            return None
        found = passages(segments_of(transcript))
        characters = list(accumulate(len(passage.text) for passage in found))
        shown = found[: 1 + bisect_right(characters, TRANSCRIPT_CHARACTERS)]

        def whole(language: str) -> str:
            return self._url(self.links.transcript(track.media_key, "html", language))

        return TranscriptFace(
            passages=tuple(shown),
            language=self.foreign(transcript.language),
            long=bool(characters) and characters[-1] > FOLDED_CHARACTERS,
            whole_url=whole(transcript.language) if len(shown) < len(found) else None,
            others=tuple(
                LinkFace(spoken_language(language), whole(language), language=language) for language in others
            ),
        )

    def page_numbers(self, tracks: TrackPage, url: str) -> PageNumbers:
        """Tell where one stands in a long list whose first page is ``url``."""
        pages = max(1, -(-tracks.total // tracks.per_page))
        return PageNumbers(
            page=tracks.page,
            pages=pages,
            previous_url=self._page_url(url, tracks.page - 1) if tracks.page > 1 else None,
            next_url=self._page_url(url, tracks.page + 1) if tracks.page < pages else None,
        )

    def _page_url(self, url: str, page: int) -> str:
        place = self._url(url)
        return place if page == 1 else f"{place}?page={page}"

    def _track_page(self, track: Track) -> str:
        if track.episode is None or track.show is None:
            return ""
        return self._url(self.links.episode(track.show.slug, track.episode.slug))

    def _article(self, link: EpisodeArticle) -> ArticleFace:
        article = link.article
        at = article.published_at
        return ArticleFace(
            url=article.url,
            title=link.label or article.title or article.url,
            site_name=article.site_name or "",
            language=self.foreign(article.language),
            date_words=date_words(at, self.now, self.t, self.timezone) if at else "",
            role_words=self._role_words(link.role),
        )

    def _role_words(self, role: str) -> str:
        words = {
            "related": self.t.gettext("Related"),
            "source": self.t.gettext("Source"),
            "correction": self.t.gettext("Correction"),
        }
        return words.get(role, "")

    def _playlist_cover(self, playlist: Playlist, tracks: Sequence[Track]) -> CoverFace:
        bars = tracks[0].audio.cover_bars if tracks else None
        return self._cover(playlist.artwork, bars, _mark(playlist.guid))

    def _cover(self, artwork: Artwork | None, bars: Sequence[int] | None, mark: "_Mark") -> CoverFace:
        if artwork is not None:
            return CoverFace(
                image_url=self._url(self.links.artwork(artwork.public_key, "page")),
                small_url=self._url(self.links.artwork(artwork.public_key, "small")),
                alt=artwork.alt,
            )
        # Our own drawing: numbers and colours, no text of anybody's.
        return CoverFace(svg=Markup(cover_svg(bars or mark.bars, mark.ground)))  # noqa: S704

    def _url(self, url: str) -> str:
        return url if self.embedded else self.links.path_of(url)

    def foreign(self, language: str | None) -> str | None:
        """Name a language where it is not the page's; on a page from right to left always, where style needs it."""
        alike = language is not None and language.partition("-")[0].lower() == self.t.language
        if alike and self.t.direction == "ltr":
            return None
        return language


def passages(segments: Sequence[Segment]) -> list[PassageFace]:
    """Join captions into passages that can be read: a few sentences each, a new one for each speaker."""
    found: list[PassageFace] = []
    said, speaker = "", ""
    for segment in segments:
        goes_on = bool(said) and segment.start_ms is not None and segment.speaker == speaker
        if goes_on and not _is_long_enough(said):
            said = f"{said} {segment.body}"
            found[-1] = replace(found[-1], text=said)
            continue
        found.append(
            PassageFace(
                text=segment.body,
                speaker="" if found and segment.speaker == speaker else segment.speaker,
                clock=clock_text(segment.start_ms) if segment.start_ms is not None else "",
                start_seconds=(segment.start_ms or 0) // 1000,
            )
        )
        said, speaker = segment.body, segment.speaker
    return found


def _is_long_enough(said: str) -> bool:
    return len(said) > PASSAGE_CHARACTERS * 3 or (len(said) > PASSAGE_CHARACTERS and said.endswith(_ENDS))


def spoken_language(language: str) -> str:
    """Name a language in itself, or by its tag where nobody has a name for it."""
    try:
        return language_name(language.replace("-", "_"))
    except (ValueError, UnknownLocaleError):
        return language


def ctas(rows: Sequence[Cta]) -> tuple[CtaFace, ...]:
    """Make the faces of buttons."""
    return tuple(CtaFace(row.label, row.url, row.icon or "") for row in rows)


def site_title(site: Site) -> str:
    """Name the site."""
    return site.title or NAMELESS


def media_url(links: Links, track: Track) -> str:
    """Give the absolute address of a sound: what feeds, JSON and players fetch."""
    return links.media(track.media_key, file_stem(track), track.rendition.extension)


def file_stem(track: Track) -> str:
    """Name a sound's file in addresses, without its extension."""
    return ascii_slug(track.title) or "episode"


def bars_text(peaks: Sequence[int] | None) -> str:
    """Write a waveform for the player's script: a digit of base 36 for each bar."""
    found = peaks or ()
    # An embed is 640 px wide, where 124 bars find room; each is the loudest of three.
    loudest = [max(found[place : place + 3]) for place in range(0, len(found), 3)]
    return "".join(_HEIGHTS[peak * 35 // 255] for peak in loudest)


def embed_url(links: Links, track: Track) -> str:
    """Give the address of an episode's player; "" for a bare sound."""
    if track.episode is None or track.show is None:
        return ""
    return links.embed_episode(track.show.slug, track.episode.slug)


def download_name(track: Track) -> str:
    """Name the file that a download leaves: "Title - Show.mp3"."""
    words = f"{track.title} - {track.show.title}" if track.show else track.title
    whole = clean_line(words.translate(_NOT_IN_FILE_NAMES), _FILE_NAME_LETTERS).strip(". ")
    return f"{whole or 'episode'}.{track.rendition.extension}"


def summary(track: Track) -> str:
    """Give one or two plain sentences: the episode's own, else the beginning of its notes."""
    episode = track.episode
    if episode is None:
        return ""
    return episode.summary or notes_teaser(episode.notes, episode.notes_format)


def notes_html(track: Track) -> Markup | None:
    """Give the notes as clean HTML; None where there are none."""
    episode = track.episode
    if episode is None or not episode.notes.strip():
        return None
    # render_notes cleans whatever it is given.
    return Markup(render_notes(episode.notes, episode.notes_format)) or None  # noqa: S704


def is_explicit(track: Track) -> bool:
    """Say whether a sound is marked explicit, by itself or by its show."""
    if track.episode is not None and track.episode.explicit is not None:
        return track.episode.explicit
    return track.show.explicit if track.show is not None else False


def picture_url(links: Links, artwork: Artwork | None) -> str:
    """Give a JPEG or PNG that machines can show: the picture, else our sign."""
    return links.artwork(artwork.public_key, "feed") if artwork is not None else links.default_cover()


def player_height(layout: str) -> int:
    """Give the height of one episode's player, by layout; "" is the card."""
    return {"mini": MINI_HEIGHT_PX, "list": LIST_HEIGHT_PX}.get(layout, EMBED_HEIGHT_PX)


def iframe(url: str, title: str, height_px: int, width: int | str = "100%") -> str:
    """Write the code of a player to paste into a page; everything in it is escaped."""
    return str(
        Markup(
            '<iframe src="{url}" title="{title}" width="{width}" height="{height}" loading="lazy" '
            'style="border:0" allow="autoplay; clipboard-write; web-share" '
            'sandbox="allow-scripts allow-same-origin allow-popups allow-popups-to-escape-sandbox allow-downloads" '
            'referrerpolicy="strict-origin-when-cross-origin"></iframe>'
        ).format(url=url, title=title, width=width, height=height_px)
    )


@dataclass(frozen=True)
class _Mark:
    """Bars and ground for what has no sound to draw."""

    bars: tuple[int, ...]
    ground: int


def _lightest_bytes(track: Track) -> int:
    """Say what the version weighs that a player takes first on a dear line (static/player/choice.js)."""
    weights = {one.rendition.name: one.rendition.size_bytes for one in track.lights}
    normal = track.rendition.size_bytes
    return weights.get(LIGHT_OPUS, weights.get(LIGHT, normal))


def _mark(guid: str) -> _Mark:
    digest = hashlib.sha256(guid.encode()).digest()
    return _Mark(tuple(60 + byte * 195 // 255 for byte in digest[:_BARS]), digest[-1])


def _ground(track: Track) -> _Mark:
    mark = _mark(track.show.guid if track.show else track.audio.id)
    return _Mark(mark.bars, track.sections[0].ground) if track.sections else mark
