# SPDX-License-Identifier: AGPL-3.0-or-later
"""Studio: the sound of an episode: its steps and versions, what can be cut off or taken out, and its clips."""

from typing import Any

from flask import Blueprint, Response

from podcasts.audio.chapters import parse_clock
from podcasts.audio.clips import LONGEST_MS, SHORTEST_MS
from podcasts.bootstrap import waker
from podcasts.errors import ConflictError, GriotError, InvalidError, NotFoundError, Problem
from podcasts.i18n import Translator, error_text
from podcasts.models import Audio, Clip, Episode, JobStep, Rendition
from podcasts.models.audio import LIGHT, LIGHT_OPUS, NORMAL, READY
from podcasts.models.job import FAILED
from podcasts.services import clips, deriving, remaking, workbench
from podcasts.services.uploads import STEPS
from podcasts.units import clock_text
from podcasts.web.errors import status_of
from podcasts.web.faces import LinkFace
from podcasts.web.media import file_response
from podcasts.web.routes import access
from podcasts.web.studio.frame import Desk, StatusFace, desk, step_words, text

blueprint = Blueprint("studio_sound", __name__, url_prefix="/studio")

SILENCE_MS = 1_000
"""Less silence than this is a breath, and no offer is made."""

LEFT_MS = 300
"""How much silence stays before the first word and after the last."""


@blueprint.get("/episodes/<episode_id>/sound")
@access("producer")
def sound(episode_id: str) -> Response:
    """Show what became of the file, and what can be done with it."""
    here = desk()
    return _page(here, _load(here, episode_id))


@blueprint.get("/audio/<audio_id>/peaks")
@access("producer")
def peaks(audio_id: str) -> Response:
    """Give the studio's waveform: one byte for each stretch, 255 being full scale."""
    here = desk()
    with here.griot.database.reading() as session:
        audio = workbench.audio(session, here.actor, audio_id)
    if audio.dense_peaks_key is None:
        raise NotFoundError
    response = file_response(here.griot.storage.open(audio.dense_peaks_key), "application/octet-stream")
    response.headers["Cache-Control"] = "private, no-store"
    return response


@blueprint.get("/episodes/<episode_id>/sound/clips/<clip_id>/file")
@access("producer")
def clip_file(episode_id: str, clip_id: str) -> Response:
    """Let producers hear a clip, also of what is not public yet."""
    here = desk()
    row = _load(here, episode_id)
    with here.griot.database.reading() as session:
        found = next((one for one in clips.clips_of(session, row.id) if one.id == clip_id), None)
    if found is None or found.storage_key is None:
        raise NotFoundError
    response = file_response(here.griot.storage.open(found.storage_key), "audio/mpeg")
    response.headers["Cache-Control"] = "private, no-store"
    return response


@blueprint.post("/episodes/<episode_id>/sound/remake")
@access("producer")
def remake(episode_id: str) -> Response:
    """Do one step again, or all that failed or are missing."""
    here = desk()
    row = _load(here, episode_id)
    try:
        with here.griot.database.writing() as session:
            remaking.remake(
                session,
                here.actor,
                here.griot.clock.now(),
                audio=row.audio_id or "",
                step=text("step") or None,
            )
    except ConflictError as error:
        return _page(here, row, error)
    return _asked(here, row)


@blueprint.post("/episodes/<episode_id>/sound/trim")
@access("producer")
def trim(episode_id: str) -> Response:
    """Cut the sound to what stands between two times."""
    here = desk()
    row = _load(here, episode_id)
    try:
        start_ms, end_ms = _time("start"), _time("end")
        with here.griot.database.writing() as session:
            deriving.ask_trim(
                session,
                here.actor,
                here.griot.clock.now(),
                episode=row.id,
                start_ms=start_ms,
                end_ms=end_ms,
            )
    except (ConflictError, InvalidError) as error:
        return _page(here, row, error)
    return _asked(here, row)


@blueprint.post("/episodes/<episode_id>/sound/strip")
@access("producer")
def strip(episode_id: str) -> Response:
    """Take out of the file what is private."""
    here = desk()
    row = _load(here, episode_id)
    try:
        with here.griot.database.writing() as session:
            deriving.ask_strip(session, here.actor, here.griot.clock.now(), episode=row.id)
    except ConflictError as error:
        return _page(here, row, error)
    return _asked(here, row)


