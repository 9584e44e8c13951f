# SPDX-License-Identifier: AGPL-3.0-or-later
"""The REST interface to sound: steps done again, silence cut off, private matter taken out, clips."""

from apiflask import APIBlueprint
from flask import Response

from podcasts.bootstrap import waker
from podcasts.services import clips, deriving, remaking, workbench
from podcasts.web.api import representing, schemas
from podcasts.web.api.calling import actor, answer, griot, once, plain_json, speaking
from podcasts.web.routes import access

blueprint = APIBlueprint("sound", __name__, url_prefix="/api/v1", tag="Griot")


@blueprint.post("/audio/<audio_id>/remake")
@blueprint.output(schemas.AudioOut, status_code=202)
@access("producer")
@once
def remake_audio(audio_id: str) -> Response:
    """Do every step again that failed, or that this audio never had; 409 where there is none."""
    return _remade(audio_id, None)


@blueprint.post("/audio/<audio_id>/steps/<name>/retry")
@blueprint.output(schemas.AudioOut, status_code=202)
@access("producer")
@once
def retry_step(audio_id: str, name: str) -> Response:
    """Do one step again; the others stay as they are."""
    return _remade(audio_id, name)


@blueprint.post("/episodes/<episode_id>/trim")
@plain_json
@blueprint.input(schemas.TrimIn)
@blueprint.output(schemas.JobOut, status_code=202)
@access("producer")
@once
def trim_episode(episode_id: str, json_data: schemas.TrimIn) -> Response:
    """Cut the sound of an episode; it changes over, with its chapters, when the new one is ready."""
    here = griot()
    with here.database.writing() as session:
        job = deriving.ask_trim(
            session,
            actor(),
            here.clock.now(),
            episode=episode_id,
            start_ms=round(json_data.start_seconds * 1000),
            end_ms=round(json_data.end_seconds * 1000),
        )
    return _asked(job.id)


@blueprint.post("/episodes/<episode_id>/strip")
@blueprint.output(schemas.JobOut, status_code=202)
@access("producer")
@once
def strip_episode(episode_id: str) -> Response:
    """Take private tags and positions of pictures out of the file; 409 where none were found."""
    here = griot()
    with here.database.writing() as session:
        job = deriving.ask_strip(session, actor(), here.clock.now(), episode=episode_id)
    return _asked(job.id)


@blueprint.get("/episodes/<episode_id>/clips")
@blueprint.output(schemas.ClipsOut)
@access("producer")
def list_clips(episode_id: str) -> Response:
    """List the clips of an episode."""
    here = griot()
    with here.database.reading() as session:
        episode = workbench.episode(session, actor(), episode_id)
        found = clips.clips_of(session, episode.id)
    return answer({"items": [representing.clip(clip, here.links, speaking()) for clip in found]})


@blueprint.post("/episodes/<episode_id>/clips")
@plain_json
@blueprint.input(schemas.ClipIn)
@blueprint.output(schemas.ClipOut, status_code=202)
@access("producer")
@once
def add_clip(episode_id: str, json_data: schemas.ClipIn) -> Response:
    """Cut a clip of 15 to 120 seconds, with fades, for sharing and as podcast:soundbite."""
    here = griot()
    with here.database.writing() as session:
        clip = clips.add_clip(
            session,
            actor(),
            here.clock.now(),
            episode=episode_id,
            given=json_data.model_dump(exclude_none=True),
        )
    waker(here)()
    return answer(representing.clip(clip, here.links, speaking()), 202)


@blueprint.delete("/episodes/<episode_id>/clips/<clip_id>")
@blueprint.output({}, status_code=204)
@access("producer")
def remove_clip(episode_id: str, clip_id: str) -> Response:
    """Take a clip away."""
    here = griot()
    with here.database.writing() as session:
        key = clips.remove_clip(session, actor(), here.clock.now(), episode=episode_id, clip=clip_id)
    if key is not None:
        here.storage.delete(key)
    return Response(status=204)


def _remade(audio_id: str, step: str | None) -> Response:
    here = griot()
    with here.database.writing() as session:
        remaking.remake(session, actor(), here.clock.now(), audio=audio_id, step=step)
    waker(here)()
    with here.database.reading() as session:
        row = workbench.audio(session, actor(), audio_id)
        steps = workbench.steps_of(session, row.id)
    return answer(representing.audio(row, steps, here.links, speaking()), 202)


def _asked(job_id: str) -> Response:
    here = griot()
    waker(here)()
    with here.database.reading() as session:
        job = workbench.job(session, actor(), job_id)
    return answer(representing.job(job, speaking()), 202)
