# SPDX-License-Identifier: AGPL-3.0-or-later
"""The WordPress plugin, run by PHP with stand-ins for WordPress, on what our own look-up really answers."""

import io
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import quote
from zipfile import ZipFile

import pytest
from flask.testing import FlaskClient
from selectolax.lexbor import LexborHTMLParser as HTMLParser

from podcasts.bootstrap import Griot
from podcasts.models import EpisodeArticle
from podcasts.services import accounts
from podcasts.services.actors import SYSTEM
from podcasts.web.app import create_app
from podcasts.web.studio.wordpress import FILES, php_string, plugin_zip
from tests.factories import MORNING, make_article, make_audio, make_episode, make_show
from tests.web.test_routes import HASH, signed_in

BASE = "https://radio.example.org"
LOOK_UP = "/api/v1/articles/episodes"
HEARD, LONG, SILENT = (f"https://gazette.example/{name}/" for name in ("fleuve", "deux", "rien"))
TITLE = 'Le fleuve "remonte" <b>&'
HARNESS = Path(__file__).parent / "harness.php"
PHP = shutil.which("php")

needs_php = pytest.mark.skipif(PHP is None, reason="php runs the WordPress plugin (Debian: php-cli)")


@pytest.fixture
def client(embedded: Griot) -> FlaskClient:
    """A Griot with an article of one episode of 24 minutes, one of two, and one without."""
    with embedded.database.writing() as session:
        show = make_show(session, slug="eco")
        audio = make_audio(session, duration_ms=1_450_000)
        make_article(
            session,
            HEARD,
            key=HEARD.rstrip("/"),
            episode=make_episode(session, show, slug="bus", title=TITLE, audio=audio),
        )
        first = make_episode(session, show, slug="un", audio=audio)
        article = make_article(session, LONG, key=LONG.rstrip("/"), episode=first)
        second = make_episode(session, show, slug="deux", audio=audio)
        session.add(EpisodeArticle(episode_id=second.id, article_id=article.id, role="related", position=0))
        for role in ("editor", "producer", "admin"):
            accounts.create_user(
                session, SYSTEM, MORNING, email=f"{role}@example.org", role=role, password_hash=HASH
            )
        session.commit()
    return create_app(embedded).test_client()


def real_answers(client: FlaskClient, *lists: list[str]) -> dict[str, Any]:
    """Ask our look-up what the plugin will ask."""
    answers = {}
    for url in (HEARD, LONG, SILENT):
        said = client.get(LOOK_UP, query_string={"url": url})
        answers[f"GET {BASE}{LOOK_UP}?url={quote(url, safe='')}"] = {
            "status": said.status_code,
            "body": said.text,
        }
    for urls in lists:
        said = client.post(LOOK_UP, json={"urls": urls})
        answers[f"POST {BASE}{LOOK_UP}"] = {"status": said.status_code, "body": said.text}
    return answers


