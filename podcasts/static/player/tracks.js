// SPDX-License-Identifier: AGPL-3.0-or-later
// Tracks: on our own pages, a click on any play link plays that track in the page's one player, and its list goes on.
//
// On top of HTML that works without it (every play link is a link to the sound). It reads:
//   [data-track]        a row or a hero: one track, see player.js; [data-track-state] words shown while it plays
//   [data-play]         a link to the sound; data-pause-label is its name while it plays
//   [data-queue]        a list whose tracks follow one another
//   [data-chapter]      a link to a start in seconds of the page's own sound
// It sets data-state="playing" on play links, aria-current on current rows, and shows the player at the first play.

const player = document.querySelector("griot-player");

function keyOf(row) {
  return row?.dataset.sounds?.split(" ")[1];
}

// The row that a play link belongs to; a button for a whole list stands for its first track.
function rowOf(link) {
  const own = link.closest("[data-track]");
  if (own) return own;
  const same = [...document.querySelectorAll("[data-track] [data-play]")].find((other) => other.href === link.href);
  return same?.closest("[data-track]");
}

function listen(row, at) {
  if (keyOf(row) === player.key && at === undefined) {
    player.toggle();
    return;
  }
  const list = row.closest("[data-queue]");
  const rows = list ? [...list.querySelectorAll("[data-track]")].filter(keyOf) : [row];
  player.hidden = false;
  player.equip();
  player.adopt(rows, rows.indexOf(row), at);
  player.play();
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
  for (const row of document.querySelectorAll("[data-track]")) {
    const current = Boolean(player.key) && keyOf(row) === player.key;
    const words = row.querySelector("[data-track-state]");
    if (words) words.hidden = !(current && playing);
    if (row.matches("li")) row.toggleAttribute("aria-current", current);
    if (current && row.matches("li")) row.setAttribute("aria-current", "true");
  }
  for (const link of document.querySelectorAll("[data-play]")) {
    const current = playing && keyOf(rowOf(link)) === player.key;
    link.dataset.playLabel ??= link.getAttribute("aria-label") ?? "";
    if (current) link.dataset.state = "playing";
    else delete link.dataset.state;
    const label = current ? link.dataset.pauseLabel : link.dataset.playLabel;
    if (label) link.setAttribute("aria-label", label);
  }
}

document.addEventListener("click", clicked);
for (const name of ["play", "pause", "track"]) player.addEventListener(`griot-${name}`, mark);