@blueprint.post("/episodes/<episode_id>/sound/clips")
@access("producer")
def add_clip(episode_id: str) -> Response:
    """Cut a clip."""
    here = desk()
    row = _load(here, episode_id)
    try:
        given = {
            "title": text("clip_title"),
            "start_seconds": _time("clip_start") / 1000,
            "duration_seconds": _time("clip_length") / 1000,
        }
        with here.griot.database.writing() as session:
            clips.add_clip(session, here.actor, here.griot.clock.now(), episode=row.id, given=given)
    except (ConflictError, InvalidError) as error:
        return _page(here, row, clip_error=error)
    return _asked(here, row, "clips")


@blueprint.post("/episodes/<episode_id>/sound/clips/<clip_id>/remove")
@access("producer")
def remove_clip(episode_id: str, clip_id: str) -> Response:
    """Take a clip away."""
    here = desk()
    with here.griot.database.writing() as session:
        key = clips.remove_clip(session, here.actor, here.griot.clock.now(), episode=episode_id, clip=clip_id)
    if key is not None:
        here.griot.storage.delete(key)
    return here.go("episodes", episode_id, "sound", said="saved", place="clips")


def _load(here: Desk, episode_id: str) -> Episode:
    with here.griot.database.reading() as session:
        return workbench.episode(session, here.actor, episode_id)


def _asked(here: Desk, row: Episode, place: str = "") -> Response:
    waker(here.griot)()
    return here.go("episodes", row.id, "sound", said="asked", place=place)


def _time(name: str) -> int:
    """Read a time as people write it.

    Raises:
        InvalidError: "not-a-clock" on the field.
    """
    found = parse_clock(text(name))
    if found is None:
        raise InvalidError(problems=(Problem(name, "not-a-clock"),))
    return found


def _page(
    here: Desk, row: Episode, error: GriotError | None = None, *, clip_error: GriotError | None = None
) -> Response:
    t, audio = here.t, row.audio
    with here.griot.database.reading() as session:
        steps = workbench.steps_of(session, audio.id) if audio else ()
        found = clips.clips_of(session, row.id)
        changing = deriving.is_under_way(session, row.id)
    fault = error or clip_error
    length_ms = audio.duration_ms or 0 if audio else 0
    base = ("episodes", row.id, "sound")
    return here.page(
        "sound.html",
        t.gettext("Sound"),
        status=status_of(fault) if fault else 200,
        current="episodes",
        back=LinkFace(row.title, here.path("episodes", row.id)),
        audio=audio if audio is not None and audio.status == READY else None,
        sound_url=here.path("audio", audio.id, "file") if audio else "",
        peaks_url=here.path("audio", audio.id, "peaks") if audio and audio.dense_peaks_key else "",
        clock=clock_text(length_ms),
        loudness=_loudness(t, audio),
        steps=[_step(t, one) for one in steps],
        is_incomplete=bool(audio and steps) and _lacks(steps),
        versions=[_version(t, one) for one in audio.renditions] if audio else [],
        offers=_offers(t, audio) if audio else [],
        private=[_private_words(t, code) for code in (audio.private_tags if audio else ())],
        clips=[_clip(here, row, one) for one in found],
        is_changing=changing,
        shortest=SHORTEST_MS // 1000,
        longest=LONGEST_MS // 1000,
        actions={name: here.path(*base, name) for name in ("remake", "trim", "strip", "clips")},
        typed={name: text(name) for name in ("start", "end", "clip_title", "clip_start", "clip_length")},
        fault=here.sentence(error),
        clip_fault=here.sentence(clip_error),
    )


def _lacks(steps: tuple[JobStep, ...]) -> bool:
    """Say whether a step failed, or was not known yet when the file came."""
    return {one.name for one in steps if one.status != FAILED} != set(STEPS)


