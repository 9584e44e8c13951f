# SPDX-License-Identifier: AGPL-3.0-or-later
"""Faces: plain values that nobody changes on their way to the page."""

import dataclasses
import inspect

import pytest

from podcasts.web import faces

FACES = [
    member
    for _, member in inspect.getmembers(faces, inspect.isclass)
    if member.__module__ == faces.__name__ and dataclasses.is_dataclass(member)
]


@pytest.mark.parametrize("face", FACES, ids=lambda face: face.__name__)
def test_a_face_is_frozen_and_says_what_it_is(face: type) -> None:
    assert vars(face)["__dataclass_params__"].frozen
    assert face.__doc__
    assert not face.__doc__.startswith(f"{face.__name__}(")


@pytest.mark.parametrize("face", FACES, ids=lambda face: face.__name__)
def test_what_a_face_lists_cannot_grow_behind_the_views_back(face: type) -> None:
    kinds = {field.name: str(field.type) for field in dataclasses.fields(face)}
    assert {name: kind for name, kind in kinds.items() if "list[" in kind or "dict[" in kind} == {}
