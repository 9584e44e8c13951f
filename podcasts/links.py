# SPDX-License-Identifier: AGPL-3.0-or-later
"""Links: every address that we give out, built from the public base address and never from a request."""

from urllib.parse import quote, urlencode, urlsplit

ARTWORK_NAMES = {
    "feed": "cover.jpg",
    "page": "cover-600.webp",
    "small": "cover-112.webp",
    "thumb": "cover-72.webp",
}
"""Public file name of each size of a picture."""


class Links:
    """Addresses under one base.

    Every method gives an absolute address; ``path_of`` makes it one that works wherever the page was loaded from.

    Attributes:
        base: GRIOT_BASE_URL without a trailing slash.
    """

    def __init__(self, base: str) -> None:
        self.base = base.rstrip("/")

    def path_of(self, url: str) -> str:
        """Cut one of our own absolute addresses down to its path and query."""
        host = "{0.scheme}://{0.netloc}".format(urlsplit(self.base))
        return url.removeprefix(host) if url.startswith(self.base) else url

    def is_public(self) -> bool:
        """Say whether the base is an address that the world can reach, and not this machine or its network."""
        host = urlsplit(self.base).hostname or ""
        return not (host == "localhost" or host.startswith("127.") or host in {"::1", "0.0.0.0"})  # noqa: S104 - compared, not bound

    # Pages

    def home(self) -> str:
        """Home page."""
        return f"{self.base}/"

    def show(self, show: str) -> str:
        """Page of a show, by slug."""
        return f"{self.base}/shows/{show}"

    def episode(self, show: str, episode: str) -> str:
        """Page of an episode, by slugs."""
        return f"{self.base}/shows/{show}/{episode}"

    def playlist(self, playlist: str) -> str:
        """Page of a playlist, by slug."""
        return f"{self.base}/playlists/{playlist}"

    def section(self, section: str) -> str:
        """Page of a section, by slug."""
        return f"{self.base}/sections/{section}"

    def offline(self) -> str:
        """Page of what a listener's own browser keeps."""
        return f"{self.base}/offline"

    def manifest(self) -> str:
        """Description of the site as an application (W3C Web Application Manifest)."""
        return f"{self.base}/manifest.webmanifest"

    # Feeds

    def site_feed(self) -> str:
        """Feed of all shows."""
        return f"{self.base}/feed.xml"

    def show_feed(self, show: str) -> str:
        """Feed of a show: the podcast."""
        return f"{self.base}/shows/{show}/feed.xml"

    def playlist_feed(self, playlist: str) -> str:
        """Feed of a playlist."""
        return f"{self.base}/playlists/{playlist}/feed.xml"

    def section_feed(self, section: str) -> str:
        """Feed of a section."""
        return f"{self.base}/sections/{section}/feed.xml"

    # Sound and pictures

    def media(self, key: str, name: str, extension: str) -> str:
        """Sound, under its public key; the name is for people and may be anything ASCII."""
        return f"{self.base}/media/{key}/{name}.{extension}"

    def peaks(self, key: str) -> str:
        """Waveform beside the sound."""
        return f"{self.base}/media/{key}/peaks.json"

    def chapters(self, key: str) -> str:
        """JSON chapters beside the sound."""
        return f"{self.base}/media/{key}/chapters.json"

    def transcript(self, key: str, form: str, language: str | None = None) -> str:
        """Transcript beside the sound: "vtt", "srt", "json" or "html"; a language where there are several."""
        asked = f"?{urlencode({'language': language})}" if language else ""
        return f"{self.base}/media/{key}/transcript.{form}{asked}"

    def artwork(self, public_key: str, size: str = "page") -> str:
        """Picture in one of the sizes of ``ARTWORK_NAMES``."""
        return f"{self.base}/media/{public_key}/{ARTWORK_NAMES[size]}"

    def default_cover(self) -> str:
        """Our sign as a PNG of 3000 px, for feeds of shows without a cover."""
        return f"{self.base}/static/cover.png"

    # Embeds

    def embed_episode(self, show: str, episode: str) -> str:
        """Player of an episode for other people's pages."""
        return f"{self.base}/embed/episodes/{show}/{episode}"

    def embed_show(self, show: str) -> str:
        """Player of a show's newest episodes."""
        return f"{self.base}/embed/shows/{show}"

    def embed_playlist(self, playlist: str) -> str:
        """Player of a playlist."""
        return f"{self.base}/embed/playlists/{playlist}"

    def embed_article(self, article_url: str) -> str:
        """Player of whatever belongs to an article."""
        return f"{self.base}/embed/article?{urlencode({'url': article_url})}"

    def oembed(self, url: str, form: str = "json") -> str:
        """Address of the oEmbed 1.0 description of one of our pages."""
        return f"{self.base}/oembed?{urlencode({'url': url, 'format': form})}"

    # Work

    def setup(self, token: str) -> str:
        """One-time page on which the first account is made."""
        return f"{self.base}/setup?token={quote(token)}"

    def api(self, *parts: str) -> str:
        """Resource of the REST interface."""
        return "/".join((f"{self.base}/api/v1", *parts))

    def studio(self, *parts: str) -> str:
        """Page of the studio."""
        return "/".join((f"{self.base}/studio", *parts)) + ("" if parts else "/")
