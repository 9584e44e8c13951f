// SPDX-License-Identifier: AGPL-3.0-or-later
// Keys: what a key means while the focus is inside the player (WCAG 2.1.4), as [action, number].

const PLAIN = {
  " ": ["play"], k: ["play"], j: ["jump", -15], l: ["jump", 30], m: ["mute"], n: ["next"], p: ["previous"],
  "<": ["slower"], ">": ["faster"], c: ["chapters"], t: ["transcript"], "?": ["help"], Home: ["part", 0], End: ["part", 1],
};
const SLIDER = {
  ArrowLeft: ["jump", -10], ArrowRight: ["jump", 10], ArrowDown: ["jump", -10], ArrowUp: ["jump", 10],
  PageDown: ["jump", -60], PageUp: ["jump", 60],
};

// null for a key that is not ours. `place` is "slider", "button" (which answers Space itself), "field" or "".
export function action(key, place, held) {
  if (held || place === "field") return null;
  if (place === "slider" && Object.hasOwn(SLIDER, key)) return SLIDER[key];
  if (place === "button" && (key === " " || key === "Home" || key === "End")) return null;
  if (/^[0-9]$/.test(key)) return ["part", Number(key) / 10];
  return [key, key.toLowerCase()].map((name) => Object.hasOwn(PLAIN, name) && PLAIN[name]).find(Boolean) || null;
}
