// SPDX-License-Identifier: AGPL-3.0-or-later
// Extras: what a player gets with the first sign of a person: another try on a bad line, the place where one was, keys,
// lock screen, speed, volume, repeat, shuffle, sleep timer, sharing, search.
//
// It reads, inside the player: [data-more], filled with the panel's markup: [data-volume] a slider, [data-repeat] a
// select (off, one, all), [data-shuffle] and [data-stop] checkboxes, [data-sleep] a select of minutes ("end": of this
// track), [data-share] a button, [data-download] links by version, [data-search] a field, [data-help] the list of keys.

import { action } from "./keys.js";
import { keep } from "./memory.js";
import { step } from "./order.js";
import { leave } from "./places.js";
import { shuffled } from "./shuffle.js";
import { clock } from "./times.js";

const FADE_S = 8;
const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5, 1.75, 2, 2.5, 3];
const TRIES = 6;
const LONGEST_WAIT_MS = 30_000;
const NOTED_EVERY_S = 5;

// What the buttons and keys of a player do beside its core's; `words` are the panel's sentences.
export function equipPlayer(player, { markup, style, words }) {
  dress(player, markup, style);
  const deeds = doing(player);
  trying(player, words);
  remembering(player);
  listenToKeys(player, deeds);
  fields(player);
  sleep(player);
  share(player, words);
  lockScreen(player, deeds);
  others(player);
  return deeds;
}

// The panel comes in the page's language; its style past the page's policy, which allows constructed sheets alone.
function dress(player, markup, style) {
  const panel = player.one("more");
  panel.innerHTML = markup;
  const several = () => {
    for (const part of player.querySelectorAll("[data-several]")) part.hidden = !player.rows[1];
  };
  player.addEventListener("griot-track", several);
  several();
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(style);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
}

function doing(player) {
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
    const here = SPEEDS.findIndex((one) => one >= player.speed);
    const next = SPEEDS[here + by] ?? (around ? SPEEDS[0] : player.speed);
    player.setSpeed(next);
    keep("speed", String(next));
  };
  const open = (name) => {
    const place = player.one(name);
    if (!place) return;
    if (player.one("more").contains(place)) player.one("more").hidden = false;
    if (place.matches("details")) place.open = true;
    (place.querySelector("summary") ?? place).focus();
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
    more: () => {
      const panel = player.one("more");
      panel.hidden = !panel.hidden;
      player.querySelector("[data-do=more]").setAttribute("aria-expanded", String(!panel.hidden));
    },
  };
}

// A line that was lost is tried again where the sound stands, ever more slowly; a sound that is not there is passed over.
function trying(player, words) {
  let failures = 0;
  player.audio.addEventListener("playing", () => { failures = 0; });
  player.addEventListener("griot-error", () => {
    failures += 1;
    const lost = !navigator.onLine || player.start > 0;
    if (failures <= (lost ? TRIES : 1)) {
      player.say(words.lost);
      player.waiting = setTimeout(() => player.again(), Math.min(LONGEST_WAIT_MS, 500 * 2 ** failures));
      return;
    }
    failures = 0;
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
    const { data } = await answer.json();
    if (current !== player.current) return;
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

function change(player, name, what) {
  const field = player.one(name);
  field?.addEventListener("input", () => what(field));
}

function fields(player) {
  const { audio } = player;
  const slider = player.one("volume");
  const button = player.querySelector("[data-do=mute]");
  const fold = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  change(player, "volume", ({ value }) => {
    audio.volume = value / 100;
    audio.muted = false;
  });
  audio.addEventListener("volumechange", () => {
    button.setAttribute("aria-pressed", String(audio.muted));
    slider.value = audio.muted ? 0 : Math.round(audio.volume * 100);
  });
  change(player, "repeat", ({ value }) => { player.repeat = value; });
  change(player, "stop", ({ checked }) => { player.goesOn = !checked; });
  change(player, "shuffle", ({ checked }) => {
    player.order = checked ? shuffled(player.rows.length, player.current) : [...player.rows.keys()];
  });
  change(player, "search", ({ value }) => {
    for (const row of player.rows) row.hidden = !fold(row.textContent).includes(fold(value));
  });
}

// The sound fades for some seconds before it stops: nobody is woken by silence.
function sleep(player) {
  let timer = 0;
  const { audio } = player;
  function stop() {
    const from = audio.volume;
    let left = FADE_S;
    const fade = setInterval(() => {
      left -= 1;
      audio.volume = (from * Math.max(0, left)) / FADE_S;
      if (left > 0) return;
      clearInterval(fade);
      player.pause();
      audio.volume = from;
      player.one("sleep").value = "";
    }, 1000);
  }
  change(player, "sleep", ({ value }) => {
    clearTimeout(timer);
    player.goesOn = value !== "end" && !player.one("stop").checked;
    if (Number(value)) timer = setTimeout(stop, Number(value) * 60_000);
  });
}

// A link that begins where one is: by the system's own sheet where there is one, else copied, else shown.
function share(player, words) {
  player.one("share").addEventListener("click", async () => {
    const { page, title } = player.row.dataset;
    const at = Math.floor(player.at());
    const url = at ? `${page}#t=${at}` : page;
    try {
      if (navigator.share) await navigator.share({ title, url });
      else {
        await navigator.clipboard.writeText(url);
        player.say(words.copied.replace("%s", clock(at)));
      }
    } catch (reason) {
      if (reason.name !== "AbortError") player.say(url);
    }
  });
  const address = () => {
    player.one("share").hidden = !player.row.dataset.page;
    for (const link of player.querySelectorAll("[data-download]")) {
      const found = player.sounds.find((sound) => sound.name === link.dataset.download);
      link.hidden = !found;
      if (found) link.href = found.url;
    }
  };
  player.addEventListener("griot-track", address);
  address();
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
    const { title, show = "" } = player.row.dataset;
    const image = player.querySelector("[data-now-cover] img");
    session.metadata = new MediaMetadata({ title, artist: show, artwork: image ? [{ src: image.src }] : [] });
    for (const [name, answer] of Object.entries(answers)) {
      try {
        session.setActionHandler(name, player.rows[1] || !name.endsWith("track") ? answer : null);
      } catch {
        // A browser that does not know this one.
      }
    }
  }
  player.addEventListener("griot-play", describe);
  player.addEventListener("griot-timeupdate", () => {
    const [duration, position] = [player.total(), player.at()];
    if (!player.audio.paused && position <= duration) session.setPositionState?.({ duration, position, playbackRate: player.speed });
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
