// SPDX-License-Identifier: AGPL-3.0-or-later
// Items: a track as the player keeps it, apart from the page that it was found on.

const FACTS = ["track", "sounds", "name", "title", "language", "seconds", "page", "show", "bars", "has", "artist", "album"];

// What a track is known by; undefined for a row without a sound.
export function keyOf(row) {
  return row?.dataset.sounds?.split(" ")[1];
}

// A row says who speaks in its words; an item has it among its facts.
export function facts(row) {
  const said = (name) => row.querySelector(`[data-who-${name}]`)?.textContent.trim() || row.dataset[name];
  return Object.fromEntries(FACTS.map((name) => [name, said(name)]).filter(([, fact]) => fact !== undefined));
}

// An item of the player's own list: `data` as in `facts`, and the cover's element, if there is one.
export function made(data, cover) {
  const item = document.createElement("li");
  const place = document.createElement("span");
  item.className = "queue__item";
  Object.assign(item.dataset, data);
  place.dataset.cover = "";
  if (cover) place.append(cover);
  item.append(place);
  return item;
}

export function itemOf(row) {
  const cover = row.querySelector("[data-cover], [data-now-cover]")?.firstElementChild;
  return made(facts(row), cover?.cloneNode(true));
}
