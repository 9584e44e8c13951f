// SPDX-License-Identifier: AGPL-3.0-or-later
// Now: where a player has several tracks, what is heard now is said above it, and marked in the list.
//
// It reads, inside the player: [data-now-title], [data-now-cover], [data-now-who], which it fills; of the current track
// data-title, -language, -page, and in it [data-cover] (a track without one is named already) and [data-who];
// [data-rest], the link to the tracks that follow.

function nameNow({ target: player }) {
  const { row, rows } = player;
  const { title, language, page } = row.dataset;
  const cover = row.querySelector("[data-cover]");
  if (!cover) return;
  const place = player.one("now-title");
  Object.assign(place, { textContent: title, lang: language, href: page });
  if (!page) place.removeAttribute("href");
  player.one("now-cover").replaceChildren(...cover.cloneNode(true).children);
  player.one("now-who")?.replaceChildren(...row.querySelector("[data-who]")?.cloneNode(true).childNodes ?? []);
  for (const other of rows) other.ariaCurrent = other === row ? "true" : null;
}

// The link to the rest of a list waits for the functions that fetch it; without them it leads there.
function followRest(event) {
  const link = event.target.closest("[data-rest]");
  if (!link || event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  link.closest("griot-player").equip().then((extras) => {
    if (extras) link.click();
    else location.assign(link.href);
  });
}

document.addEventListener("click", followRest);
// The element tells it while it is brought to life: this stands before player.js.
document.addEventListener("griot-track", nameNow);
