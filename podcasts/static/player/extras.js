// SPDX-License-Identifier: AGPL-3.0-or-later
// Extras: what a player gets with the first sign of a person: another try on a bad line, the place where one was, keys,
// lock screen, speed, chapters, lists. The panel (panel.js) is fetched when somebody opens it.
//
// It reads, inside the player: [data-more], where the panel will be, and the buttons named by data-do.

import { action } from "./keys.js";
import { lists } from "./lists.js";
import { keep } from "./memory.js";
import { step } from "./order.js";
import { chapters } from "./parts.js";
import { leave } from "./places.js";

const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5, 1.75, 2, 2.5, 3];
const TRIES = 6;
const LONGEST_WAIT_MS = 30_000;
const NOTED_EVERY_S = 5;

// What the buttons and keys of a player do beside its core's; `panel` is the path of the panel's module.
export function equipPlayer(player, { style, words, panel }) {
  dress(style);
  const several = () => {
    for (const part of player.querySelectorAll("[data-several]")) part.hidden = !player.rows[1];
  };
  player.addEventListener("griot-track", several);
  player.addEventListener("griot-panel", several);
  several();
  const deeds = doing(player, panel, words);
  trying(player, words);
  remembering(player);
  listenToKeys(player, deeds);
  chapters(player, words);
  lists(player, words);
  lockScreen(player, deeds);
  others(player);
  return deeds;
}

// A style past the page's policy, which allows constructed sheets alone.
function dress(style) {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(style);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
}

function doing(player, path, words) {
  const { audio } = player;
  const go = (by) => {
    // As every player does it: back goes to the beginning first.
    if (by < 0 && player.at() > 5) return player.seek(0);
    const next = step(player.order, player.current, by, player.repeat);
    if (next === null) return undefined;
    const playing = !audio.paused;
    player.show(next);
    return playing ? player.play() : undefined;
  };
  const speed = (by, around) => {
    const next = by > 0 ? SPEEDS.find((one) => one > player.speed) : SPEEDS.findLast((one) => one < player.speed);
    player.setSpeed(next ?? (around ? SPEEDS[0] : player.speed));
    keep("speed", String(player.speed));
    player.dispatch("speed");
  };
  let opening = null;
  const fetched = () => {
    opening ??= import(`${player.dataset.base}${path}`).then((module) => {
      module.furnish(player);
      if (player.one("message").textContent === words.unfetched) player.say("");
    }).catch(() => {
      opening = null;
      player.say(words.unfetched);
    });
    return opening;
  };
  const panel = (shown) => {
    player.one("more").hidden = !shown;
    player.querySelector("[data-do=more]").ariaExpanded = String(shown);
  };
  const open = async (name) => {
    // A card has its chapters outside the panel.
    if (!player.one(name)) await fetched();
    const place = player.one(name);
    if (!place || place.hidden) return;
    if (player.one("more").contains(place)) panel(true);
    place.open = true;
    place.querySelector("summary").focus();
  };
  return {
    next: () => go(1),
    previous: () => go(-1),
    part: (by) => player.seek(by * player.total()),
    mute: () => { audio.muted = !audio.muted; },
    speed: () => speed(1, true),
    slower: () => speed(-1),
    faster: () => speed(1),
    chapters: () => open("chapters"),
    transcript: () => open("transcript"),
    help: () => open("help"),
    // The panel's markup, for a place of its own: the sheet on our pages.
    furnish: fetched,
    more: async () => {
      await fetched();
      // An empty one is not opened.
      const place = player.one("more");
      if (place.firstElementChild) panel(place.hidden);
    },
  };
}

// What the server says of a sound that failed: a status, 0 for another host's; null where the line itself is gone.
async function asked(url) {
  const answer = await fetch(url, { method: "HEAD", cache: "no-store", redirect: "manual" }).catch(() => null);
  return answer && answer.status;
}

