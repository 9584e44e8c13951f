// SPDX-License-Identifier: AGPL-3.0-or-later
// Tracks: on our own pages, a click on any play link plays that track in the page's one player, and its list goes on.
//
// On top of HTML that works without it (every play link is a link to the sound). It reads, in main:
//   [data-track]        a row or a hero: one track, see player.js; [data-track-state] words shown while it plays
//   [data-play]         a link to the sound; data-pause-label is its name while it plays
//   [data-queue]        a list whose tracks follow one another; a[rel=next] beside it leads to its next page
//   [data-chapter]      a link to a start in seconds of the page's own sound
//   [data-options]      where a row's button for the queue stands, where that is not the row's end
// and in the player: [data-rows], the words of the rows as JSON, with data-stay, the module of stay.js;
// [data-now-show]; [data-sheet], the button that opens the player.
// It sets data-state="playing" on play links, aria-current on current rows, says what is left of each, gives each a
// button for the queue, and shows the player at the first play. "griot-page" on the document: another page stands there.

import { minutesLeft } from "../player/left.js";
import { recall } from "../player/memory.js";
import { itemOf, keyOf } from "./items.js";

const player = document.querySelector("griot-player.player--bar");
let words = {};
let staying = null;

// What goes on while one moves through the site comes with the first play; null where it cannot be had.
function stay() {
  staying ??= import(player.one("rows").dataset.stay).catch(() => { staying = null; }).then((module) => module?.begin(player) ?? null);
  return staying;
}

function rowsInMain() {
  return document.querySelectorAll("main [data-track]");
}

// The row that a play link belongs to; a button for a whole list stands for its first track.
function rowOf(link) {
  const own = link.closest("[data-track]");
  if (own) return own;
  const same = [...document.querySelectorAll("main [data-track] [data-play]")].find((other) => other.href === link.href);
  return same?.closest("[data-track]");
}

function listen(row, at) {
  if (keyOf(row) === player.key && !player.hidden && at === undefined) {
    player.toggle();
    return;
  }
  const list = row.closest("[data-queue]");
  const rows = list ? [...list.querySelectorAll("[data-track]")].filter(keyOf) : [row];
  // What somebody has put into the queue still follows, after the new list.
  const waiting = (player.rows ?? []).slice(player.current + 1).filter((item) => item.dataset.queued);
  player.hidden = false;
  player.onward = list?.parentElement.querySelector("a[rel=next]")?.href ?? null;
  player.equip();
  player.adopt([...rows.map(itemOf), ...waiting], rows.indexOf(row), at);
  player.play();
  stay();
}

function clicked(event) {
  const link = event.target.closest("[data-play], [data-chapter]");
  if (!link || player.contains(link) || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  const chapter = link.dataset.chapter;
  const row = chapter === undefined ? rowOf(link) : document.querySelector(".hero[data-track]");
  if (!keyOf(row)) return;
  event.preventDefault();
  listen(row, chapter === undefined ? undefined : Number(chapter));
}

function mark() {
  const playing = !player.audio.paused;
  for (const row of rowsInMain()) {
    const current = Boolean(player.key) && keyOf(row) === player.key;
    const state = row.querySelector("[data-track-state]");
    if (state) state.hidden = !(current && playing);
    if (row.matches("li")) row.ariaCurrent = current || null;
  }
  for (const link of document.querySelectorAll("main [data-play]")) {
    const current = playing && keyOf(rowOf(link)) === player.key;
    link.dataset.playLabel ??= link.getAttribute("aria-label") ?? "";
    if (current) link.dataset.state = "playing";
    else delete link.dataset.state;
    const label = current ? link.dataset.pauseLabel : link.dataset.playLabel;
    if (label) link.setAttribute("aria-label", label);
  }
}

// "12 min left", "played": behind the row's other facts.
function tell() {
  for (const row of rowsInMain()) {
    const state = row.querySelector("[data-track-state]");
    const key = keyOf(row);
    if (!state || !key) continue;
    const minutes = minutesLeft(recall(`at:${key}`), recall(`played:${key}`), Number(row.dataset.seconds));
    let place = row.querySelector("[data-left]");
    if (!place && minutes === null) continue;
    if (!place) {
      place = document.createElement(state.localName);
      place.dataset.left = "";
      state.before(place);
    }
    place.hidden = minutes === null;
    place.textContent = minutes ? words.left.replace("%s", minutes.toLocaleString(player.lang, { style: "unit", unit: "minute" })) : words.played;
  }
}

// Each row's button for the queue.
function offer() {
  for (const row of rowsInMain()) {
    if (!keyOf(row) || row.querySelector("[data-options-button]")) continue;
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: "options", textContent: "⋯" });
    button.setAttribute("aria-label", words.options.replace("%s", () => row.dataset.title));
    button.setAttribute("aria-expanded", "false");
    button.dataset.optionsButton = "";
    (row.querySelector("[data-options]") ?? row).append(button);
    button.addEventListener("click", () => stay().then((seat) => seat?.offer(row, button)));
  }
}

function show() {
  const { artist, show: name } = player.row?.dataset ?? {};
  const names = [...new Set([artist, name])].filter(Boolean);
  // Two of them each keep their own direction (Unicode UAX 9, isolates).
  player.one("now-show").textContent = (names[1] ? names.map((one) => `\u2068${one}\u2069`) : names).join(" · ");
}

function dress() {
  words = JSON.parse(player.one("rows").dataset.rows);
  mark();
  tell();
  offer();
}

// An entry that was made without loading a page, after a reload: what stands here is another page.
const shown = location.pathname + location.search;

function travelled() {
  if (!staying && location.pathname + location.search !== shown) location.reload();
}

document.addEventListener("click", clicked);
document.addEventListener("griot-page", dress);
for (const name of ["play", "pause", "track"]) player.addEventListener(`griot-${name}`, mark);
// After the note that is made of it.
for (const name of ["pause", "track", "ended"]) player.addEventListener(`griot-${name}`, () => queueMicrotask(tell));
player.addEventListener("griot-track", show);
// Whatever made it play (a row of the page, a key of the keyboard): place, lock screen and lost lines are minded.
player.addEventListener("griot-play", () => player.equip());
player.addEventListener("griot-play", stay);
player.one("sheet").addEventListener("click", () => stay().then((seat) => seat?.open()));
addEventListener("storage", tell);
addEventListener("pageshow", ({ persisted }) => { if (persisted) tell(); });
addEventListener("popstate", travelled);
dress();
try {
  if (sessionStorage.getItem("griot:session")) stay();
} catch {
  // Nothing is kept here.
}
