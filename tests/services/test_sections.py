# SPDX-License-Identifier: AGPL-3.0-or-later
"""Sections are the newsroom's order: who keeps it, and no circle in it."""

import pytest

from podcasts.bootstrap import Griot
from podcasts.errors import InvalidError, NotFoundError
from podcasts.models import SectionMember
from podcasts.services import sections
from podcasts.services.actors import SYSTEM
from tests.factories import MORNING, actor_of, make_section, make_user

GIVEN = {"name": "Mali", "kind": "country", "iso": "ml"}


def test_an_editor_keeps_his_own_sections_and_a_producer_none(griot: Griot) -> None:
    with griot.database.writing() as session:
        editor, producer = make_user(session, role="editor"), make_user(session)
        other = make_section(session)
        own = sections.create_section(session, actor_of(editor), MORNING, given=GIVEN)
        assert session.get(SectionMember, (own.id, editor.id)) is not None
        edited = sections.edit_section(
            session, actor_of(editor), MORNING, section="mali", given={"name": "Mali !"}
        )
        assert (edited.name, edited.slug) == ("Mali !", "mali")
        with pytest.raises(NotFoundError):
            sections.edit_section(session, actor_of(editor), MORNING, section=other.slug, given={})
        with pytest.raises(NotFoundError):
            sections.create_section(session, actor_of(producer), MORNING, given=GIVEN)
        with pytest.raises(NotFoundError):
            sections.edit_section(session, actor_of(producer), MORNING, section="mali", given={})


def test_no_section_stands_below_itself(griot: Griot) -> None:
    with griot.database.writing() as session:
        top = make_section(session, slug="top")
        middle = make_section(session, slug="middle", parent_id=top.id)
        make_section(session, slug="low", parent_id=middle.id)
        session.commit()
        for below in ("top", "middle", "low", "nowhere"):
            with pytest.raises(InvalidError) as refusal:
                sections.edit_section(session, SYSTEM, MORNING, section="top", given={"parent": below})
            assert [problem.code for problem in refusal.value.problems] == ["unknown-parent"]
        moved = sections.edit_section(session, SYSTEM, MORNING, section="low", given={"parent": "top"})
        assert moved.parent_id == top.id


@pytest.mark.parametrize(
    "given", [{"name": "Mali"}, {"kind": "tag"}, {**GIVEN, "iso": "XX"}, {**GIVEN, "kind": "x"}]
)
def test_a_section_needs_a_name_and_a_kind_that_there_are(griot: Griot, given: dict[str, str]) -> None:
    with griot.database.writing() as session, pytest.raises(InvalidError):
        sections.create_section(session, SYSTEM, MORNING, given=given)