// A line that was lost is tried again where the sound stands, ever more slowly, and once more when the browser says that
// it is back; a sound that is not there is passed over. Without a line nothing is passed over: the next would fail too.
function trying(player, words) {
  let failures = 0;
  player.audio.addEventListener("playing", () => { failures = 0; });
  addEventListener("online", () => {
    if (!failures || !player.waiting) return;
    clearTimeout(player.waiting);
    player.waiting = 0;
    player.again();
  });
  player.addEventListener("griot-error", async () => {
    failures += 1;
    const { key } = player;
    const status = await asked(player.playable(player.light).url);
    // Meanwhile somebody has chosen something else.
    if (key !== player.key || player.loaded) return;
    const gone = status === 404 || status === 410;
    const lost = status === null || status >= 500 || player.start > 0;
    if (!gone && failures <= (lost ? TRIES : 1)) {
      player.say(words.lost);
      player.waiting = setTimeout(() => player.again(), Math.min(LONGEST_WAIT_MS, 500 * 2 ** failures));
      return;
    }
    failures = 0;
    if (status === null) return;
    const next = player.goesOn ? step(player.order, player.current, 1, "off") : null;
    if (next === null) return;
    player.say(words.skipped);
    player.waiting = setTimeout(() => {
      player.show(next);
      player.play();
    }, 2000);
  });
  const askForBars = async () => {
    failures = 0;
    const { current, key, dataset } = player;
    if (player.heights.length) return;
    const answer = await fetch(`${dataset.base}/media/${key}/peaks.json`).catch(() => null);
    if (!answer?.ok) return;
    const { data } = await answer.json().catch(() => ({}));
    if (current !== player.current || !Array.isArray(data)) return;
    player.heights = data.map((level) => level / 255);
    player.draw();
  };
  player.addEventListener("griot-track", askForBars);
  // The track that was chosen while these functions were on their way.
  askForBars();
}

function remembering(player) {
  let noted = 0;
  const note = () => { if (player.loaded && player.at()) leave(player.key, player.at(), player.total()); };
  player.addEventListener("griot-leave", note);
  player.addEventListener("griot-pause", note);
  player.addEventListener("griot-ended", () => leave(player.key, player.total(), player.total()));
  player.addEventListener("griot-timeupdate", () => {
    if (player.audio.paused || Math.abs(player.at() - noted) < NOTED_EVERY_S) return;
    noted = player.at();
    note();
  });
  addEventListener("pagehide", note);
}

function listenToKeys(player, deeds) {
  player.addEventListener("keydown", (event) => {
    const { target } = event;
    const place = target.matches("[data-seek]") ? "slider"
      : target.matches("input, select, textarea") ? "field"
        : target.closest("button, a, summary") ? "button" : "";
    const found = action(event.key, place, event.ctrlKey || event.metaKey || event.altKey);
    if (!found) return;
    event.preventDefault();
    const [name, by] = found;
    if (deeds[name]) deeds[name](by);
    else player.act(name, by);
  });
}

// Lock screen and the keys of headphones (Media Session).
function lockScreen(player, deeds) {
  const session = navigator.mediaSession;
  if (!session) return;
  const answers = {
    play: () => player.play(),
    pause: () => player.pause(),
    seekbackward: ({ seekOffset = 15 }) => player.seek(player.at() - seekOffset),
    seekforward: ({ seekOffset = 30 }) => player.seek(player.at() + seekOffset),
    seekto: ({ seekTime }) => player.seek(seekTime),
    previoustrack: deeds.previous,
    nexttrack: deeds.next,
  };
  function describe() {
    const { title, show = "", artist: by = show, album: on = show } = player.row.dataset;
    const [artist = by, album = on] = [...player.row.querySelectorAll("[data-who] bdi")].map(({ textContent }) => textContent);
    const image = player.row.querySelector("[data-cover] img") ?? player.querySelector("[data-now-cover] img");
    const artwork = image ? [{ src: image.src, sizes: `${image.width}x${image.height}` }] : [];
    session.metadata = new MediaMetadata({ title, artist, album, artwork });
    for (const [name, answer] of Object.entries(answers)) {
      try {
        session.setActionHandler(name, player.rows[1] || !name.endsWith("track") ? answer : null);
      } catch {
        // A browser that does not know this one.
      }
    }
  }
  for (const name of ["play", "queue"]) player.addEventListener(`griot-${name}`, describe);
  player.addEventListener("griot-timeupdate", () => {
    const [duration, position] = [player.total(), player.at()];
    // A stream without an end has no place to show.
    if (!player.audio.paused && position <= duration && duration < Infinity) session.setPositionState?.({ duration, position, playbackRate: player.speed });
  });
  if (!player.audio.paused) describe();
}

// Several players of ours in one browser: who begins, stops the others.
function others(player) {
  const own = Math.random();
  try {
    const channel = new BroadcastChannel("griot");
    channel.onmessage = ({ data }) => { if (data !== own) player.pause(); };
    player.addEventListener("griot-play", () => channel.postMessage(own));
    if (!player.audio.paused) channel.postMessage(own);
  } catch {
    // Without an origin there is nobody to talk to.
  }
}
