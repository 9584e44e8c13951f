// SPDX-License-Identifier: AGPL-3.0-or-later
// Pages: once something was heard in this tab, a link to another page of ours brings that page here, and the sound goes
// on. Address, title, what the page says to machines, focus, scrolling and the ways back and on stay as they would be.
// Whatever is not a page of ours, does not come or takes too long is gone to as links go.
//
// It keeps the player and whatever has data-stays; the scripts of a page run anew, those with data-stays once. "griot-page" on
// the document says that another page stands there.

import { asked, destination, isPage, isPlain } from "./going.js";

const PATIENCE_MS = 8000;
const KEPT_PAGES = 10;
const OF_A_PAGE = "meta[name]:not([name=viewport]), meta[property], link:not([rel~=stylesheet]), script[type='application/ld+json']";

export function travel(player, sheet) {
  const places = new Map();
  const texts = new Map();
  let started = !player.audio.paused;
  let shown = address();
  let number = 0;
  let asking = null;

  function address() {
    return location.pathname + location.search;
  }

  // Each entry has a name, by which it is known where it was left.
  function named() {
    if (history.state?.griot) return;
    history.replaceState({ ...history.state, griot: `${Date.now()}-${Math.random()}` }, "");
  }

  function noted() {
    if (!history.state?.griot || address() !== shown || sheet.isOpen()) return;
    const link = document.activeElement?.closest("main a[href], header a[href], footer a[href]")?.getAttribute("href");
    places.set(history.state.griot, { top: scrollY, link });
  }

  function begin() {
    if (started) return;
    started = true;
    history.scrollRestoration = "manual";
    named();
  }

  function reading(url) {
    asking?.abort();
    const mine = new AbortController();
    asking = mine;
    const timer = setTimeout(() => mine.abort("slow"), PATIENCE_MS);
    document.documentElement.dataset.going = "";
    return pageAt(url, mine.signal).finally(() => {
      clearTimeout(timer);
      if (asking === mine) delete document.documentElement.dataset.going;
    });
  }

  async function pageAt(url, signal) {
    const answer = await fetch(url, { signal, headers: { Accept: "text/html" } });
    const end = new URL(answer.url);
    const isOurs = answer.status === 200 && answer.headers.get("content-type")?.startsWith("text/html") && isPage(end, location.href);
    if (!isOurs) throw new TypeError("not a page of ours");
    return { text: await answer.text(), end: end.pathname + end.search };
  }

  // Go to an address that `destination` has let through.
  async function go(url) {
    noted();
    // For whoever comes back after a reload, when all that was noted is gone.
    history.replaceState({ ...history.state, place: places.get(history.state?.griot) }, "");
    try {
      const { text, end } = await reading(url);
      const page = pageOf(text);
      // The sheet's own entry becomes the page's: back leads to the page below it.
      const way = sheet.isOpen() || `${location.pathname}${location.search}` === end ? "replaceState" : "pushState";
      sheet.shrink(false);
      history[way]({ griot: `${Date.now()}-${number += 1}` }, "", end + url.hash);
      keepText(end, text);
      await put(page);
      arrive(url.hash);
    } catch (reason) {
      // A second click has taken its place.
      if (reason.name === "AbortError") return;
      location.assign(url.href);
    }
  }

  function keepText(end, text) {
    texts.delete(end);
    texts.set(end, text);
    if (texts.size > KEPT_PAGES) texts.delete(texts.keys().next().value);
  }

  async function travelled() {
    const state = history.state ?? {};
    asking?.abort();
    if (address() === shown) {
      if (state.sheet) sheet.open(true);
      else if (sheet.isOpen()) sheet.shrink(true);
      else if (started) scrollBack(state);
      return;
    }
    sheet.shrink(false);
    const here = address();
    const place = places.get(state.griot) ?? state.place;
    try {
      const text = texts.get(here) ?? (await reading(location.href)).text;
      if (address() !== here) return;
      keepText(here, text);
      await put(pageOf(text));
      arrive("", place);
    } catch (reason) {
      if (reason.name !== "AbortError") location.reload();
    }
  }

  function scrollBack({ griot }) {
    const place = places.get(griot);
    if (place) scrollTo({ top: place.top, behavior: "instant" });
    else named();
  }

  async function put(page) {
    const root = document.documentElement;
    for (const name of ["lang", "dir"]) root.setAttribute(name, page.documentElement.getAttribute(name) ?? "");
    document.title = page.title;
    await styled(page);
    head(page);
    speak(page);
    const scripts = [...page.querySelectorAll("script[type=module][src]")];
    body(page);
    shown = address();
    document.dispatchEvent(new CustomEvent("griot-page"));
    // Nobody waits for them with focus and scrolling.
    run(scripts);
  }

  // The player's own words, where the other page speaks another language.
  function speak(page) {
    const other = page.querySelector("griot-player.player--bar");
    if (!other || other.lang === player.lang) return;
    // What came by script keeps the language that it came in.
    for (const name of ["more", "queue-box", "sheet-top", "note"]) player.one(name).lang ||= player.lang;
    player.lang = other.lang;
    player.ariaLabel = other.getAttribute("aria-label");
    player.words = JSON.parse(other.dataset.words);
    player.one("rows").dataset.rows = other.querySelector("[data-rows]").dataset.rows;
    for (const button of other.querySelectorAll("[data-do], [data-sheet]")) {
      const { do: what, by } = button.dataset;
      const own = player.querySelector(what ? `[data-do="${what}"]${by ? `[data-by="${by}"]` : ""}` : "[data-sheet]");
      for (const name of ["data-label", "aria-label"]) if (own && button.hasAttribute(name)) own.setAttribute(name, button.getAttribute(name));
    }
    player.setSpeed(player.speed);
    if (!player.row) return;
    player.cost();
    player.marked();
  }

  function arrive(hash, place) {
    const target = hash && document.getElementById(decoded(hash.slice(1)));
    if (place) {
      scrollTo({ top: place.top, behavior: "instant" });
      const link = place.link && document.querySelector(`a[href="${CSS.escape(place.link)}"]`);
      if (link) {
        link.focus({ preventScroll: true });
        return;
      }
    } else if (target) target.scrollIntoView({ behavior: "instant" });
    else scrollTo({ top: 0, behavior: "instant" });
    const words = target || document.querySelector("main h1") || document.querySelector("main");
    if (!words.matches("a, button, input, summary")) words.tabIndex = -1;
    words.focus({ preventScroll: true });
  }

  function clicked(event) {
    const link = event.target.closest?.("a[href]");
    if (!started || !link || !isPlain(event)) return;
    const { href, target, type, rel } = link;
    const url = destination({ href, target, type, rel, download: link.getAttribute("download") }, location.href);
    if (!url) return;
    event.preventDefault();
    go(url);
  }

  function submitted(event) {
    const { target: form, submitter } = event;
    // A button with an address or a way of its own is left to the browser.
    if (!started || event.defaultPrevented || submitter?.matches("[formaction], [formmethod], [formtarget]")) return;
    const fields = [...new FormData(form), ...(submitter?.name ? [[submitter.name, submitter.value]] : [])];
    const url = asked({ action: form.action, method: form.method, target: form.target }, fields, location.href);
    if (!url) return;
    event.preventDefault();
    go(url);
  }

  if (started) {
    started = false;
    begin();
  }
  if (history.state?.sheet) history.replaceState({ ...history.state, sheet: false }, "");
  player.addEventListener("griot-play", begin);
  // After everybody else: what has been answered already is nothing for us.
  addEventListener("click", clicked);
  addEventListener("submit", submitted);
  addEventListener("popstate", travelled);
  addEventListener("scroll", noted, { passive: true });
  // A page that is loaded is scrolled by the browser itself.
  addEventListener("pagehide", () => { history.scrollRestoration = "auto"; });
  addEventListener("pageshow", ({ persisted }) => { if (persisted && started) history.scrollRestoration = "manual"; });
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function pageOf(text) {
  const page = new DOMParser().parseFromString(text, "text/html");
  if (!page.querySelector("main#main") || !page.querySelector("header.top")) throw new TypeError("not a page of ours");
  return page;
}

// What stands around the player changes; the player stays where it is.
function body(page) {
  const stays = (part) => part.matches("griot-player.player--bar, script, [data-stays]");
  const place = document.querySelector("griot-player.player--bar");
  for (const part of [...document.body.children]) if (!stays(part)) part.remove();
  document.body.className = page.body.className;
  let before = true;
  for (const part of [...page.body.children]) {
    if (part.matches("griot-player.player--bar")) before = false;
    else if (!stays(part)) (before ? place : document.body)[before ? "before" : "append"](document.adoptNode(part));
  }
}

function head(page) {
  const wanted = [...page.head.querySelectorAll(OF_A_PAGE)];
  for (const old of document.head.querySelectorAll(OF_A_PAGE)) {
    const same = wanted.findIndex((one) => one.isEqualNode(old));
    if (same < 0) old.remove();
    else wanted.splice(same, 1);
  }
  document.head.append(...wanted);
}

// A site that was updated meanwhile: its new style, before what it is for.
async function styled(page) {
  const link = page.head.querySelector("link[rel=stylesheet]");
  const old = document.head.querySelector("link[rel=stylesheet]");
  if (!link || link.getAttribute("href") === old?.getAttribute("href")) return;
  await new Promise((done) => {
    for (const name of ["load", "error"]) link.addEventListener(name, done, { once: true });
    document.head.append(document.adoptNode(link));
  });
  old?.remove();
}

let runs = 0;

async function run(scripts) {
  runs += 1;
  for (const script of scripts) {
    // By its hash it is another module to the browser, and runs anew; its bytes are the same.
    const again = script.matches("[data-stays]") ? "" : `#${runs}`;
    await import(script.getAttribute("src") + again).catch(() => null);
  }
}
