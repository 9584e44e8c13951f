# SPDX-License-Identifier: AGPL-3.0-or-later
"""Shows: whose they are, what is written down, and what stays as it was when something is refused."""

from uuid import UUID

import pytest
from sqlalchemy import select

from podcasts.bootstrap import Griot
from podcasts.errors import InvalidError, NotFoundError, StaleError
from podcasts.links import Links
from podcasts.models import Change, SectionMember, Show, ShowMember, ShowSection
from podcasts.services import shows, workbench
from podcasts.services.actors import SYSTEM
from tests.factories import MORNING, actor_of, make_section, make_show, make_user

GIVEN = {"title": "Matins", "language": "fr"}


def test_whoever_founds_a_show_is_its_first_member(griot: Griot) -> None:
    with griot.database.writing() as session:
        founder = make_user(session)
        show = shows.create_show(session, actor_of(founder), MORNING, links=griot.links, given=GIVEN)
        assert session.get(ShowMember, (show.id, founder.id)) is not None


def test_the_guid_is_of_the_feeds_address_only_where_that_is_public(griot: Griot) -> None:
    inside = Links("http://127.0.0.1:8000")
    with griot.database.writing() as session:
        public, private = (
            shows.create_show(session, SYSTEM, MORNING, links=links, given={**GIVEN, "title": title})
            for links, title in ((griot.links, "Public"), (inside, "Privé"))
        )
    assert (UUID(public.guid).version, UUID(private.guid).version) == (5, 4)


def test_every_change_is_written_down_once(griot: Griot) -> None:
    with griot.database.writing() as session:
        show = shows.create_show(session, SYSTEM, MORNING, links=griot.links, given=GIVEN)
        shows.edit_show(session, SYSTEM, MORNING, show=show.id, given={"title": "Laudes"})
        shows.bin_show(session, SYSTEM, MORNING, show="matins")
        kinds = session.scalars(select(Change.action).where(Change.subject_id == show.id)).all()
    assert sorted(kinds) == ["show.binned", "show.created", "show.edited"]


def test_what_is_refused_leaves_everything_as_it_was(griot: Griot) -> None:
    with griot.database.writing() as session:
        show = make_show(session, title="Matins")
        session.commit()
    given = {"title": "Laudes", "slug": "laudes", "sections": ["nowhere"]}
    with griot.database.writing() as session, pytest.raises(InvalidError):
        shows.edit_show(session, SYSTEM, MORNING, show=show.id, given=given)
    with griot.database.reading() as session:
        assert (session.get_one(Show, show.id).title, session.get_one(Show, show.id).slug) == (
            "Matins",
            show.slug,
        )


def test_an_old_version_is_not_written_over(griot: Griot) -> None:
    with griot.database.writing() as session:
        show = make_show(session)
        session.commit()
        with pytest.raises(StaleError):
            shows.edit_show(session, SYSTEM, MORNING, show=show.id, given={"title": "x"}, version=2)


def test_an_editor_works_on_the_shows_of_his_sections_and_a_producer_on_his_own(griot: Griot) -> None:
    with griot.database.writing() as session:
        section = make_section(session)
        editor, producer = make_user(session, role="editor"), make_user(session)
        of_section, of_producer = make_show(session), make_show(session, member=producer)
        session.add(ShowSection(show_id=of_section.id, section_id=section.id, position=0))
        session.add(SectionMember(section_id=section.id, user_id=editor.id, created_at=MORNING))
        # To be a member of a section makes no editor.
        session.add(SectionMember(section_id=section.id, user_id=producer.id, created_at=MORNING))
        session.commit()
        seen = {
            name: [show.id for show in workbench.shows(session, actor_of(user)).rows]
            for name, user in (("editor", editor), ("producer", producer))
        }
        assert seen == {"editor": [of_section.id], "producer": [of_producer.id]}
        with pytest.raises(NotFoundError):
            shows.edit_show(session, actor_of(producer), MORNING, show=of_section.id, given={})


def test_sections_are_found_by_slug_or_id_and_only_once_each(griot: Griot) -> None:
    with griot.database.writing() as session:
        section = make_section(session, slug="mali")
        assert shows.sections_by_name(session, [section.id]) == [section]
        for names, code in (
            (["mali", section.id], "listed-twice"),
            (["nowhere"], "unknown-section"),
            ([["mali"]], "unknown-section"),
            ([None], "unknown-section"),
            (["mali\x00"], "unknown-section"),
        ):
            with pytest.raises(InvalidError) as refusal:
                shows.sections_by_name(session, names)
            assert [problem.code for problem in refusal.value.problems] == [code]
