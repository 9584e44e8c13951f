// SPDX-License-Identifier: AGPL-3.0-or-later
// Embed player: inside somebody else's page, a click on a track plays it in the one audio element, and so on to the end.
//
// Inlined into /embed documents. It reads:
//   [data-sound]       the audio element, [data-message] > span words for when it fails
//   [data-queue]       the list; [data-track] a row with data-track-title, -language, -clock and [data-track-cover]
//   [data-play]        the link of a row to its sound
//   [data-now-title], [data-now-clock], [data-now-cover]   the card
//   [data-outside]     links that a WordPress paste blocks; [data-home] the link to our own page, which it follows
// It stores nothing: inside a sandbox, storage throws.

const audio = document.querySelector("[data-sound]");
const message = document.querySelector("[data-message] > span");
const rows = [...document.querySelectorAll("[data-track]")].filter((row) => row.querySelector("[data-play]"));
// WordPress pastes "#?secret=…" and hides the frame until it hears its height (wp-embed.js).
const secret = /[#?&]secret=([^&]+)/.exec(location.hash)?.[1];

function fill(selector, text, language) {
  const place = document.querySelector(selector);
  if (!place) return;
  place.textContent = text;
  if (language) place.lang = language;
}

function load(row) {
  fill("[data-now-title]", row.dataset.trackTitle, row.dataset.trackLanguage);
  fill("[data-now-clock]", row.dataset.trackClock);
  const copies = [...row.querySelector("[data-track-cover]").children].map((child) => child.cloneNode(true));
  document.querySelector("[data-now-cover]").replaceChildren(...copies);
  for (const other of rows) other.removeAttribute("aria-current");
  row.setAttribute("aria-current", "true");
  audio.src = row.querySelector("[data-play]").href;
}

async function start() {
  message.hidden = true;
  try {
    await audio.play();
  } catch (reason) {
    if (reason.name !== "AbortError") message.hidden = false;
  }
}

function choose(event) {
  const link = event.target.closest("[data-play]");
  if (!link || !audio || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  load(link.closest("[data-track]"));
  start();
}

function goOn() {
  const here = rows.findIndex((row) => row.hasAttribute("aria-current"));
  if (here >= 0 && rows[here + 1]) {
    load(rows[here + 1]);
    start();
  }
}

function tell(kind, value) {
  // The parent's origin is not known to a pasted frame; nothing secret is said but WordPress's own word.
  parent.postMessage({ message: kind, value, secret }, "*");
}

function leave(event) {
  const link = event.target.closest("[data-home]");
  if (!link) return;
  event.preventDefault();
  tell("link", link.href);
}

function liveInWordPress() {
  for (const link of document.querySelectorAll("[data-outside]")) link.hidden = true;
  document.addEventListener("click", leave);
  new ResizeObserver(() => tell("height", Math.ceil(document.documentElement.scrollHeight))).observe(document.body);
}

document.addEventListener("click", choose);
audio?.addEventListener("ended", goOn);
// A source element fails by itself, and its event does not bubble: hence the capture.
audio?.addEventListener("error", () => { message.hidden = false; }, true);
if (secret && parent !== window) liveInWordPress();
