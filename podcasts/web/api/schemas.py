# SPDX-License-Identifier: AGPL-3.0-or-later
"""Schemas of the REST interface: the shapes that go in and out; what values mean is checked by the services.

Everything is strict: a number is no text, and a field that does not exist is refused. What may be left out is
None here, and is only handed on where it was really given.
"""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class In(BaseModel):
    """Something that comes in."""

    model_config = ConfigDict(extra="forbid", strict=True)

    def given(self) -> dict[str, Any]:
        """List what was really given."""
        return self.model_dump(exclude_unset=True)


class Out(BaseModel):
    """Something that goes out."""


class ShowIn(In):
    """A show, to be founded or changed."""

    title: str | None = None
    description: str | None = Field(default=None, description="Markdown")
    language: str | None = Field(default=None, examples=["fr", "pt-BR"])
    author: str | None = None
    owner_name: str | None = None
    owner_email: str | None = None
    category: str | None = Field(default=None, examples=["News > Politics"])
    explicit: bool | None = None
    type: str | None = Field(default=None, description="episodic or serial")
    link: str | None = None
    copyright: str | None = None
    locked: bool | None = None
    complete: bool | None = None
    funding_url: str | None = None
    funding_label: str | None = None
    new_feed_url: str | None = None
    link_to: str | None = Field(default=None, description="article or episode: where an item's link leads")
    loudness_on: bool | None = Field(default=None, description="Bring encoded renditions to loudness_lufs")
    loudness_lufs: float | int | None = Field(
        default=None, description="Target in LUFS for stereo, -30 to -9; mono is brought 3 LU lower"
    )
    embed_sites: list[str] | None = Field(
        default=None,
        description="On whose pages its players may stand; empty for everywhere",
        examples=[["https://gazette.example", "https://*.gazette.example"]],
    )
    slug: str | None = None
    sections: list[str] | None = Field(default=None, description="Slugs")


class ShowOut(Out):
    """A show."""

    id: str
    slug: str
    guid: str
    title: str
    description: str
    language: str
    author: str
    owner_name: str
    owner_email: str
    category: str | None
    explicit: bool
    type: str
    link: str | None
    link_to: str
    copyright: str
    locked: bool
    complete: bool
    funding_url: str | None
    funding_label: str | None
    new_feed_url: str | None
    loudness_on: bool
    loudness_lufs: float
    embed_sites: list[str]
    sections: list[str]
    artwork_url: str | None
    artwork_alt: str = Field(description="What the picture shows, in words; empty where nobody said")
    url: str
    feed_url: str
    version: int
    created_at: str
    updated_at: str


class ErrorOut(Out):
    """Why something failed, for people."""

    code: str
    message: str


class StepOut(Out):
    """One step of processing: waiting, running, done, failed or skipped."""

    name: str
    status: str
    error: ErrorOut | None = None


class RenditionOut(Out):
    """One form in which an audio is served."""

    name: str
    mime: str
    bytes: int
    bitrate: int | None
    channels: int | None
    loudness_target_lufs: float | None = Field(
        description="What its loudness was brought to; null: left alone"
    )


class AudioOut(Out):
    """An uploaded file and what was read from it."""

    id: str
    sha256: str
    bytes: int
    mime: str
    file_name: str
    status: str = Field(description="processing, ready or failed")
    error: ErrorOut | None = None
    title: str | None
    artist: str | None
    album: str | None
    comment: str | None
    track_number: int | None
    year: int | None
    duration_seconds: float | None
    loudness_lufs: float | None = Field(description="Integrated loudness of the upload (EBU R128)")
    head_silence_seconds: float | None
    tail_silence_seconds: float | None
    private_tags: list[str] = Field(description="Kinds of private matter in the file, which can be taken out")
    chapters: list[dict[str, Any]] = Field(description="As the file has them")
    made_from: str | None = Field(description="Id of the audio that this one was cut or cleaned from")
    artwork_url: str | None
    artwork_alt: str = Field(description="What the picture shows, in words; empty where nobody said")
    steps: list[StepOut]
    renditions: list[RenditionOut]
    created_at: str


class ArticleLinkIn(In):
    """An article that an episode belongs to; linking never fetches anything."""

    url: str
    role: str | None = Field(default=None, description="primary, related, source or correction")
    label: str | None = None

    def given(self) -> dict[str, Any]:
        """Leave out what is None."""
        return self.model_dump(exclude_none=True)


class ChapterIn(In):
    """One chapter."""

    start_seconds: float | int
    title: str = ""
    url: str | None = None
    image: str | None = None


