# SPDX-License-Identifier: AGPL-3.0-or-later
"""Reasons: the English sentence for every code that an error may carry; other languages are catalogues."""


def _(sentence: str) -> str:
    """Mark a sentence for the catalogues; it is said later, in the reader's language."""
    return sentence


SENTENCES: dict[str, str] = {
    # Files
    "empty-file": _("This file is empty. Export it again and upload it."),
    "not-audio": _("This file is not audio. Upload an MP3, M4A, AAC, Ogg, FLAC or WAV file."),
    "playlist-not-audio": _(
        "This is a list that points to other files, not the sound itself. Upload the audio file."
    ),
    "video-not-audio": _("This is a video. Export its sound as MP3 or M4A and upload that."),
    "unsupported-audio": _("%(kind)s audio is not supported. Convert it to MP3 or M4A."),
    "broken-audio": _("This file is damaged and cannot be read. Export it again and upload it."),
    "no-sound-in-file": _("There is no sound in this file. Check the export and upload it again."),
    "rate-too-low": _(
        "This sound has %(rate_hz)s samples a second; speech needs at least %(smallest_hz)s. Export it again."
    ),
    "too-long-to-decode": _("This file took too long to read. Split it into shorter parts."),
    "not-an-image": _("This is not a picture we can use. Upload a JPEG, PNG or WebP."),
    "broken-image": _("This picture is damaged. Save it again and upload it."),
    "image-too-large": _(
        "This picture is %(width)s × %(height)s px; the limit is %(limit_megapixels)s megapixels. Make it smaller."
    ),
    "image-too-heavy": _("This picture is heavier than %(limit)s. Save it as a lighter JPEG."),
    "image-too-small": _(
        "This picture is %(width)s × %(height)s px; each side needs at least %(smallest_px)s px."
    ),
    "crop-outside": _("This part lies outside of the picture. Choose it again."),
    "disk-full": _("The server's disk is full; nothing was kept. Tell your administrator, then try again."),
    "too-large": _("This is larger than the limit of %(limit)s. Make it smaller and try again."),
    "file-lost": _("The file of this audio is gone from the store. Upload it again."),
    "ingest-failed": _("This file could not be processed. Try again; if it fails again, export it anew."),
    "step-broke": _("This step broke on our side. Try it again; the sound itself can be used."),
    "encoding-failed": _("This version of the sound could not be made. Try again."),
    "loudness-unknown": _("The loudness could not be measured. The sound is served as loud as it is."),
    "tags-unwritable": _("Title and cover could not be written into this version. Try again."),
    "no-file": _("No file came with this. Choose a file."),
    "upload-broken-off": _("The upload broke off before its end; nothing was kept. Send it again."),
    "upload-header": _("This upload request cannot be read: the header %(header)s is missing or wrong."),
    "upload-version": _("Only version 1.0.0 of the tus protocol is spoken here."),
    "upload-offset": _(
        "The upload stands at another byte than this piece begins with. Ask for it, then go on there."
    ),
    "upload-locked": _("Somebody is sending this upload at this moment. Wait for it, or stop it there."),
    "checksum-mismatch": _("This piece arrived damaged and was not kept. Send it again."),
    "gone": _("This is gone."),
    "malformed": _("This request cannot be read."),
    # Values
    "invalid": _("Some values cannot be taken. See the fields."),
    "required": _("This is needed."),
    "too-long": _("At most %(limit)s characters."),
    "too-short": _("At least %(limit)s characters."),
    "too-many": _("At most %(limit)s."),
    "wrong-type": _("This is not the kind of value that belongs here (%(wanted)s)."),
    "unknown-field": _("There is no such field."),
    "not-a-choice": _("Choose one of: %(choices)s."),
    "out-of-range": _("Choose a number from %(smallest)s to %(largest)s."),
    "not-a-language": _(
        "This is no language code. Write two letters, such as fr, with a region if you like."
    ),
    "not-a-category": _("This is none of the categories of podcast directories."),
    "not-a-time": _("This is no date and time. Write it as 2026-11-23T08:00:00+01:00."),
    "not-a-clock": _("This is no time in the sound. Write it as 1:30 or in seconds."),
    "time-without-zone": _("Say the time zone as well, as in 2026-11-23T08:00:00+01:00."),
    "not-an-email": _("This is no e-mail address."),
    "not-a-slug": _("Use lower-case letters, digits and hyphens only."),
    "slug-taken": _("Another one has this address already."),
    "not-a-country": _("This is no country code. Write two letters, such as ML."),
    "not-a-site": _(
        "“%(site)s” is no site. Write https://example.org, or https://*.example.org for all sites below it."
    ),
    "site-with-path": _("“%(site)s” is a page. A whole site is allowed or not: write %(origin)s."),
    "site-too-wide": _("“%(site)s” is too wide. Name the sites; leave the field empty to allow all of them."),
    "not-a-web-address": _("This is not a web address. It begins with https:// or http://."),
    "not-a-button-address": _("A button leads to a web address, mailto: or tel:."),
    "address-too-long": _("This address is too long; the limit is %(limit)s characters."),
    "inside-address": _("This address leads inside a private network and is not fetched."),
    "unknown-show": _("There is no such show."),
    "unknown-section": _("There is no such section."),
    "unknown-episode": _("There is no such episode."),
    "unknown-audio": _("There is no such audio."),
    "unknown-parent": _("There is no such section, or it stands below this one."),
    "one-of-two": _("Name either an episode or an audio."),
    "listed-twice": _("This is listed twice."),
    "password-too-short": _("Choose at least %(limit)s characters."),
    "password-too-long": _("Choose at most %(limit)s characters."),
    "email-taken": _("Somebody has an account with this address already."),
    # States
    "audio-not-ready": _("The audio of this episode is still being read. Try again in a moment."),
    "audio-failed": _("The audio of this episode cannot be used. Upload it again."),
    "no-audio": _("This episode has no audio yet."),
    "already-published": _("This episode is published already."),
    "not-published": _("This episode is not published."),
    "chapters-unreadable": _(
        "No chapters can be read here. Send Podcasting 2.0 JSON, Podlove XML, or lines such as 00:01:30 Title."
    ),
    "chapters-too-many": _("At most %(limit)s chapters."),
    "chapter-time": _("The time of line %(line)s cannot be read. Write it as 00:01:30 or 1:30."),
    "transcript-unreadable": _("No words can be read here. Send WebVTT, SRT, JSON, HTML or plain text."),
    "transcript-too-many": _("This transcript has more than %(limit)s parts."),
    "transcript-too-large": _("This transcript is larger than the limit of %(limit)s."),
    "transcript-time": _(
        "The times of line %(line)s cannot be read. Write them as 00:01:30.000 --> 00:01:34.000."
    ),
    "transcriber-failed": _(
        "The transcription program ended with an error. Your administrator finds more in the log."
    ),
    "transcriber-absent": _(
        "No transcription program is set up here. Your administrator can set GRIOT_TRANSCRIBER."
    ),
    "nothing-to-remake": _("Every step of this audio has been done."),
    "nothing-private": _("Nothing private was found in this file."),
    "clip-beyond-end": _("This clip would end after the sound does. Choose an earlier beginning."),
    "audio-in-use": _("Episodes or playlists use this audio."),
    "rule-fills-it": _("A rule fills this playlist. Take the rule away to choose its items yourself."),
    "conflict": _("This cannot be done in the present state."),
    "stale": _("Somebody changed this in the meantime. Load it again, then repeat your change."),
    "precondition-required": _("Say which version you are changing."),
    "busy": _("The service is busy at the moment. Try again in a few seconds."),
    "not-found": _("This does not exist, or it is not yours to see."),
    "not-signed-in": _("Sign in first."),
    "bad-token": _("This access token is not valid."),
    "wrong-login": _("The e-mail address and the password do not fit together."),
    "csrf": _("This form was open for too long. Load it again and repeat."),
    "setup-over": _("This link is used up or too old. Ask for a new one with: griot setup-link"),
    "too-many-requests": _("Too many tries. Wait %(retry_after_seconds)s seconds."),
    "method-not-allowed": _("This cannot be done here."),
    "unsupported-media-type": _("This kind of content cannot be taken here (%(wanted)s)."),
    "key-reused": _("This Idempotency-Key was used for another request."),
    "key-in-use": _("A request with this Idempotency-Key is still running."),
    "internal": _("Something broke on our side. It has been written down; try again later."),
    # Fetching
    "fetch-timeout": _("The other site took too long to answer."),
    "fetch-too-large": _("The page is larger than %(limit)s."),
    "fetch-failed": _("The other site could not be reached."),
    "fetch-too-many-redirects": _("The address leads from one to another and never ends."),
    "fetch-status": _("The other site answered with an error (%(status)s)."),
    # Running
    "settings": _("The setting %(name)s cannot be used: %(detail)s"),
    "base-url-needed": _(
        "Griot would be reachable from outside at %(detail)s, but does not know its public address. "
        "Set %(name)s, for example %(name)s=https://radio.example.org, or keep to --host 127.0.0.1."
    ),
    "port-taken": _(
        "Port %(port)s on %(host)s is already in use: another Griot or another program runs there. "
        "Stop it, or choose another port with --port."
    ),
    "port-forbidden": _("This user may not open port %(port)s. Choose a port above 1023 with --port."),
    "host-unknown": _(
        "%(host)s is not an address of this machine. Use 127.0.0.1, or 0.0.0.0 for every address."
    ),
    "not-a-checkout": _("The tests come with Griot's source code: run ./griot test in a checkout."),
    "no-test-tools": _("The developers' packages are missing: run ./griot test, which installs them."),
    "database-version": _(
        "The database is of version %(found)s, this Griot wants %(wanted)s. Run: griot db upgrade"
    ),
    "database-newer": _(
        "The database was used by a newer Griot (%(found)s). Run that version, or restore an older backup."
    ),
    "no-such-user": _("Nobody has an account with this address."),
}
