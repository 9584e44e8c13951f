// SPDX-License-Identifier: AGPL-3.0-or-later
// List: the queue as the open player shows it, and the two ways into it from a row.
//
// It reads, in the player: [data-queue-list], a list whose items are the player's own tracks; [data-queue-none], words
// for an empty one; [data-arrange] and [data-clear], buttons; two templates: [data-queue-row], what an item gets
// ([data-play], [data-clock], [data-move] with -1 or 1, [data-away]); [data-ways] with [data-way] "next" and "last".

import { clock } from "../player/times.js";
import { keyOf, itemOf } from "./items.js";
import { cleared, last, moved, next, onward, reordered, without } from "./queue.js";

// `words` are {moved, next, last}; `note` says something in passing.
export function keepList(player, words, note) {
  const list = player.one("queue-list");
  const arrange = player.one("arrange");
  let held = null;
  let ways = null;

  function put({ rows, current }) {
    player.order = reordered(player.rows, player.order, rows);
    Object.assign(player, { rows, current });
    show();
    player.dispatch("queue");
  }

  function dressed(item) {
    if (item.querySelector("[data-play]")) return item;
    const { title, language, sounds, seconds, name } = item.dataset;
    const [, key, extension] = sounds.split(" ");
    item.append(player.one("queue-row").content.cloneNode(true));
    const link = item.querySelector("[data-play]");
    Object.assign(link, { textContent: title, lang: language, href: `/media/${key}/${name}.${extension}` });
    item.querySelector("[data-clock]").textContent = Number(seconds) ? clock(Number(seconds)) : "";
    for (const button of item.querySelectorAll("[data-label]")) button.setAttribute("aria-label", button.dataset.label.replace("%s", () => title));
    return item;
  }

  // The rows of a page become items of our own, apart from the page.
  function show() {
    player.rows = player.rows.map((row) => (row.matches(".queue__item") ? row : itemOf(row)));
    player.row = player.rows[player.current];
    list.replaceChildren(...player.rows.map(dressed));
    marked();
  }

  function marked() {
    for (const [index, item] of player.rows.entries()) {
      item.ariaCurrent = index === player.current || null;
      item.classList.toggle("queue__item--past", index < player.current);
      item.draggable = arrange.getAttribute("aria-pressed") === "true" && index > player.current;
    }
    const follows = player.rows.length > player.current + 1;
    player.one("queue-none").hidden = follows;
    for (const name of ["arrange", "clear"]) player.one(name).hidden = !follows;
    for (const part of player.querySelectorAll("[data-several]")) part.hidden = !player.rows[1];
  }

  function add(row, where) {
    const item = itemOf(row);
    item.dataset.queued = "1";
    if (!player.row) {
      player.hidden = false;
      player.adopt([item], 0);
      show();
    } else put((where === "next" ? next : last)(player, item));
    note(words[where].replace("%s", () => row.dataset.title));
  }

  function move(item, by) {
    const from = player.rows.indexOf(item);
    put(moved(player, from, from + by));
    // A title may hold "%2" itself: it comes last.
    note(words.moved.replace("%2", player.rows.indexOf(item) - player.current).replace("%3", player.rows.length - player.current - 1).replace("%1", () => item.dataset.title));
  }

  function away(item) {
    const index = player.rows.indexOf(item);
    put(without(player, index));
    const after = player.rows[index] ?? player.rows[index - 1];
    (after?.draggable ? after.querySelector("[data-away]") : player.one("queue-head")).focus();
  }

  function clicked({ target }) {
    const item = target.closest(".queue__item");
    const step = target.closest("[data-move]");
    if (target.closest("[data-away]")) away(item);
    else if (step) {
      move(item, Number(step.dataset.move));
      step.focus();
    } else if (target.closest("[data-clear]")) {
      put(cleared(player));
      player.one("queue-head").focus();
    } else if (target.closest("[data-arrange]")) {
      arrange.setAttribute("aria-pressed", String(arrange.getAttribute("aria-pressed") !== "true"));
      list.classList.toggle("queue--arranged", arrange.getAttribute("aria-pressed") === "true");
      marked();
    }
  }

  function draggedOver(event) {
    const item = event.target.closest(".queue__item");
    if (!held || !item?.draggable) return;
    event.preventDefault();
    if (item === held) return;
    const half = item.getBoundingClientRect().top + item.offsetHeight / 2;
    item[event.clientY < half ? "before" : "after"](held);
  }

  function dropped() {
    if (!held) return;
    const from = player.rows.indexOf(held);
    const to = [...list.children].indexOf(held);
    held = null;
    put(moved(player, from, to));
  }

  // A random order, made by the extras, is shown as it will be heard; and the list's own once more when it is left.
  function shuffled({ target }) {
    if (!target.matches("[data-shuffle]")) return;
    const { row } = player;
    for (const [index, item] of player.rows.entries()) if (target.checked) item.dataset.place ??= index;
    const rows = target.checked ? player.order.map((index) => player.rows[index])
      : [...player.rows].sort((one, other) => (one.dataset.place ?? Infinity) - (other.dataset.place ?? Infinity));
    for (const item of rows) if (!target.checked) delete item.dataset.place;
    Object.assign(player, { rows, current: rows.indexOf(row), order: [...rows.keys()] });
    show();
    player.dispatch("queue");
  }

  // The small choice beside a row: next, or at the end.
  function offer(row, button) {
    const again = ways?.button === button;
    shut(false);
    if (again) return;
    ways = player.one("ways").content.firstElementChild.cloneNode(true);
    ways.button = button;
    button.after(ways);
    button.setAttribute("aria-expanded", "true");
    ways.addEventListener("click", ({ target }) => {
      const way = target.closest("[data-way]")?.dataset.way;
      if (!way) return;
      shut(true);
      add(row, way);
    });
    ways.querySelector("button").focus();
    ways.scrollIntoView({ block: "nearest" });
  }

  function shut(back) {
    if (!ways) return;
    ways.button.setAttribute("aria-expanded", "false");
    if (back) ways.button.focus();
    ways.remove();
    ways = null;
  }

  // Before a list ends, its next page is fetched; when that came too late, it goes on there.
  async function goOn() {
    const own = player.rows.map((item, index) => index <= player.current || !item.dataset.queued).lastIndexOf(true);
    const url = player.onward;
    if (!url || own - player.current > 2) return;
    player.onward = null;
    const found = await tracksAt(url);
    if (!found) {
      player.onward = url;
      return;
    }
    const atEnd = player.audio.ended && player.goesOn && player.current === player.rows.length - 1;
    player.onward = found.onward;
    put(onward(player, found.rows.map(itemOf), (item) => item.dataset.queued));
    if (atEnd && player.rows[player.current + 1]) {
      player.load(player.current + 1, 0);
      player.play();
    }
  }

  player.one("queue-box").addEventListener("click", clicked);
  player.addEventListener("change", shuffled);
  list.addEventListener("dragstart", ({ target }) => { held = target.closest(".queue__item"); });
  list.addEventListener("dragover", draggedOver);
  list.addEventListener("dragend", dropped);
  player.addEventListener("griot-track", () => {
    // A new list, by a click on the page.
    if (player.rows.some((row) => row.parentNode !== list)) show();
    else marked();
    goOn();
  });
  player.addEventListener("griot-ended", goOn);
  document.addEventListener("keydown", (event) => { if (event.key === "Escape" && ways) shut(true); });
  document.addEventListener("pointerdown", ({ target }) => { if (ways && !ways.contains(target) && target !== ways.button) shut(false); });
  document.addEventListener("griot-page", () => { ways = null; });
  if (player.row) {
    show();
    goOn();
  }
  return { offer, show };
}

// The tracks of a page's long list, and where it goes on; null where there is none.
async function tracksAt(url) {
  const answer = await fetch(url, { headers: { Accept: "text/html" } }).catch(() => null);
  if (!answer?.ok) return null;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const further = page.querySelector("main a[rel=next]");
  const list = [...page.querySelectorAll("main [data-queue]")].find((one) => one.parentElement.querySelector(".pages"));
  if (!list) return null;
  const address = further && new URL(further.getAttribute("href"), url).href;
  return { rows: [...list.querySelectorAll("[data-track]")].filter(keyOf), onward: address };
}
