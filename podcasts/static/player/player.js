// SPDX-License-Identifier: AGPL-3.0-or-later
// Player: the element <griot-player> brings server-rendered markup to life; without it the native controls stay.
//
// Here is what must answer at once: play, seek, 15 back, 30 on, the choice of a version.
// Everything else (extras.js) is fetched with the first sign of a person, or once sound plays. It reads, inside itself:
//   [data-sound]    the audio element
//   [data-track]    a track: data-sounds (see `sounds`), -name, -title, -language, -seconds, -bars, -has
//   [data-do]       a button: play, jump (data-by), and those of extras.js;  [data-play] a link of a track to its sound
//   [data-wave] svg and [data-seek], the slider;  [data-at], [data-total], [data-message]
//   [data-choice]   radio buttons "light" and "normal", [data-size] their weight;  [data-chapter] a link to a start
// data-words is JSON: the sentences that change; data-quality="light" is the site's wish. Events "griot-…" tell others; play, pause, seek and load serve them.

import { levels, path } from "./bars.js";
import { pick, wantsLight } from "./choice.js";
import { keep, recall } from "./memory.js";
import { clock, fragment, spoken } from "./times.js";

// What light sound is, by extension; Opus in Ogg is of older days. Whether the normal one can be played, nobody asks.
const MIMES = { mp3: "audio/mpeg", m4a: "audio/mp4; codecs=opus", opus: "audio/ogg; codecs=opus" };

// "normal KEY mp3 2300000;light …": address, media type as a light one, and bytes of each version.
export function sounds({ sounds: text, name }, base, query) {
  return text.split(";").map((one) => {
    const [kind, key, extension, bytes] = one.split(" ");
    return { name: kind, key, url: `${base}/media/${key}/${name}.${extension}${query}`, mime: MIMES[extension], bytes };
  });
}

export class GriotPlayer extends (globalThis.HTMLElement ?? Object) {
  connectedCallback() {
    const audio = this.querySelector("[data-sound]");
    if (!audio || this.audio) return;
    this.audio = audio;
    audio.controls = false;
    this.words = JSON.parse(this.dataset.words);
    this.goesOn = true;
    this.light = wantsLight(recall("quality"), navigator.connection, this.dataset.quality === "light");
    for (const radio of this.querySelectorAll("[data-choice] input")) radio.checked = (radio.value === "light") === this.light;
    const asked = fragment(location.hash, location.search);
    this.setSpeed(Math.min(3, Math.max(0.5, recall("speed") ?? 1)) || 1);
    this.listen();
    const rows = [...this.querySelectorAll("[data-track]")];
    if (!rows[0]) return;
    this.adopt(rows, 0, asked.start);
    this.end = asked.end;
    // Who was here before sees what is left of each track.
    if (recall("at")) this.equip();
  }

  one(name) {
    return this.querySelector(`[data-${name}]`);
  }

  listen() {
    this.addEventListener("click", (event) => this.clicked(event));
    // A sign may be a tap on play: then the line is the sound's own until it plays, or lets wait for long.
    for (const sign of ["pointerdown", "focusin"]) this.addEventListener(sign, () => setTimeout(() => this.equip(), 2000), { once: true });
    const seek = this.one("seek");
    seek?.addEventListener("input", () => this.seek(Number(seek.value)));
    this.one("choice")?.addEventListener("change", ({ target }) => this.choose(target.value));
    const when = (name, what) => this.audio.addEventListener(name, what);
    for (const name of ["play", "pause"]) when(name, () => this.marked());
    for (const name of ["timeupdate", "durationchange", "seeked"]) when(name, () => this.moved());
    when("loadedmetadata", () => { if (this.start) this.audio.currentTime = this.start; });
    when("playing", () => {
      this.say("");
      this.equip();
    });
    when("ended", () => this.ended());
    // An element whose source was taken away has failed at nothing.
    when("error", () => { if (this.loaded) this.failed(); });
    if (this.one("wave")) new ResizeObserver(() => this.draw()).observe(this.one("wave"));
  }

  equip() {
    this.extras ??= import(this.dataset.extras).then((module) => module.equip(this)).catch(() => { this.extras = null; });
    return this.extras;
  }

  dispatch(name) {
    this.dispatchEvent(new CustomEvent(`griot-${name}`, { bubbles: true }));
  }

  // What others may ask for

  async play() {
    this.say("");
    if (!this.loaded) this.fetch();
    try {
      await this.audio.play();
    } catch (reason) {
      // Another choice interrupted this one, or the browser wants a tap first: no failure of the sound.
      if (reason.name === "NotAllowedError") this.say(this.words.tap);
    }
  }

  pause() {
    clearTimeout(this.waiting);
    this.waiting = 0;
    this.audio.pause();
  }

  seek(at) {
    const total = this.total();
    this.start = Math.min(Math.max(0, at), total ? total - 0.5 : at);
    if (this.loaded && this.audio.readyState) this.audio.currentTime = this.start;
    this.moved(this.start);
  }

  load(index, at) {
    if (this.rows[index]) this.show(index, at);
  }

  // Take over a list of tracks, and stand at one of them.
  adopt(rows, index, at) {
    this.rows = rows;
    this.order = [...rows.keys()];
    this.show(index, at);
  }

  // The current track

  total() {
    return (this.loaded && this.audio.duration) || Number(this.row.dataset.seconds);
  }

