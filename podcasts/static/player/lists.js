// SPDX-License-Identifier: AGPL-3.0-or-later
// Lists: search, order and the rest of a long list; what is left of each track, from this browser's memory.
//
// It reads, inside the player: [data-search] a field, [data-sort] a select (day, title, seconds), [data-count] how many are
// found, [data-rest] a link to the page with the tracks that follow; of a track data-title, -seconds, -day, [data-who].

import { minutesLeft } from "./left.js";
import { recall } from "./memory.js";
import { plain } from "./plain.js";
import { shuffled } from "./shuffle.js";

const SHOWN_AT_ONCE = 100;
const AT_ONCE = 1_000;

// Tracks in another order, by their data; "" gives them as they were given.
export function sorted(rows, by, language) {
  const words = new Intl.Collator(language, { numeric: true, sensitivity: "base" });
  const of = (row) => row.dataset[by] ?? "";
  const ways = {
    day: (one, other) => of(other).localeCompare(of(one)),
    title: (one, other) => words.compare(of(one), of(other)),
    seconds: (one, other) => Number(of(one)) - Number(of(other)),
  };
  return ways[by] ? rows.toSorted(ways[by]) : [...rows];
}

export function lists(player, words) {
  const list = player.querySelector(".list");
  const [field, order, count] = ["search", "sort", "count"].map((name) => player.one(name));
  const minutes = (number) => words.left.replace("%s", () => number.toLocaleString(player.lang, { style: "unit", unit: "minute", unitDisplay: "short" }));
  const texts = new WeakMap();
  let given = player.rows;
  let asking = null;

  // "12 min left", "played", "now playing", in a track's row and beside the play button.
  const said = (row) => {
    if (row === player.row && !player.audio.paused) return words.now;
    const [, key] = row.dataset.sounds.split(" ");
    const rest = minutesLeft(recall(`at:${key}`), recall(`played:${key}`), Number(row.dataset.seconds));
    return rest === null ? "" : rest ? minutes(rest) : words.played;
  };
  const mark = (row) => {
    const who = row.querySelector("[data-who]");
    if (!who) return;
    const text = said(row);
    const place = who.nextElementSibling?.matches(".track__left") ? who.nextElementSibling : who.insertAdjacentElement("afterend", document.createElement("span"));
    Object.assign(place, { className: "track__left", textContent: text });
    if (!text) place.remove();
  };
  const beside = document.createElement("span");
  player.querySelector(".times")?.children[0].after(beside);
  const remind = () => { beside.textContent = player.audio.paused ? said(player.row) : ""; };

  const renew = (rows) => {
    player.rows = rows;
    player.current = rows.indexOf(player.row);
    player.order = player.one("shuffle")?.checked ? shuffled(rows.length, player.current) : [...rows.keys()];
    player.dispatch("rows");
  };
  const text = (row) => {
    if (!texts.has(row)) texts.set(row, plain(`${row.dataset.title} ${row.querySelector("[data-who]")?.textContent ?? ""}`));
    return texts.get(row);
  };
  const search = () => {
    const wanted = plain(field.value.trim());
    let found = 0;
    for (const row of player.rows) {
      row.hidden = !text(row).includes(wanted);
      if (!row.hidden) found += 1;
    }
    count.textContent = wanted ? words.tracks.replace("%s", found.toLocaleString(player.lang)) : "";
  };
  const arrange = () => {
    if (!order) return;
    const rows = sorted(given, order.value, player.lang);
    list.append(...rows);
    renew(rows);
  };
  const fetchMore = async (link, many) => {
    const url = new URL(link.href);
    url.searchParams.set("count", many);
    const answer = await fetch(url.href).catch(() => null);
    if (!answer?.ok) {
      player.say(words.lost);
      return false;
    }
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const rows = [...page.querySelectorAll(".list > [data-track]")].map((row) => document.adoptNode(row));
    for (const row of rows) row.removeAttribute("aria-current");
    const further = page.querySelector("[data-rest]");
    if (further) Object.assign(link, { href: further.getAttribute("href"), textContent: further.textContent });
    else link.remove();
    given = [...given, ...rows];
    rows.forEach(mark);
    if (order?.value) arrange();
    else {
      list.append(...rows);
      renew([...player.rows, ...rows]);
    }
    return rows.length > 0;
  };
  // One at a time; whoever searches or sorts wants all of it.
  const more = (many = SHOWN_AT_ONCE) => {
    const link = player.one("rest");
    if (!link) return Promise.resolve(false);
    asking ??= fetchMore(link, many).finally(() => { asking = null; });
    return asking;
  };
  const all = async () => {
    while (player.one("rest") && await more(AT_ONCE));
  };

  player.addEventListener("click", async (event) => {
    const link = event.target.closest("[data-rest]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const before = player.rows.length;
    await more();
    // The first of those that came is where a keyboard goes on.
    if (!link.isConnected) player.rows[before]?.querySelector("a")?.focus();
  });
  field?.addEventListener("input", async () => {
    search();
    if (!field.value || !player.one("rest")) return;
    await all();
    search();
  });
  order?.addEventListener("change", async () => {
    await all();
    arrange();
    search();
  });
  player.addEventListener("griot-track", () => {
    if (list && !player.rows.includes(given[0])) given = player.rows;
    if (player.current >= player.rows.length - 2) more();
    remind();
  });
  for (const name of ["pause", "ended", "leave"]) player.addEventListener(`griot-${name}`, () => {
    const { row } = player;
    // Once the place is noted, which is done on the same sign.
    queueMicrotask(() => {
      mark(row);
      remind();
    });
  });
  player.addEventListener("griot-play", () => {
    mark(player.row);
    remind();
  });
  player.rows.forEach(mark);
  remind();
  // What was typed and chosen while these functions were on their way.
  if (field?.value) field.dispatchEvent(new Event("input"));
  if (order?.value) order.dispatchEvent(new Event("change"));
}