def _step(t: Translator, one: JobStep) -> dict[str, Any]:
    faces = {
        "waiting": StatusFace("draft", t.gettext("Waits")),
        "running": StatusFace("working", t.gettext("Under way")),
        "done": StatusFace("live", t.gettext("Done")),
        "skipped": StatusFace("draft", t.gettext("Not needed")),
        "failed": StatusFace("failed", t.gettext("Failed")),
    }
    reason = error_text(t, GriotError(one.error_code, **one.error_facts)) if one.error_code else ""
    return {
        "name": one.name,
        "words": step_words(t, one.name),
        "state": faces[one.status],
        "reason": reason,
        "failed": one.status == FAILED,
    }


def _version(t: Translator, one: Rendition) -> dict[str, str]:
    words = {
        NORMAL: t.gettext("Version for apps"),
        LIGHT: t.gettext("Light version (MP3)"),
        LIGHT_OPUS: t.gettext("Lightest version (Opus)"),
    }
    target = one.loudness_target_lufs
    return {
        "name": words[one.name],
        "size": t.size(one.size_bytes),
        "bitrate": t.gettext("%(number)s kbit/s", number=round((one.bitrate_bps or 0) / 1000)),
        "loudness": t.gettext("brought to %(number)s LUFS", number=t.number(target))
        if target is not None
        else t.gettext("as loud as it came"),
    }


def _loudness(t: Translator, audio: Audio | None) -> str:
    """Say how loud a file came, as somebody hears it who knows no LUFS."""
    lufs = audio.loudness_lufs if audio else None
    if lufs is None:
        return ""
    quiet_below, loud_above = -23, -12
    number = t.number(round(lufs, 1))
    if lufs < quiet_below:
        return t.gettext("It came quiet (%(number)s LUFS).", number=number)
    if lufs > loud_above:
        return t.gettext("It came loud (%(number)s LUFS).", number=number)
    return t.gettext("It came at a good loudness (%(number)s LUFS).", number=number)


def _offers(t: Translator, audio: Audio) -> list[dict[str, str]]:
    """Offer to cut silence off, with a little of it left."""
    head, tail, length = audio.head_silence_ms or 0, audio.tail_silence_ms or 0, audio.duration_ms or 0
    start = head - LEFT_MS if head >= SILENCE_MS else 0
    end = length - tail + LEFT_MS if tail >= SILENCE_MS else length
    offers = []
    if start:
        words = t.gettext(
            "%(seconds)s s of silence at the beginning", seconds=t.number(round(head / 1000, 1))
        )
        offers.append({"words": words, "start": _plain(start), "end": _plain(length)})
    if end != length:
        words = t.gettext("%(seconds)s s of silence at the end", seconds=t.number(round(tail / 1000, 1)))
        offers.append({"words": words, "start": _plain(0), "end": _plain(end)})
    both = 2
    if len(offers) == both:
        words = t.gettext("Both at once")
        offers.append({"words": words, "start": _plain(start), "end": _plain(end)})
    return offers


def _plain(at_ms: int) -> str:
    return f"{at_ms / 1000:.3f}"


def _private_words(t: Translator, code: str) -> str:
    words = {
        "private-frames": t.gettext(
            "The file carries notes from a shop or a program, such as an account or a device. Listeners who "
            "download it can read them."
        ),
        "file-paths": t.gettext("The file names folders of a computer, often with the name of its user."),
        "picture-position": t.gettext(
            "A picture in the file says where it was taken. This can give away a home or a source."
        ),
        "picture-metadata": t.gettext(
            "A picture in the file carries details of its making, such as the camera, the date or the author."
        ),
    }
    return words[code]


def _clip(here: Desk, row: Episode, one: Clip) -> dict[str, str]:
    t = here.t
    reason = error_text(t, GriotError(one.error_code, **one.error_facts)) if one.error_code else ""
    base = ("episodes", row.id, "sound", "clips", one.id)
    return {
        "title": one.title or row.title,
        "span": f"{clock_text(one.start_ms)} – {clock_text(one.start_ms + one.duration_ms)}",
        "file_url": here.path(*base, "file") if one.storage_key else "",
        "size": t.size(one.size_bytes) if one.size_bytes else "",
        "reason": reason,
        "remove": here.path(*base, "remove"),
    }
