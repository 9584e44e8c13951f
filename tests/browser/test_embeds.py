# SPDX-License-Identifier: AGPL-3.0-or-later
"""Embeds on other people's pages, in a real browser: their code, allowed sites, the script, WordPress."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.test_accessibility import violations
from tests.browser.test_player import ARTICLE, Site, around, embedded, moves
from tests.serving import ask, served
from tests.test_end_to_end_api import call
from tests.web.test_other_houses import wordpress_keeps

pytestmark = pytest.mark.browser

CODES = ("#code-iframe", "#code-script", "#code-address")
CHOICES = {
    "code-layout": "mini",
    "code-theme": "dark",
    "code-accent": "#ffcc00",
    "code-t": "1:30,2:00",
    "code-lang": "en",
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One server for all tests here."""
    with served(tmp_path_factory.mktemp("embeds")) as griot:
        yield Site(griot, Path(__file__).parent.parent / "data")


def codes(page: Page) -> list[str]:
    """Read what there is to paste."""
    return [page.locator(code).input_value() for code in CODES]


def test_the_code_follows_the_choices_with_a_script_as_without(
    site: Site, page: Page, context: BrowserContext, chromium: Browser
) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    plain = chromium.new_context(java_script_enabled=False, locale="fr-FR").new_page()
    for path in (site.episode, f"{site.griot.url}/playlists/le-journal"):
        page.goto(path)
        plain.goto(path)
        for tab in (page, plain):
            tab.locator("#embed > summary").click()
        assert codes(page) == codes(plain)
        assert violations(page) == []
        expect(page.locator("[data-code-submit]")).to_be_hidden()
        for name, value in CHOICES.items():
            for tab in (page, plain):
                field = tab.locator(f"#{name}")
                if not field.count():
                    continue
                if field.evaluate("(field) => field.tagName") == "SELECT":
                    field.select_option(value)
                else:
                    field.fill(value)
        plain.locator("[data-code-submit]").click()
        expect(plain.locator("#code-iframe")).to_be_visible()
        assert codes(page) == codes(plain)
        iframe, script, address = codes(page)
        assert "theme=dark" in iframe
        assert 'data-accent="#ffcc00"' in script
        assert address.endswith("accent=ffcc00&lang=en&t=1:30,2:00")
        assert ("layout=mini" in iframe) is ('height="200"' in iframe) is (path == site.episode)
        # Nonsense is left out as it is typed.
        page.locator("#code-t").fill('1"><script>')
        assert "t=1" not in page.locator("#code-iframe").input_value()
        page.locator("[data-code-copy=code-script]").click()
        expect(page.locator("[data-code-copy=code-script]")).to_have_text("Copié")
        copied = page.evaluate("navigator.clipboard.readText()")
        assert copied == page.locator("#code-script").input_value()
        with around(f"<!doctype html><title>Article</title>{copied}") as url:
            article = context.new_page()
            article.goto(url)
            inside = article.frame_locator("griot-player > iframe")
            expect(inside.locator("html")).to_have_attribute("data-theme", "dark")
            expect(inside.locator("html")).to_have_attribute("lang", "en")
            article.close()
    plain.context.close()


FRAMED = """<!doctype html><title>Page</title><script>
  window.heard = [];
  addEventListener("message", ({{ data }}) => heard.push(data.griot));
</script><iframe src="{embed}" width="600" height="400"></iframe>"""


def test_a_player_stands_on_the_sites_that_its_show_names_and_on_no_other(
    site: Site, context: BrowserContext
) -> None:
    def allow(sites: list[str]) -> None:
        call(site.api, "PATCH", f"/shows/{site.show}", site.token, {"embed_sites": sites}, 200)

    frame = FRAMED.format(embed=site.embed)
    with around(frame) as friend, around(frame) as stranger:
        try:
            allow([friend.rstrip("/"), "https://*.gazette.example"])
            page = context.new_page()
            page.goto(friend)
            page.wait_for_function("() => heard.includes('ready')")
            # The address of a frame that was refused is the browser's own page of errors.
            with page.expect_event("framenavigated", lambda found: found.url.startswith("chrome-error:")):
                page.goto(stranger)
            assert page.evaluate("heard") == []
            own = context.new_page()
            own.goto(site.embed)
            expect(own.locator("[data-do=play]")).to_be_visible()
        finally:
            allow([])


SCRIPTED = """<!doctype html><html lang="fr"><meta charset="utf-8"><title>Article</title>
<meta http-equiv="Content-Security-Policy"
  content="default-src 'none'; script-src {url} 'nonce-a'; connect-src {url}; frame-src {url}">
<link rel="canonical" href="{canonical}">
<script {attributes} data-accent="#8a3d00" data-lang="en" src="{url}/embed.js"></script>
<script async src="{url}/embed.js"></script>
<main><h1>Titre</h1><p id="place">Texte.</p></main>"""
INJECTED = """<!doctype html><meta charset="utf-8"><title>Article</title><link rel="canonical" href="{canonical}">
<article>Texte.</article><script>
  const script = document.createElement("script");
  script.src = "{url}/embed.js";
  document.head.append(script);
</script>"""


