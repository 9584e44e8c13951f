// SPDX-License-Identifier: AGPL-3.0-or-later
// Session: what this tab was listening to, so that a reload finds it again: no sound, only what to ask for.

const NAME = "griot:session";
// As many before and after the one that is heard: a list of thousands does not fit.
const BEFORE = 20;
const AFTER = 100;

// As text. `plain` makes {data, cover} of one of the tracks; `onward` is the address of the list's next page, or null.
export function packed({ tracks, current, at, onward }, plain) {
  const from = Math.max(0, current - BEFORE);
  const kept = tracks.slice(from, current + AFTER).map((track) => plain(track));
  return JSON.stringify({ tracks: kept, current: current - from, at, onward: tracks.length > current + AFTER ? null : onward });
}

// What was packed; null for anything else.
export function unpacked(text) {
  try {
    const { tracks, current, at, onward } = JSON.parse(text);
    const whole = tracks.every(({ data }) => typeof data.sounds === "string" && data.sounds && typeof data.title === "string");
    return whole && tracks[current] && at >= 0 ? { tracks, current, at, onward: typeof onward === "string" ? onward : null } : null;
  } catch {
    return null;
  }
}

export function remember(session, plain) {
  try {
    sessionStorage.setItem(NAME, packed(session, plain));
  } catch {
    // Full, or not allowed: it lives as long as the page does.
  }
}

export function remembered() {
  try {
    return unpacked(sessionStorage.getItem(NAME));
  } catch {
    return null;
  }
}
