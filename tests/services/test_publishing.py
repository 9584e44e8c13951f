# SPDX-License-Identifier: AGPL-3.0-or-later
"""Episodes: drafted, filled from tags, published, withdrawn, binned and brought back."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from podcasts.bootstrap import Griot
from podcasts.errors import ConflictError, InvalidError, NotFoundError
from podcasts.models import Chapter, Episode, MediaKey
from podcasts.services import publishing
from podcasts.services.actors import SYSTEM
from tests.factories import MORNING, actor_of, make_audio, make_episode, make_show, make_user

TAGS = {"title": "Le fleuve", "comment": "Notes du fichier", "tag_chapters": [{"start_ms": 0, "title": "Un"}]}


def test_a_draft_made_before_its_audio_was_read_is_filled_afterwards(griot: Griot) -> None:
    with griot.database.writing() as session:
        show = make_show(session)
        audio = make_audio(session, status="processing", file_name="prise_3.mp3")
        draft = publishing.create_episode(
            session, SYSTEM, MORNING, show=show.id, given={"audio_id": audio.id}
        )
        assert (draft.title, draft.slug, draft.title_is_provisional) == ("prise 3", "prise-3", True)
        for name, value in TAGS.items():
            setattr(audio, name, value)
        publishing.fill_from_tags(session, audio, MORNING)
        session.commit()
        assert (draft.title, draft.slug, draft.notes) == ("Le fleuve", "le-fleuve", "Notes du fichier")
        assert session.scalars(select(Chapter.title).where(Chapter.episode_id == draft.id)).all() == ["Un"]


def test_what_somebody_wrote_by_hand_stays(griot: Griot) -> None:
    with griot.database.writing() as session:
        show = make_show(session)
        audio = make_audio(session, status="processing")
        given = {"audio_id": audio.id, "title": "À la main"}
        draft = publishing.create_episode(session, SYSTEM, MORNING, show=show.id, given=given)
        audio.title = "Du fichier"
        publishing.fill_from_tags(session, audio, MORNING)
        assert draft.title == "À la main"


def test_an_episode_comes_back_under_its_address_and_guid(griot: Griot) -> None:
    with griot.database.writing() as session:
        episode = make_episode(session, make_show(session))
        before = (episode.slug, episode.guid, episode.published_at)
        publishing.withdraw(session, SYSTEM, MORNING, episode=episode.id)
        publishing.publish(session, SYSTEM, MORNING, episode=episode.id)
        assert (episode.slug, episode.guid, episode.published_at) == before


@pytest.mark.parametrize("days", [29, 30])
def test_the_bin_is_emptied_after_thirty_days(griot: Griot, days: int) -> None:
    later = MORNING + timedelta(days=days)
    with griot.database.writing() as session:
        episode = make_episode(session, make_show(session))
        publishing.bin_episode(session, SYSTEM, MORNING, episode=episode.id)
        if days < publishing.BIN_DAYS:
            back = publishing.unbin_episode(session, SYSTEM, later, episode=episode.id)
            assert (back.deleted_at, back.status) == (None, "published")
        else:
            with pytest.raises(NotFoundError):
                publishing.unbin_episode(session, SYSTEM, later, episode=episode.id)


def test_new_audio_of_a_published_episode_must_be_ready_and_gets_a_key_of_its_own(griot: Griot) -> None:
    with griot.database.writing() as session:
        episode = make_episode(session, make_show(session))
        unread, ready = make_audio(session, status="processing"), make_audio(session)
        session.commit()
        for audio_id, code in ((unread.id, "audio-not-ready"), (None, "no-audio")):
            with pytest.raises(ConflictError, match=code):
                publishing.edit_episode(
                    session, SYSTEM, MORNING, episode=episode.id, given={"audio_id": audio_id}
                )
        given = {"audio_id": ready.id}
        publishing.edit_episode(session, SYSTEM, MORNING, episode=episode.id, given=given)
        keys = session.scalars(select(MediaKey.audio_id).where(MediaKey.episode_id == episode.id)).all()
        assert (episode.audio_id, len(keys), ready.id in keys) == (ready.id, 2, True)


def test_nobody_drafts_with_somebody_elses_audio(griot: Griot) -> None:
    with griot.database.writing() as session:
        producer, other = make_user(session), make_user(session)
        show = make_show(session, member=producer)
        own = make_audio(session, uploaded_by_id=producer.id, title="Le fleuve")
        others = make_audio(session, uploaded_by_id=other.id)
        session.commit()
        actor = actor_of(producer)
        with pytest.raises(InvalidError) as refusal:
            publishing.create_episode(session, actor, MORNING, show=show.id, given={"audio_id": others.id})
        assert [problem.code for problem in refusal.value.problems] == ["unknown-audio"]
        made = publishing.create_episode(session, actor, MORNING, show=show.id, given={"audio_id": own.id})
        assert made.created_by_id == producer.id


@pytest.mark.parametrize("given", [{"title": ""}, {"title": None}, {"published_at": None}])
def test_a_published_episode_keeps_its_title_and_time(griot: Griot, given: dict[str, str | None]) -> None:
    with griot.database.writing() as session:
        episode = make_episode(session, make_show(session))
        session.commit()
    with griot.database.writing() as session, pytest.raises(InvalidError):
        publishing.edit_episode(session, SYSTEM, MORNING, episode=episode.id, given=given)
    with griot.database.reading() as session:
        kept = session.get_one(Episode, episode.id)
        assert (kept.title, kept.published_at) == (episode.title, episode.published_at)


@pytest.mark.parametrize(
    "chapter",
    [
        7,
        {},
        {"start_seconds": None},
        {"start_seconds": float("nan")},
        {"start_seconds": True},
        {"start_seconds": [1]},
    ],
)
def test_a_chapter_without_a_start_is_refused(griot: Griot, chapter: object) -> None:
    with griot.database.writing() as session:
        show = make_show(session)
        with pytest.raises(InvalidError) as refusal:
            publishing.create_episode(
                session, SYSTEM, MORNING, show=show.id, given={"title": "x", "chapters": [chapter]}
            )
    assert all(problem.field.startswith("chapters.0") for problem in refusal.value.problems)


@pytest.mark.parametrize(
    ("name", "title"), [("prise_3.mp3", "prise 3"), ("a.b.mp3", "a.b"), ("sans", "sans")]
)
def test_a_files_name_makes_a_title(name: str, title: str) -> None:
    assert publishing.file_title(name) == title
