// SPDX-License-Identifier: AGPL-3.0-or-later
// Stay: what goes on while a listener moves through the site: pages without a pause, the queue, the open player, and
// what this tab was listening to. It comes with the first play; the markup of its parts and its words come inside.

import { keepList } from "./list.js";
import { facts, made } from "./items.js";
import { travel } from "./pages.js";
import { remember, remembered } from "./session.js";
import { growing } from "./sheet.js";

const NOTE_MS = 4000;

// Dress the player and give what its buttons ask for: open(), offer(row, button). `markup` is ours, from a template.
export function beginStay(player, { markup, words }) {
  dress(player, markup);
  const sheet = growing(player);
  travel(player, sheet);
  const list = keepList(player, words, (text) => note(player, text));
  keepSession(player, restore(player));
  return { open: () => sheet.open(), offer: list.offer };
}

function dress(player, markup) {
  const page = new DOMParser().parseFromString(markup, "text/html");
  player.prepend(document.adoptNode(page.querySelector("[data-sheet-top]")));
  player.one("more").before(document.adoptNode(page.querySelector("[data-queue-box]")));
  player.append(document.adoptNode(page.querySelector("[data-note]")));
}

function note(player, text) {
  const place = player.one("note");
  place.textContent = text;
  clearTimeout(place.timer);
  place.timer = setTimeout(() => { place.textContent = ""; }, NOTE_MS);
}

function plain(row) {
  const { queued } = row.dataset;
  return { data: { ...facts(row), ...(queued ? { queued } : {}) }, cover: row.querySelector("[data-cover]")?.innerHTML ?? "" };
}

function session(player) {
  return { tracks: player.rows, current: player.current, at: player.at(), onward: player.onward ?? null };
}

// The last track, where it was left, paused; nothing is fetched. A page that shows a track of its own keeps it, unless it
// was loaded once more; what was queued follows there too. Gives whether it stands in the player now.
function restore(player) {
  const found = remembered();
  if (!found) return false;
  const items = found.tracks.map(({ data, cover }) => made(data, drawn(cover)));
  const [navigation] = performance.getEntriesByType("navigation");
  if (player.loaded || (player.row && navigation?.type === "navigate")) {
    const queued = items.slice(found.current + 1).filter((item) => item.dataset.queued);
    const rows = [...player.rows, ...queued];
    Object.assign(player, { rows, order: [...rows.keys()] });
    player.dispatch("track");
    return false;
  }
  player.hidden = false;
  player.onward = found.onward;
  player.adopt(items, found.current, found.at);
  return true;
}

// A cover is a picture or a drawing, nothing else.
function drawn(markup) {
  return new DOMParser().parseFromString(markup, "text/html").querySelector("svg, img");
}

// A page that was only opened does not take the place of what was heard.
function keepSession(player, restored) {
  let worth = restored || player.loaded;
  const save = () => { if (worth) remember(session(player), plain); };
  const deed = () => {
    worth = true;
    save();
  };
  for (const name of ["play", "queue"]) player.addEventListener(`griot-${name}`, deed);
  for (const name of ["pause", "track"]) player.addEventListener(`griot-${name}`, save);
  addEventListener("pagehide", save);
  document.addEventListener("visibilitychange", save);
}
