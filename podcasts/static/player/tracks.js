// SPDX-License-Identifier: AGPL-3.0-or-later
// Tracks: a click on a play link plays that track in the page's one audio element, and its list goes on by itself.
//
// On top of HTML that works without it (every play link is a link to the sound). It reads:
//   [data-track]            a row or a hero: one track
//     data-track-title      its title, data-track-language its language, data-track-page its page ("" for none)
//     [data-track-cover]    its picture, copied into the player
//     [data-track-state]    words shown while it is the current one
//   [data-play]             a link to the sound; data-pause-label is its name while it plays
//   [data-queue]            a list whose tracks follow one another
//   [data-chapter]          a link to a start in seconds of the page's own sound
//   [data-player]           the sticky player, with [data-player-audio], -title, -cover and -message
// It sets aria-current on current rows and data-state="playing" on play links.

const player = document.querySelector("[data-player]");
const audio = player.querySelector("[data-player-audio]");
const title = player.querySelector("[data-player-title]");
const cover = player.querySelector("[data-player-cover]");
const message = player.querySelector("[data-player-message] > span");

let address = audio.querySelector("source")?.src ?? "";
let queue = [];

function linksTo(url) {
  return [...document.querySelectorAll("[data-play]")].filter((link) => link.href === url);
}

function trackOf(link) {
  const owner = link.closest("[data-track]");
  return owner ?? linksTo(link.href).map((other) => other.closest("[data-track]")).find(Boolean);
}

function followers(track) {
  const list = track.closest("[data-queue]");
  return list ? [...list.querySelectorAll("[data-play]")] : [];
}

function show(track) {
  const { trackTitle, trackLanguage, trackPage } = track.dataset;
  title.textContent = trackTitle;
  title.lang = trackLanguage;
  title.dir = "auto";
  if (trackPage) title.href = trackPage;
  else title.removeAttribute("href");
  const picture = track.querySelector("[data-track-cover]");
  cover.replaceChildren(...[...picture.children].map((child) => child.cloneNode(true)));
  player.hidden = false;
  describe(trackTitle, track);
}

function describe(name, track) {
  if (!("mediaSession" in navigator)) return;
  const image = track.querySelector("[data-track-cover] img");
  const artwork = image ? [{ src: image.src }] : [];
  navigator.mediaSession.metadata = new MediaMetadata({ title: name, album: document.title, artwork });
}

async function start() {
  message.hidden = true;
  try {
    await audio.play();
  } catch (reason) {
    // Another choice interrupted this one: that is no failure.
    if (reason.name !== "AbortError") message.hidden = false;
  }
}

function play(link) {
  const track = trackOf(link);
  if (!track) return false;
  queue = followers(track);
  if (link.href !== address) {
    address = link.href;
    audio.src = address;
  }
  show(track);
  start();
  return true;
}

function toggle(event) {
  const link = event.target.closest("[data-play]");
  if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  if (link.href === address && !audio.paused) {
    audio.pause();
    event.preventDefault();
  } else if (play(link)) {
    event.preventDefault();
  }
}

function seekChapter(event) {
  const link = event.target.closest("[data-chapter]");
  const own = document.querySelector(".hero [data-play]");
  if (!link || !own || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  play(own);
  const seconds = Number(link.dataset.chapter);
  if (audio.readyState) audio.currentTime = seconds;
  else audio.addEventListener("loadedmetadata", () => { audio.currentTime = seconds; }, { once: true });
}

function goOn() {
  const here = queue.findIndex((link) => link.href === address);
  const next = queue[here + 1];
  if (here >= 0 && next) play(next);
}

function name(link, playing) {
  if (!link.dataset.pauseLabel) return;
  link.dataset.playLabel ??= link.getAttribute("aria-label");
  link.setAttribute("aria-label", playing ? link.dataset.pauseLabel : link.dataset.playLabel);
}

function mark() {
  const playing = !audio.paused;
  for (const link of document.querySelectorAll("[data-play]")) {
    const current = link.href === address;
    link.toggleAttribute("data-state", current && playing);
    if (current && playing) link.dataset.state = "playing";
    name(link, current && playing);
  }
  for (const track of document.querySelectorAll("[data-track]")) {
    const current = track.querySelector("[data-play]")?.href === address;
    if (current && track.matches("li")) track.setAttribute("aria-current", "true");
    else track.removeAttribute("aria-current");
    const words = track.querySelector("[data-track-state]");
    if (words) words.hidden = !(current && playing);
  }
}

document.addEventListener("click", toggle);
document.addEventListener("click", seekChapter);
audio.addEventListener("play", mark);
audio.addEventListener("pause", mark);
audio.addEventListener("ended", goOn);
// A source element fails by itself, and its event does not bubble: hence the capture.
audio.addEventListener("error", () => { message.hidden = false; }, true);
