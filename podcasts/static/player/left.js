// SPDX-License-Identifier: AGPL-3.0-or-later
// Left: how much of a sound is still to be heard, from what places.js has kept of it.

// Whole minutes, at least one; 0 once it was heard to its end; null where there is nothing to say.
// `at` is where it was left, as text of seconds; `played` whether it was heard; `total` its seconds (0: unknown).
export function minutesLeft(at, played, total) {
  const left = total - Number(at ?? NaN);
  if (total > 0 && left > 0 && Number(at) > 0) return Math.max(1, Math.ceil(left / 60));
  return played ? 0 : null;
}