class CtaIn(In):
    """A button beside the player."""

    label: str | None = None
    url: str | None = Field(default=None, description="http, https, mailto or tel")
    icon: str | None = Field(
        default=None, description="subscribe, give, shop, call, write, read, ticket or null"
    )


class EpisodeIn(In):
    """An episode, to be drafted or changed; what is left out comes from the tags."""

    audio_id: str | None = None
    title: str | None = None
    artist: str | None = None
    album: str | None = None
    summary: str | None = None
    notes: str | None = Field(default=None, description="Markdown")
    season: int | None = None
    number: int | None = None
    type: str | None = Field(default=None, description="full, trailer or bonus")
    explicit: bool | None = None
    language: str | None = None
    published_at: str | None = Field(default=None, description="RFC 3339 with an offset")
    slug: str | None = None
    sections: list[str] | None = None
    articles: list[ArticleLinkIn] | None = None
    chapters: list[ChapterIn] | None = None
    ctas: list[CtaIn] | None = Field(default=None, description="At most 5, in their order")

    def given(self) -> dict[str, Any]:
        """List what was really given; links without what they leave out."""
        found = self.model_dump(exclude_unset=True)
        if self.articles is not None:
            found["articles"] = [article.given() for article in self.articles]
        return found


class ChaptersIn(In):
    """All chapters of an episode."""

    chapters: list[ChapterIn]


class ArticlesIn(In):
    """All articles of an episode, in their order."""

    articles: list[ArticleLinkIn]


class PublishIn(In):
    """When to publish; nothing for now."""

    at: str | None = Field(default=None, description="RFC 3339 with an offset")


class EnclosureOut(Out):
    """The sound of an episode, as feeds name it."""

    url: str
    mime: str
    bytes: int


class ChapterOut(Out):
    """One chapter."""

    start_seconds: float
    title: str
    url: str | None = None
    image: str | None = None


class ArticleLinkOut(Out):
    """An article that an episode belongs to."""

    id: str
    url: str
    title: str | None
    role: str
    label: str | None


class CtaOut(Out):
    """A button beside the player."""

    label: str
    url: str
    icon: str | None


class EpisodeShowOut(Out):
    """The show of an episode."""

    id: str
    slug: str
    title: str


class TranscriptOut(Out):
    """The words of an episode in one language."""

    language: str
    format: str = Field(description="As they came: vtt, srt, json, html or text")
    origin: str = Field(description="upload or machine")
    status: str = Field(description="accepted, or draft: seen by producers alone")
    urls: dict[str, str] = Field(description="By form; html alone where the source has no times")


class EpisodeOut(Out):
    """An episode."""

    id: str
    slug: str
    guid: str
    url: str
    embed_url: str
    title: str
    artist: str
    album: str
    summary: str
    notes: str
    status: str = Field(description="draft, scheduled, published or withdrawn")
    published_at: str | None
    season: int | None
    number: int | None
    type: str
    explicit: bool | None
    language: str | None
    show: EpisodeShowOut
    audio_id: str | None
    audio_status: str | None
    duration_seconds: float | None
    enclosure: EnclosureOut | None
    renditions: list[dict[str, Any]] = Field(
        description="Every form: {name, url, mime, bytes, bitrate, channels}; light ones are for dear lines"
    )
    artwork_url: str | None
    artwork_alt: str = Field(description="What the picture shows, in words; empty where nobody said")
    chapters: list[ChapterOut]
    transcripts: list[TranscriptOut]
    articles: list[ArticleLinkOut]
    sections: list[str]
    ctas: list[CtaOut]
    version: int
    created_at: str
    updated_at: str


class SectionIn(In):
    """A section, to be made or changed."""

    name: str | None = None
    kind: str | None = Field(default=None, description="section, country or tag")
    iso: str | None = None
    parent: str | None = Field(default=None, description="Slug of the section above")
    description: str | None = None
    rss_url: str | None = None
    position: int | None = None
    slug: str | None = None


class SectionOut(Out):
    """A section."""

    id: str
    slug: str
    name: str
    kind: str
    iso: str | None
    parent: str | None
    description: str
    rss_url: str | None
    position: int
    url: str
    feed_url: str
    version: int


class ArticleIn(In):
    """An article whose metadata is to be fetched."""

    url: str


class ArticleOut(Out):
    """An article."""

    id: str
    url: str
    title: str | None
    author: str | None
    site_name: str | None
    published_at: str | None
    image_url: str | None
    excerpt: str | None
    terms: list[str]
    language: str | None
    fetch_status: str = Field(description="linked, pending, fetched or failed")
    error: ErrorOut | None = None