def run(
    tmp_path: Path, steps: list[dict[str, Any]], answers: Any, locale: str = "fr_FR", bases: Any = (BASE,)
) -> Any:
    """Let PHP run the plugins of some sites through a scenario."""
    plugins = []
    for number, base in enumerate(bases):
        with ZipFile(io.BytesIO(plugin_zip(base, "1.2.3"))) as archive:
            archive.extractall(tmp_path / str(number))
        plugins.append(str(tmp_path / str(number) / "griot" / "griot.php"))
    scenario = tmp_path / "scenario.json"
    given = {"plugins": plugins, "locale": locale, "answers": answers, "steps": steps}
    scenario.write_text(json.dumps(given), encoding="utf-8")
    assert PHP is not None
    run = subprocess.run(
        [PHP, "-d", "zend.assertions=1", "-d", "display_errors=stderr", HARNESS, scenario],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert run.returncode == 0, run.stderr + run.stdout
    assert run.stderr == ""
    return json.loads(run.stdout)


def viewed(url: str, **facts: Any) -> dict[str, Any]:
    """Open an article's own page."""
    return {"do": "view", "post": {"url": url, **facts}}


@needs_php
@pytest.mark.parametrize("base", [BASE, "http://127.0.0.1:8000/radio", "https://x.example/'];phpinfo();//\\"])
def test_php_takes_it_whatever_the_address(tmp_path: Path, base: str) -> None:
    with ZipFile(io.BytesIO(plugin_zip(base, "1.2.3"))) as archive:
        assert archive.namelist() == [f"griot/{name}" for name in FILES]
        source = archive.read("griot/griot.php").decode()
        readme = archive.read("griot/readme.txt").decode()
    assert "griot.invalid" not in source + readme
    assert f"const BASE    = {php_string(base)};" in source
    assert " * Version: 1.2.3\n" in source
    assert "Stable tag: 1.2.3\n" in readme
    file = tmp_path / "griot.php"
    file.write_text(source, encoding="utf-8")
    assert PHP is not None
    lint = subprocess.run([PHP, "-l", file], check=False, capture_output=True, text=True, timeout=60)
    assert lint.returncode == 0, lint.stdout + lint.stderr
    # What PHP reads is what was meant.
    script = f"eval('echo ' . {php_string(php_string(base))} . ';');"
    said = subprocess.run([PHP, "-r", script], check=True, capture_output=True, text=True, timeout=60)
    assert said.stdout == base


def test_editors_download_it_and_producers_do_not(client: FlaskClient) -> None:
    path = "/studio/wordpress.zip"
    assert signed_in(client.application, "producer").get(path, base_url=BASE).status_code == 404  # type: ignore[arg-type] # it is an APIFlask
    editor = signed_in(client.application, "editor")  # type: ignore[arg-type] # it is an APIFlask
    first, second = (editor.get(path, base_url=BASE) for _ in range(2))
    assert first.status_code == 200
    assert first.mimetype == "application/zip"
    assert "attachment" in first.headers["Content-Disposition"]
    assert first.data == second.data
    with ZipFile(io.BytesIO(first.data)) as archive:
        assert "SPDX-License-Identifier: MIT" in archive.read("griot/griot.php").decode()
        assert f"'{BASE}'" in archive.read("griot/griot.php").decode()
    assert "/studio/wordpress.zip" in editor.get("/studio/settings", base_url=BASE).text


@needs_php
def test_an_article_with_sound_gets_its_player_and_one_without_stays(
    tmp_path: Path, client: FlaskClient
) -> None:
    said = run(tmp_path, [viewed(HEARD), viewed(LONG), viewed(SILENT)], real_answers(client))
    one, several, silent = (step["came"] for step in said["steps"])
    frame = HTMLParser(one["content"]).css_first("figure.griot-player > iframe")
    assert frame is not None
    assert frame.attributes["src"] == f"{BASE}/embed/episodes/eco/bus"
    assert frame.attributes["title"] == TITLE
    assert "allow-same-origin" in (frame.attributes["sandbox"] or "")
    assert one["content"].endswith("<p>Texte</p>")
    assert "<b>" not in one["content"]
    assert one["script"] == f"<script async data-auto=\"off\" src='{BASE}/embed.js'></script>"
    frame = HTMLParser(several["content"]).css_first("iframe")
    assert frame is not None
    assert frame.attributes["src"] == f"{BASE}/embed/article?url={quote(LONG, safe='')}"
    assert client.get((frame.attributes["src"] or "").removeprefix(BASE)).status_code == 200
    # On its own page a title stays as it is, and a silent page loads nothing of ours.
    assert (one["title"], silent) == ("Titre", {"content": "<p>Texte</p>", "title": "Titre"})
    assert [len(step["asked"]) for step in said["steps"]] == [1, 1, 1]
    asked = said["steps"][0]["asked"][0]
    assert asked["timeout"] <= 2
    assert "gazette" not in asked["agent"]


@needs_php
def test_sound_and_silence_are_kept_for_minutes_and_asked_for_again(
    tmp_path: Path, client: FlaskClient
) -> None:
    steps = [
        *(viewed(HEARD), viewed(HEARD), viewed(SILENT), viewed(SILENT)),
        *({"do": "age", "seconds": 301}, viewed(HEARD), viewed(SILENT)),
    ]
    said = run(tmp_path, steps, real_answers(client))
    assert [len(step["asked"]) for step in said["steps"]] == [1, 0, 1, 0, 0, 1, 1]
    assert said["steps"][0]["came"] == said["steps"][1]["came"] == said["steps"][5]["came"]


@needs_php
@pytest.mark.parametrize(
    "trouble",
    [
        {},
        {"status": 500, "body": "<h1>Oh"},
        {"status": 429, "body": "{}"},
        {"status": 302, "body": ""},
        {"status": 200, "body": "<!doctype html>"},
        {"status": 200, "body": "7"},
        {"status": 200, "body": ""},
    ],
)
def test_while_griot_is_away_pages_stay_as_they_were_and_nothing_waits(
    tmp_path: Path, client: FlaskClient, trouble: dict[str, Any]
) -> None:
    address = f"GET {BASE}{LOOK_UP}?url="
    away = {f"{address}{quote(url, safe='')}": trouble for url in (HEARD, SILENT)} if trouble else {}
    back = {"do": "answers", "answers": real_answers(client)}
    steps = [
        *(viewed(HEARD), {"do": "age", "seconds": 301}, {"do": "answers", "answers": away}),
        # What was known stays; what was not known is not there; neither is asked for twice.
        *(viewed(HEARD), viewed(HEARD), viewed(SILENT)),
        *({"do": "age", "seconds": 61}, back, viewed(HEARD)),
    ]
    said = run(tmp_path, steps, real_answers(client))["steps"]
    assert [len(said[place]["asked"]) for place in (0, 3, 4, 5, 8)] == [1, 1, 0, 0, 1]
    assert all("<iframe" in said[place]["came"]["content"] for place in (0, 3, 4, 8))
    assert said[5]["came"]["content"] == "<p>Texte</p>"


@needs_php
@pytest.mark.parametrize(
    ("locale", "label", "short"),
    [
        ("fr_FR", "À écouter : 24 minutes", "24 min"),
        ("en_GB", "Can be heard: 24 minutes", "24 min"),
        ("ar", "متاح للاستماع: 24 دقيقة", "24 د"),
        ("pt_BR", "Para ouvir: 24 minutos", "24 min"),
        ("ru_RU", "Can be heard: 24 minutes", "24 min"),
    ],
)
def test_a_list_is_asked_about_once_and_shows_an_ear_with_the_minutes(
    tmp_path: Path, client: FlaskClient, locale: str, label: str, short: str
) -> None:
    posts = [
        {"ID": 1, "url": HEARD, "title": "Le fleuve"},
        {"ID": 2, "url": SILENT, "title": "Rien"},
        {"ID": 3, "url": "https://gazette.example/brouillon/", "post_status": "draft"},
        {"ID": 4, "url": "https://gazette.example/secret/", "post_password": "x"},
    ]
    said = run(
        tmp_path,
        [{"do": "list", "posts": posts}, {"do": "list", "posts": posts}],
        real_answers(client, [HEARD, SILENT]),
        locale,
    )
    first, again = said["steps"]
    assert (len(first["asked"]), len(again["asked"])) == (1, 0)
    # What nobody may read yet is nobody's to know of.
    assert json.loads(first["asked"][0]["body"]) == {"urls": [HEARD, SILENT]}
    came = first["came"]
    assert came["titles"][1:] == ["Rien", "Titre", "Titre"]
    assert (came["before"], came["menu"], came["behind"]) == ("Le fleuve", "Menu", "Le fleuve")
    title = HTMLParser(f"<h2>{came['titles'][0]}</h2>").css_first("h2")
    assert title is not None
    assert title.text().split() == ["Le", "fleuve", *short.split()]
    ear = title.css_first(".griot-ear")
    assert ear is not None
    assert (ear.attributes["role"], ear.attributes["aria-label"]) == ("img", label)
    # Themes write titles into attributes: nothing ends one.
    assert '"' not in came["titles"][0]


@needs_php
def test_feeds_and_the_desk_are_left_alone(tmp_path: Path, client: FlaskClient) -> None:
    steps = [{"do": place, "post": {"url": HEARD, "title": "Titre"}} for place in ("feed", "admin")]
    for step in run(tmp_path, steps, real_answers(client))["steps"]:
        page, titles = step["came"]
        assert page["content"] == "<p>Texte</p>"
        assert titles["titles"] == ["Titre"]
        assert step["asked"] == []


@needs_php
def test_a_player_that_the_author_put_there_is_enough(tmp_path: Path, client: FlaskClient) -> None:
    content = f'<p><iframe src="{BASE}/embed/episodes/eco/bus"></iframe></p>'
    secret = viewed(HEARD, post_password="x")
    steps = [{**viewed(HEARD), "content": content}, secret, viewed(HEARD, post_status="draft")]
    pasted, closed, draft = run(tmp_path, steps, real_answers(client))["steps"]
    assert pasted["came"]["content"] == content
    assert "script" in pasted["came"]
    assert closed["came"]["content"] == draft["came"]["content"] == "<p>Texte</p>"
    assert pasted["asked"] == closed["asked"] == draft["asked"] == []


@needs_php
def test_a_pasted_address_becomes_the_frame_alone(tmp_path: Path, client: FlaskClient) -> None:
    page = f"{BASE}/shows/eco/bus"
    html = client.get("/oembed", query_string={"url": page}).json["html"]  # type: ignore[index] # it is JSON
    steps = [{"do": "embed", "html": html, "url": url} for url in (page, "https://video.example/1")]
    said = run(tmp_path, steps, {})
    assert said["steps"][0]["came"] == re.search("<iframe.*</iframe>", html)[0]  # type: ignore[index] # it is there
    assert said["steps"][1]["came"] == html
    [[pattern, provider, is_regex]] = said["providers"]
    assert (provider, is_regex) == (f"{BASE}/oembed", True)
    matches = re.compile(pattern[1:-2].replace("\\-", "-"), re.IGNORECASE)
    for ours in (page, f"{BASE}/playlists/jour?theme=dark", f"{BASE}/embed/article?url=x"):
        assert matches.search(ours)
    for other in (f"{BASE}/", "https://radioXexample.org/shows/a", f"https://evil.example/{page}"):
        assert not matches.search(other)


@needs_php
def test_what_a_strange_answer_says_is_never_written_into_a_page(tmp_path: Path) -> None:
    hostile = [
        {"embed_url": "https://evil.example/embed/x", "title": "a"},
        {"embed_url": f"{BASE}.evil.example/embed/x", "title": "a"},
        {"embed_url": "javascript:alert(1)", "title": "a"},
        {"embed_url": [BASE], "title": "a"},
        {"embed_url": f"{BASE}/embed/x", "title": {"a": 1}},
        {"title": "a"},
        "x",
        None,
        {
            "embed_url": f'{BASE}/embed/x"><script>',
            "title": '"><script>alert(1)</script>',
            "duration_seconds": "x",
        },
    ]
    body = json.dumps({"episodes": hostile})
    address = f"GET {BASE}{LOOK_UP}?url={quote(HEARD, safe='')}"
    [step] = run(tmp_path, [viewed(HEARD)], {address: {"status": 200, "body": body}})["steps"]
    page = HTMLParser(step["came"]["content"])
    assert page.css_first("script") is None
    [frame] = page.css("iframe")
    assert frame.attributes["src"] == f"{BASE}/embed/xscript"
    assert frame.attributes["title"] == '"><script>alert(1)</script>'
    for body in ('{"episodes": 7}', '{"episodes": {"a": 1}}', "[]", "{}"):
        [step] = run(tmp_path, [viewed(HEARD)], {address: {"status": 200, "body": body}})["steps"]
        assert step["came"]["content"] == "<p>Texte</p>"


@needs_php
def test_the_plugins_of_two_sites_bear_each_other(tmp_path: Path, client: FlaskClient) -> None:
    other = "https://other.example"
    said = run(tmp_path, [viewed(HEARD)], real_answers(client), bases=(BASE, other))
    [step] = said["steps"]
    assert {asked["url"].partition("/api")[0] for asked in step["asked"]} == {BASE, other}
    assert step["came"]["content"].count("<iframe") == 1
    assert len(said["styles"]) == 2
