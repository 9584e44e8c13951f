// SPDX-License-Identifier: AGPL-3.0-or-later
// Bars: a sound's own waveform, one digit of base 36 a bar, drawn as wide as there is room.

const EACH_PX = 5;
const LOWEST_PX = 3;

export function levels(text) {
  return [...text].map((digit) => parseInt(digit, 36) / 35);
}

// As many bars as asked, each the loudest of those that it stands for.
export function folded(heights, count) {
  const start = (bar) => Math.floor((bar * heights.length) / count);
  return Array.from({ length: count }, (_, bar) => Math.max(0, ...heights.slice(start(bar), Math.max(start(bar) + 1, start(bar + 1)))));
}

// The path of all bars, in px, for a round stroke of 3 px.
export function path(heights, width, height) {
  // Without a waveform: a line.
  if (!heights.length) return `M2 ${height / 2}H${width - 2}`;
  const lines = folded(heights, Math.max(1, Math.floor((width + 2) / EACH_PX))).map((level, index) => {
    const tall = LOWEST_PX + level * (height - 2 * LOWEST_PX);
    return `M${index * EACH_PX + 1.5} ${((height - tall) / 2).toFixed(1)}v${tall.toFixed(1)}`;
  });
  return lines.join("");
}