class RuleIn(In):
    """What a playlist gathers by itself."""

    section: str | None = None
    show: str | None = None
    tag: str | None = None
    since: str | None = Field(default=None, description="today, a number of days as 7d, or an instant")
    limit: int | None = None


class ItemIn(In):
    """A place in a playlist: one that there is (id), or a new one (episode_id or audio_id)."""

    id: str | None = None
    episode_id: str | None = None
    audio_id: str | None = None
    title: str | None = None
    artist: str | None = None
    album: str | None = None


class PlaylistIn(In):
    """A playlist, to be made or changed."""

    title: str | None = None
    description: str | None = None
    published: bool | None = None
    order: str | None = Field(default=None, description="manual, newest or oldest")
    rule: RuleIn | None = None
    show_artist: bool | None = None
    artist_separator: str | None = None
    feed_on: bool | None = None
    language: str | None = None
    slug: str | None = None
    sections: list[str] | None = None
    items: list[ItemIn] | None = None
    ctas: list[CtaIn] | None = Field(default=None, description="At most 5, in their order")


class ItemsIn(In):
    """The whole order of a playlist."""

    items: list[ItemIn]


class ItemOut(Out):
    """A place in a playlist."""

    id: str | None
    position: int
    episode_id: str | None
    audio_id: str | None
    title: str
    artist: str
    album: str
    duration_seconds: float | None
    public: bool = Field(description="whether listeners see it now")


class PlaylistOut(Out):
    """A playlist."""

    id: str
    slug: str
    guid: str
    title: str
    description: str
    published: bool
    order: str
    rule: dict[str, Any] | None
    show_artist: bool
    artist_separator: str | None
    feed_on: bool
    language: str | None
    sections: list[str]
    artwork_url: str | None
    artwork_alt: str = Field(description="What the picture shows, in words; empty where nobody said")
    url: str
    feed_url: str
    embed_url: str
    ctas: list[CtaOut]
    items: list[ItemOut]
    version: int
    created_at: str
    updated_at: str


class JobOut(Out):
    """A piece of background work."""

    id: str
    kind: str
    status: str = Field(description="queued, running, done or failed")
    done: int
    total: int
    warnings: list[Any]
    steps: list[StepOut]
    error: ErrorOut | None = None


class LanguageIn(BaseModel):
    """Of which language the words are."""

    language: str | None = Field(default=None, description="Default: the episode's, else its show's")


class TranscriptIn(LanguageIn):
    """Which transcript."""

    status: str | None = Field(default=None, description="accepted (the default) or draft")


class TranscriptsOut(Out):
    """The transcripts of an episode."""

    items: list[TranscriptOut]


class TrimIn(In):
    """What stays of a sound."""

    start_seconds: float | int = Field(ge=0, le=1_000_000)
    end_seconds: float | int = Field(ge=0, le=1_000_000)


class ClipIn(In):
    """A piece of an episode."""

    title: str | None = None
    start_seconds: float | int
    duration_seconds: float | int = Field(description="15 to 120")
    fade_in_seconds: float | int | None = None
    fade_out_seconds: float | int | None = None


class ClipOut(Out):
    """A piece of an episode; url and bytes are null until its file is made."""

    id: str
    title: str
    start_seconds: float
    duration_seconds: float
    url: str | None
    bytes: int | None
    error: ErrorOut | None = None


class ClipsOut(Out):
    """The clips of an episode, by their beginnings."""

    items: list[ClipOut]


class PageIn(BaseModel):
    """Which page of a list."""

    page: str | None = Field(default=None, description="From 1")
    per_page: str | None = Field(default=None, description="50; at most 200")


class _Page(Out):
    total: int
    page: int
    per_page: int


class ShowsOut(_Page):
    """A page of shows."""

    items: list[ShowOut]


class EpisodesOut(_Page):
    """A page of episodes."""

    items: list[EpisodeOut]


class AudiosOut(_Page):
    """A page of audio."""

    items: list[AudioOut]


class PlaylistsOut(_Page):
    """A page of playlists, their items left out."""

    items: list[PlaylistOut]


class SectionsOut(_Page):
    """A page of sections."""

    items: list[SectionOut]


class ArticlesOut(_Page):
    """A page of articles."""

    items: list[ArticleOut]


class FaultOut(Out):
    """What is wrong with one field."""

    field: str
    detail: str
    code: str


class ProblemOut(Out):
    """An error (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    errors: list[FaultOut]
