// SPDX-License-Identifier: AGPL-3.0-or-later
// Items: a track as the player keeps it, apart from the page that it was found on.

const FACTS = ["track", "sounds", "name", "title", "language", "seconds", "page", "show", "bars", "has"];

// What a track is known by; undefined for a row without a sound.
export function keyOf(row) {
  return row?.dataset.sounds?.split(" ")[1];
}

export function facts(row) {
  return Object.fromEntries(FACTS.filter((name) => row.dataset[name] !== undefined).map((name) => [name, row.dataset[name]]));
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