  at() {
    return this.loaded && this.audio.readyState ? this.audio.currentTime : this.start;
  }

  show(index, at) {
    this.dispatch("leave");
    this.current = index;
    this.row = this.rows[index];
    this.sounds = sounds(this.row.dataset, this.dataset.base, this.dataset.query);
    this.key = this.sounds[0].key;
    this.start = at ?? (Number(recall(`at:${this.key}`)) || 0);
    // The end of a clip is one of its own track.
    this.end = null;
    this.unload();
    this.heights = levels(this.row.dataset.bars ?? "");
    this.draw();
    this.cost();
    this.marked();
    this.moved(this.start);
    this.dispatch("track");
  }

  unload() {
    this.loaded = false;
    // Without its source an element goes on playing what it has.
    this.pause();
    this.audio.removeAttribute("src");
  }

  playable(light) {
    return pick(this.sounds, light, (mime) => this.audio.canPlayType(mime));
  }

  // Begin to fetch the version that suits: the first byte of sound that this page asks for.
  fetch() {
    this.loaded = true;
    this.audio.src = this.playable(this.light).url;
    this.setSpeed(this.speed);
  }

  // Fetch it anew where it stands: after a lost line, or in another version.
  again() {
    this.rest();
    this.play();
  }

  // Let go of the sound, and keep the place.
  rest() {
    this.start = this.at();
    this.unload();
  }

  failed() {
    this.rest();
    this.say(this.words.failed);
    // The extras know what to do next; they may still be on their way.
    this.equip().then(() => this.dispatch("error"));
  }

  ended() {
    this.dispatch("ended");
    // Where there is a list, following.js goes on.
    this.follow?.();
  }

  // What people do

  clicked(event) {
    const { target } = event;
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    const chapter = target.closest("[data-chapter]");
    const link = target.closest("[data-play]");
    const button = target.closest("[data-do]");
    if (chapter || link) event.preventDefault();
    if (chapter) {
      this.seek(Number(chapter.dataset.chapter));
      this.play();
    } else if (link) {
      const index = this.rows.indexOf(link.closest("[data-track]"));
      if (index === this.current) this.toggle();
      else {
        this.show(index);
        this.play();
      }
    } else if (button) this.act(button.dataset.do, Number(button.dataset.by));
  }

  toggle() {
    if (this.audio.paused && !this.waiting) this.play();
    else this.pause();
  }

  act(what, by) {
    if (what === "play") this.toggle();
    else if (what === "jump") this.seek(this.at() + by);
    else this.equip().then((extras) => extras?.[what]?.(by));
  }

  choose(version) {
    const playing = !this.audio.paused;
    this.light = version === "light";
    keep("quality", version);
    this.cost();
    this.marked();
    if (playing) this.again();
    else if (this.loaded) this.rest();
  }

  setSpeed(speed) {
    this.speed = speed;
    this.audio.defaultPlaybackRate = speed;
    this.audio.playbackRate = speed;
    const button = this.one("do=speed");
    if (!button) return;
    button.textContent = `${speed.toLocaleString(this.lang)}×`;
    button.ariaLabel = button.dataset.label.replace("%s", button.textContent);
  }

  // What is shown

  say(words) {
    this.one("message").textContent = words;
  }

  // What each version weighs, before the tap; in the words of the server (web/wording.py), so that nothing moves.
  cost() {
    for (const name of ["normal", "light"]) {
      const place = this.one(`size=${name}`);
      const megabytes = this.playable(name === "light").bytes / 1e6;
      const weight = megabytes.toLocaleString(this.lang, { style: "unit", unit: "megabyte", maximumSignificantDigits: 2 });
      if (place) place.textContent = weight;
      if ((name === "light") === this.light) this.weight = weight;
    }
    const choice = this.one("choice");
    if (choice) choice.hidden = !this.sounds[1];
  }

  marked() {
    const playing = !this.audio.paused;
    const { title } = this.row.dataset;
    const { listen, pause } = this.words;
    this.toggleAttribute("data-playing", playing);
    const name = playing ? pause.replace("%s", () => title) : [listen.replace("%s", () => title), spoken(this.total(), this.lang), this.weight].join(", ");
    this.one("do=play").ariaLabel = name;
    this.dispatch(playing ? "play" : "pause");
  }

  moved(wanted) {
    const at = wanted ?? this.at();
    const total = this.total();
    const seek = this.one("seek");
    const say = (name, text) => {
      const place = this.one(name);
      if (place) place.textContent = text;
    };
    if (seek) {
      seek.max = Math.ceil(total) || 1;
      seek.value = at;
      // Somebody who stands on the slider and listens is not told each second.
      if (wanted !== undefined || document.activeElement !== seek) seek.ariaValueText = this.words.position.replace("%1", spoken(at, this.lang)).replace("%2", spoken(total, this.lang));
    }
    this.style.setProperty("--played", `${total ? (at / total) * 100 : 0}%`);
    say("at", clock(at));
    say("total", clock(Math.round(total)));
    if (this.end && at >= this.end) {
      this.end = null;
      this.pause();
    }
    this.dispatch("timeupdate");
  }

  draw() {
    const wave = this.one("wave");
    if (!wave?.clientWidth) return;
    const { clientWidth: width, clientHeight: height } = wave;
    for (const line of wave.querySelectorAll("path")) line.setAttribute("d", path(this.heights, width, height));
  }
}

globalThis.customElements?.define("griot-player", GriotPlayer);
