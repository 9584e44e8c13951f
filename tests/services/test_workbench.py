# SPDX-License-Identifier: AGPL-3.0-or-later
"""The workbench shows drafts and failures to those who work on them, in a bounded number of questions."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from podcasts.bootstrap import Griot
from podcasts.errors import NotFoundError
from podcasts.models import Job
from podcasts.services import workbench
from podcasts.services.actors import SYSTEM
from tests.conftest import recorded_queries
from tests.factories import (
    MORNING,
    actor_of,
    make_article,
    make_audio,
    make_episode,
    make_playlist,
    make_show,
    make_user,
)

LISTS: dict[str, tuple[Callable[[Session], object], int]] = {
    "shows": (lambda session: workbench.shows(session, SYSTEM), 3),
    "episodes": (lambda session: workbench.episodes(session, SYSTEM, MORNING), 9),
    "playlists": (lambda session: workbench.playlists(session, SYSTEM), 4),
    "audio": (lambda session: workbench.audios(session, SYSTEM), 3),
    "sections": (workbench.sections, 2),
    "articles": (workbench.articles, 2),
}


@pytest.mark.parametrize(("ask", "at_most"), LISTS.values(), ids=LISTS.keys())
def test_a_list_costs_the_same_however_long_it_is(
    griot: Griot, ask: Callable[[Session], object], at_most: int
) -> None:
    with griot.database.writing() as session:
        for number in range(20):
            episode = make_episode(session, make_show(session))
            make_article(session, f"https://gazette.example/{number}", episode=episode)
            make_playlist(session, [episode])
        session.commit()
    with griot.database.reading() as session, recorded_queries(griot.database.engine) as queries:
        ask(session)
    assert 0 < queries.count <= at_most


def test_episodes_are_found_by_status_and_words(griot: Griot) -> None:
    with griot.database.writing() as session:
        show = make_show(session)
        make_episode(session, show, title="Brouillon 100%", status="draft", published_at=None)
        make_episode(session, show, title="Demain", published_at=MORNING + timedelta(days=1))
        make_episode(session, show, title="En ligne")
        make_episode(session, show, title="Retiré", status="withdrawn")
        make_episode(session, show, title="À la corbeille", deleted_at=MORNING)
        session.commit()

        def titles(**wanted: Any) -> set[str]:
            return {row.title for row in workbench.episodes(session, SYSTEM, MORNING, **wanted).rows}

        assert {
            status: titles(status=status) for status in ("draft", "scheduled", "published", "withdrawn")
        } == {
            "draft": {"Brouillon 100%"},
            "scheduled": {"Demain"},
            "published": {"En ligne"},
            "withdrawn": {"Retiré"},
        }
        assert titles(words="LIGNE") == {"En ligne"}
        # Signs that mean something to SQL mean themselves here.
        assert (titles(words="%"), titles(words="_")) == ({"Brouillon 100%"}, set())
        assert len(titles()) == 4


def test_a_job_is_its_starters_and_the_admins(griot: Griot) -> None:
    with griot.database.writing() as session:
        starter, other = make_user(session), make_user(session)
        admin = make_user(session, role="admin")
        session.add(
            Job(
                id="j",
                kind="read-audio",
                subject_id="a",
                not_before=MORNING,
                created_by_id=starter.id,
                created_at=MORNING,
            )
        )
        session.commit()
        assert workbench.job(session, actor_of(starter), "j").id == "j"
        assert workbench.job(session, actor_of(admin), "j").id == "j"
        with pytest.raises(NotFoundError):
            workbench.job(session, actor_of(other), "j")


def test_audio_is_its_uploaders_and_theirs_who_work_on_its_episode(griot: Griot) -> None:
    with griot.database.writing() as session:
        uploader, colleague, stranger = (make_user(session) for _ in range(3))
        audio = make_audio(session, uploaded_by_id=uploader.id)
        make_episode(session, make_show(session, member=colleague), audio=audio)
        session.commit()
        totals = [workbench.audios(session, actor_of(user)).total for user in (uploader, colleague, stranger)]
    assert totals == [1, 1, 0]


def test_a_page_behind_the_last_is_empty_and_a_page_is_never_endless(griot: Griot) -> None:
    with griot.database.writing() as session:
        make_show(session)
        session.commit()
        behind = workbench.shows(session, SYSTEM, page=10**6, per_page=10**6)
    assert (behind.rows, behind.total, behind.per_page) == ((), 1, workbench.PER_PAGE_AT_MOST)
