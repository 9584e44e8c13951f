# SPDX-License-Identifier: AGPL-3.0-or-later
"""Pages: what every page for listeners has in common: its language, its frame, its caching.

They are the same for everybody: no session is read, no cookie is set, and only the language varies.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from flask import Response, current_app, render_template, request
from sqlalchemy.orm import Session

from podcasts.bootstrap import Griot
from podcasts.errors import NotFoundError
from podcasts.i18n import LANGUAGES, Translator, choose_language, language_name, translator
from podcasts.links import Links
from podcasts.models import Site
from podcasts.services import queries
from podcasts.web.faces import Alternate, FeedFace, Head, LanguageFace, LinkFace, SiteFace
from podcasts.web.presenting import Presenter, site_title

PAGE_CACHE = "public, max-age=10"
"""Short: what a producer has just published or withdrawn should show."""

LARGEST_PAGE = 100_000
SOURCE_URL = "https://github.com/griot-audio/griot"


@dataclass(frozen=True)
class Visit:
    """One request for a page: in which language, and what makes its faces."""

    griot: Griot
    presenter: Presenter

    @property
    def t(self) -> Translator:
        """The page's language."""
        return self.presenter.t

    @property
    def links(self) -> Links:
        """Our addresses."""
        return self.griot.links


def visit(*, embedded: bool = False) -> Visit:
    """Begin to answer: choose the language by ``?lang=``, then Accept-Language, then the default."""
    griot: Griot = current_app.extensions["griot"]
    language = choose_language(
        request.args.get("lang"), request.headers.get("Accept-Language"), griot.settings.default_language
    )
    zone = ZoneInfo(griot.settings.timezone)
    return Visit(
        griot, Presenter(griot.links, translator(language), griot.clock.now(), zone, embedded=embedded)
    )


def asked_page() -> int:
    """Read ``?page=``, from 1.

    Raises:
        NotFoundError: there is no such page.
    """
    text = request.args.get("page", "1")
    if not (text.isascii() and text.isdecimal()) or not 1 <= int(text[:10]) <= LARGEST_PAGE:
        raise NotFoundError
    return int(text)


def moved(url: str) -> Response:
    """Lead from an old address to the present one, for ever; what was asked behind "?" is kept."""
    query = request.query_string.decode("ascii", "replace")
    links: Links = current_app.extensions["griot"].links
    response = Response(status=301)
    response.headers["Location"] = links.path_of(url) + (f"?{query}" if query else "")
    response.headers["Cache-Control"] = PAGE_CACHE
    return response


def page_response(template: str, here: Visit, site: SiteFace, head: Head, page: object) -> Response:
    """Render a page and make it cacheable by everybody for a moment, by language."""
    response = Response(render_template(template, site=site, head=head, page=page), mimetype="text/html")
    response.headers["Cache-Control"] = PAGE_CACHE
    response.headers["Content-Language"] = here.t.language
    response.vary.add("Accept-Language")
    response.add_etag()
    response.make_conditional(request)
    return response


def site_face(session: Session, here: Visit, *, menu: bool = True) -> SiteFace:
    """Make what stands around a page. One query, two with the menu."""
    return site_face_of(here, queries.site(session), _menu(session, here) if menu else ())


def site_face_of(here: Visit, site: Site, menu: Sequence[LinkFace] = ()) -> SiteFace:
    """Make what stands around a page from the site's row."""
    title = site_title(site)
    own = tuple(LinkFace(str(entry["label"]), str(entry["url"])) for entry in site.menu)
    return SiteFace(
        title=title,
        home_url=here.presenter.links.home()
        if here.presenter.embedded
        else here.links.path_of(here.links.home()),
        source_url=SOURCE_URL,
        language=here.t.language,
        direction=here.t.direction,
        description=site.description or "",
        feed=site_feed(here, title),
        languages=_languages(here),
        menu=own or tuple(menu),
        studio_url=here.links.path_of(here.links.studio()),
        offline_url=here.links.path_of(here.links.offline()),
        manifest_url=with_query(here.links.path_of(here.links.manifest()), lang=here.t.language),
        separator=here.t.gettext(" – ") if site.artist_separator is None else site.artist_separator,
    )


def site_feed(here: Visit, title: str) -> FeedFace:
    """Make the face of the feed of all shows."""
    return FeedFace(here.links.site_feed(), here.t.gettext("%(site)s: all shows", site=title))


def alternates(url: str) -> tuple[Alternate, ...]:
    """List the same page in every language, and the one that chooses by itself."""
    others = tuple(Alternate(language, with_query(url, lang=language)) for language in LANGUAGES)
    return (*others, Alternate("x-default", url))


def canonical(url: str, page: int = 1) -> str:
    """Write a page's one address: without language, with the number of a later page."""
    return url if page == 1 else with_query(url, page=str(page))


def with_query(url: str, /, **values: str) -> str:
    """Add to an address what stands behind "?"."""
    return f"{url}{'&' if '?' in url else '?'}{urlencode(values)}"


def _menu(session: Session, here: Visit) -> tuple[LinkFace, ...]:
    """List the sections at the top in the editor's order, where nobody made a menu."""
    top = [section for section in queries.listed_sections(session) if section.parent_id is None]
    return tuple(here.presenter.section_link(section) for section in top if section.kind != "tag")[:12]


def _languages(here: Visit) -> tuple[LanguageFace, ...]:
    kept = {name: value for name, value in request.args.items() if name in {"page", "url"}}
    path = here.links.path_of(here.links.base) if request.path == "/" else ""
    return tuple(
        LanguageFace(
            language,
            language_name(language),
            with_query(path or request.path, **kept, lang=language),
            current=language == here.t.language,
        )
        for language in LANGUAGES
    )