def test_one_script_serves_pages_of_every_kind(site: Site, page: Page) -> None:
    given = {"url": site.griot.url, "canonical": ARTICLE}
    # In the head, twice, as a module that does not know itself, under a policy.
    for attributes, place in (
        ("async", "main"),
        ('type="module"', "main"),
        ('async data-place="#place"', "#place"),
    ):
        with around(SCRIPTED.format(attributes=attributes, **given)) as url:
            page.goto(url)
            frame = page.locator(f"{place} > iframe:first-child")
            expect(frame).to_have_attribute("src", re.compile("/embed/article.*accent=8a3d00&lang=en"))
            page.wait_for_function("() => document.querySelector('iframe').height !== '412'")
            expect(page.locator("iframe")).to_have_count(1)
    with around(INJECTED.format(**given)) as url:
        page.goto(url)
        expect(page.locator("article > iframe")).to_have_count(1)
    for attributes in ('async data-auto="off"', 'async data-place="]["'):
        with around(
            SCRIPTED.replace("<script async src", "<!-- ").format(attributes=attributes, **given)
        ) as url:
            page.goto(url)
            page.wait_for_load_state("networkidle")
            assert page.locator("iframe").count() == ("off" not in attributes)


def test_a_page_that_becomes_another_keeps_no_player_of_the_first(site: Site, page: Page) -> None:
    attributes = "async data-follow"
    text = SCRIPTED.format(
        attributes=attributes, url=site.griot.url, canonical="https://gazette.example/silent"
    )
    turn = "(url) => { document.querySelector('link[rel=canonical]').href = url; }"
    with around(text) as url:
        page.goto(url)
        page.wait_for_load_state("networkidle")
        assert page.locator("iframe").count() == 0
        page.evaluate(turn, ARTICLE)
        expect(page.locator("main > iframe")).to_have_count(1)
        page.evaluate(turn, "https://gazette.example/silent")
        expect(page.locator("iframe")).to_have_count(0)
        # Two turns in one breath end at the last.
        twice = (
            "(urls) => { for (const url of urls) document.querySelector('link[rel=canonical]').href = url; }"
        )
        page.evaluate(twice, ["https://a.example/", ARTICLE])
        expect(page.locator("main > iframe")).to_have_count(1)


# As wp-embed.js of WordPress 6 does it, written anew: whoever names a secret must be the frame that was given it.
WORDPRESS = """<!doctype html><meta charset="utf-8"><title>Un article</title>{kept}
<script>
  window.followed = [];
  addEventListener("message", ({{ data, source }}) => {{
    if (!data || !(data.secret || data.message || data.value) || /[^a-zA-Z0-9]/.test(data.secret)) return;
    const named = (tag) => document.querySelectorAll(`${{tag}}[data-secret="${{data.secret}}"]`);
    for (const quote of named("blockquote")) quote.style.display = "none";
    for (const frame of named("iframe")) {{
      if (source !== frame.contentWindow) continue;
      frame.removeAttribute("style");
      if (data.message === "height") frame.height = Math.min(1000, Math.max(200, ~~parseInt(data.value, 10)));
      const host = (url) => Object.assign(document.createElement("a"), {{ href: url }}).host;
      const same = data.message === "link" && host(frame.getAttribute("src")) === host(data.value);
      if (same && document.activeElement === frame) window.followed.push(data.value);
    }}
  }});
</script>"""


def test_a_pasted_address_lives_in_wordpress_by_its_own_rules(site: Site, context: BrowserContext) -> None:
    status, _, body = ask("GET", f"{site.griot.url}/oembed?url={site.episode}")
    assert status == 200
    kept = wordpress_keeps(json.loads(body)["html"])
    assert kept is not None
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    with around(WORDPRESS.format(kept=kept)) as url:
        page.goto(url)
        frame = page.locator("iframe")
        # Hidden until the player has said its height, and then alone.
        expect(frame).to_be_visible()
        expect(page.locator("blockquote")).to_be_hidden()
        height = int(frame.get_attribute("height") or 0)
        assert 200 <= height <= 1000
        inside = embedded(page)
        assert inside.evaluate("document.documentElement.scrollHeight") <= height
        inside.locator("[data-do=play]").click()
        moves(inside)
        # A link is followed to our own host alone, and only while the frame is the active element.
        page.evaluate("document.activeElement.blur()")
        inside.evaluate("document.querySelector('[data-home]').click()")
        inside.locator("[data-home]").click()
        page.wait_for_function("() => followed.length")
        assert page.evaluate("followed") == [site.episode]
        assert errors == []
