# SPDX-License-Identifier: AGPL-3.0-or-later
"""Models: rows, constraints and small facts. Importing this package makes every table known."""

from podcasts.models.account import (
    ADMIN,
    EDITOR,
    PRODUCER,
    ROLES,
    ApiToken,
    LoginSession,
    SectionMember,
    SetupLink,
    ShowMember,
    User,
)
from podcasts.models.article import Article, ArticleAlias
from podcasts.models.audio import Audio, MediaKey, Rendition
from podcasts.models.change import Change, IdempotencyEntry, SlugEntry
from podcasts.models.cta import Cta
from podcasts.models.episode import Chapter, Clip, Episode, EpisodeArticle, Person, Transcript
from podcasts.models.job import Job, JobStep, WorkerBeat
from podcasts.models.journal import JournalMark, ListeningEvent
from podcasts.models.playlist import Playlist, PlaylistItem
from podcasts.models.section import ArticleSection, EpisodeSection, PlaylistSection, Section, ShowSection
from podcasts.models.show import Show
from podcasts.models.site import SITE_ID, Artwork, Site
from podcasts.models.upload import Upload

__all__ = [
    "ADMIN",
    "EDITOR",
    "PRODUCER",
    "ROLES",
    "SITE_ID",
    "ApiToken",
    "Article",
    "ArticleAlias",
    "ArticleSection",
    "Artwork",
    "Audio",
    "Change",
    "Chapter",
    "Clip",
    "Cta",
    "Episode",
    "EpisodeArticle",
    "EpisodeSection",
    "IdempotencyEntry",
    "Job",
    "JobStep",
    "JournalMark",
    "ListeningEvent",
    "LoginSession",
    "MediaKey",
    "Person",
    "Playlist",
    "PlaylistItem",
    "PlaylistSection",
    "Rendition",
    "Section",
    "SectionMember",
    "SetupLink",
    "Show",
    "ShowMember",
    "ShowSection",
    "Site",
    "SlugEntry",
    "Transcript",
    "Upload",
    "User",
    "WorkerBeat",
]
