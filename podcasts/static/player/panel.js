// SPDX-License-Identifier: AGPL-3.0-or-later
// Panel: the rarer functions of a player, fetched when somebody opens them: transcript, sharing, download, settings, keys.
//
// It reads, inside the player: [data-more], filled with the panel's markup: [data-volume] and [data-speed] sliders,
// [data-repeat] a select (off, one, all), [data-shuffle] and [data-stop] checkboxes, [data-sleep] a select of minutes
// ("end": of this track); and what wording.js and sharing.js read.

import { keep } from "./memory.js";
import { sharing } from "./sharing.js";
import { shuffled } from "./shuffle.js";
import { transcript } from "./wording.js";

const FADE_S = 8;

export function furnishPlayer(player, { markup, style, words }) {
  player.one("more").innerHTML = markup;
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(style);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  fields(player);
  sleep(player);
  transcript(player, words);
  sharing(player, words);
  player.dispatch("panel");
}

function change(player, name, what) {
  const field = player.one(name);
  field?.addEventListener("input", () => what(field));
}

function fields(player) {
  const { audio } = player;
  const slider = player.one("volume");
  const button = player.querySelector("[data-do=mute]");
  const rate = player.one("speed");
  const shown = () => {
    rate.value = player.speed;
    rate.ariaValueText = rate.parentElement.nextElementSibling.textContent = `${player.speed.toLocaleString(player.lang)}×`;
  };
  change(player, "speed", ({ value }) => {
    player.setSpeed(Number(value));
    keep("speed", value);
    shown();
  });
  player.addEventListener("griot-speed", shown);
  shown();
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
