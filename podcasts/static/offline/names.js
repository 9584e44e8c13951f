// SPDX-License-Identifier: AGPL-3.0-or-later
// Names: what is kept for offline, what it is called in the browser's store, and which requests are whose business.
//
// Two caches hold what a listener keeps, and one, with a version in its name, the shell of the site (see worker.js).
// Addresses below /offline/kept/ and /offline/sound/ are names inside the store; no server answers them.

export const KEPT = "griot-kept-1";
export const SOUND = "griot-sound-1";
export const SHELL = "griot-shell-";
export const PIECE_BYTES = 262_144;

// What a kept episode is (see keeping.js), by the public key of its normal sound.
export const recordUrl = (key) => `/offline/kept/${key}`;
// Its picture, where that is drawn and has no address of its own.
export const drawingUrl = (key) => `/offline/kept/${key}/cover.svg`;
// That the version of a sound under this key is here whole, with its type and bytes.
export const soundUrl = (key) => `/offline/sound/${key}`;
export const pieceUrl = (key, number) => `/offline/sound/${key}/${number}`;

// The versions of a track: {normal, light}, each {name, key, extension, bytes, url}; light is null where there is none
// that this browser plays, as `canPlay` says of a media type. `data` is the dataset of [data-track], see player.js.
export function versions({ sounds = "", name = "sound" }, canPlay) {
  const found = sounds.split(";").filter(Boolean).map((one) => {
    const [kind, key, extension, bytes] = one.split(" ");
    return { name: kind, key, extension, bytes: Number(bytes), url: `/media/${key}/${name}.${extension}` };
  });
  const of = (kind) => found.find((one) => one.name === kind);
  const lightest = of("light-opus");
  const plays = lightest && canPlay(`audio/${lightest.extension === "opus" ? "ogg" : "mp4"}; codecs=opus`);
  return { normal: of("normal") ?? found[0] ?? null, light: (plays ? lightest : of("light")) ?? null };
}

// "4.3 MB" in a language, with one decimal below ten, as the server writes it.
export function weight(bytes, language) {
  const [unit, size] = [["gigabyte", 1e9], ["megabyte", 1e6], ["kilobyte", 1e3]].find((one) => bytes >= one[1]) ?? ["byte", 1];
  // Arabic writes its kilobytes out where the others are short.
  const unitDisplay = /^ar/.test(language) ? "narrow" : "short";
  const figures = { style: "unit", unit, unitDisplay, maximumFractionDigits: bytes / size < 10 ? 1 : 0 };
  return (bytes / size).toLocaleString(language || undefined, figures);
}
