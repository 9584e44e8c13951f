# SPDX-License-Identifier: AGPL-3.0-or-later
"""Playlists: what may stand in them, and whose they are."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from podcasts.bootstrap import Griot
from podcasts.errors import InvalidError, NotFoundError
from podcasts.models import MediaKey, Playlist, PlaylistSection, SectionMember
from podcasts.services import playlists, workbench
from podcasts.services.actors import SYSTEM, Actor
from tests.factories import (
    MORNING,
    actor_of,
    make_audio,
    make_episode,
    make_playlist,
    make_section,
    make_show,
    make_user,
)


def make(griot: Griot, session: Session, actor: Actor, **given: object) -> Playlist:
    """Make a playlist by its service."""
    return playlists.create_playlist(
        session, actor, MORNING, links=griot.links, given={"title": "Journal", **given}
    )


def test_a_bare_audio_is_heard_under_a_key_of_its_place(griot: Griot) -> None:
    with griot.database.writing() as session:
        audio = make_audio(session)
        made = make(griot, session, SYSTEM, items=[{"audio_id": audio.id}, {"audio_id": audio.id}])
        items = workbench.playlist_items(session, made.id)
        keys = session.scalars(select(MediaKey).where(MediaKey.audio_id == audio.id)).all()
        used = {key.playlist_item_id for key in keys if key.playlist_item_id}
    assert used == {item.id for item in items}


def test_a_place_that_goes_takes_its_key_along(griot: Griot) -> None:
    with griot.database.writing() as session:
        playlist = make_playlist(session, [make_audio(session), make_episode(session, make_show(session))])
        _, talk = workbench.playlist_items(session, playlist.id)
        playlists.order_items(session, SYSTEM, MORNING, playlist=playlist.id, items=[{"id": talk.id}])
        assert [item.id for item in workbench.playlist_items(session, playlist.id)] == [talk.id]
        assert session.scalars(select(MediaKey).where(MediaKey.playlist_item_id.is_not(None))).all() == []


def test_one_may_take_in_what_everybody_hears_and_ones_own_drafts(griot: Griot) -> None:
    with griot.database.writing() as session:
        producer = make_user(session)
        own = make_show(session, member=producer)
        heard = make_episode(session, make_show(session))
        hidden = make_episode(session, make_show(session), status="draft", published_at=None)
        draft = make_episode(session, own, status="draft", published_at=None)
        session.commit()
        actor = actor_of(producer)
        items = [{"episode_id": heard.id}, {"episode_id": draft.id}]
        assert make(griot, session, actor, items=items).created_by_id == producer.id
        with pytest.raises(InvalidError) as refusal:
            make(griot, session, actor, items=[*items, {"episode_id": hidden.id}])
        (problem,) = refusal.value.problems
        assert (problem.field, problem.code) == ("items.2.episode_id", "unknown-episode")


def test_a_playlist_is_its_makers_and_its_sections_teams(griot: Griot) -> None:
    with griot.database.writing() as session:
        section = make_section(session)
        maker, mate, stranger = (make_user(session) for _ in range(3))
        session.add(SectionMember(section_id=section.id, user_id=mate.id, created_at=MORNING))
        playlist = make_playlist(session, created_by_id=maker.id)
        session.add(PlaylistSection(playlist_id=playlist.id, section_id=section.id, position=0))
        session.commit()
        for user in (maker, mate):
            playlists.edit_playlist(
                session, actor_of(user), MORNING, playlist=playlist.slug, given={"title": "Journal"}
            )
        with pytest.raises(NotFoundError):
            playlists.edit_playlist(session, actor_of(stranger), MORNING, playlist=playlist.slug, given={})
        with pytest.raises(NotFoundError):
            playlists.bin_playlist(session, actor_of(stranger), MORNING, playlist=playlist.id)


def test_no_place_stands_twice(griot: Griot) -> None:
    with griot.database.writing() as session:
        playlist = make_playlist(session, [make_audio(session)])
        (item,) = workbench.playlist_items(session, playlist.id)
        with pytest.raises(InvalidError) as refusal:
            playlists.order_items(
                session, SYSTEM, MORNING, playlist=playlist.id, items=[{"id": item.id}, {"id": item.id}]
            )
    assert [problem.code for problem in refusal.value.problems] == ["listed-twice"]


@pytest.mark.parametrize("items", [None, "abc", {"a": 1}, [7], [["a"]], [{"id": 7}], [{"new": 1}]])
def test_items_of_any_other_shape_are_refused(griot: Griot, items: object) -> None:
    with griot.database.writing() as session:
        playlist = make_playlist(session)
        with pytest.raises(InvalidError) as refusal:
            playlists.order_items(session, SYSTEM, MORNING, playlist=playlist.id, items=items)
    assert refusal.value.problems[0].field.startswith("items")


@pytest.mark.parametrize("since", ["today", "7d", "2026-11-01T00:00:00Z"])
def test_a_rule_says_since_when(griot: Griot, since: str) -> None:
    with griot.database.writing() as session:
        made = make(griot, session, SYSTEM, rule={"since": since})
    assert (made.rule, made.order) == ({"since": since}, "newest")


@pytest.mark.parametrize(
    "rule",
    [
        {"since": "-1d"},
        {"since": "9" * 5_000 + "d"},
        {"since": "soon"},
        {"since": "0001-01-01T00:00:00+14:00"},
        {"limit": 0},
        {"new": 1},
        {"tag": "no"},
    ],
)
def test_a_rule_without_sense_is_refused_where_it_stands(griot: Griot, rule: dict[str, object]) -> None:
    with griot.database.writing() as session, pytest.raises(InvalidError) as refusal:
        make(griot, session, SYSTEM, rule=rule)
    assert [problem.field for problem in refusal.value.problems] == [f"rule.{next(iter(rule))}"]
