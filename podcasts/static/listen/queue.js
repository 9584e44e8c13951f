// SPDX-License-Identifier: AGPL-3.0-or-later
// Queue: the order of what is heard, as plain lists. A list is {rows, current}; what was before it stays untouched.
// `isQueued` tells a row that somebody has put there from one that came with its list.

function placed({ rows, current }, at, added) {
  return { rows: [...rows.slice(0, at), ...added, ...rows.slice(at)], current };
}

// Directly after the one that is heard.
export function next(list, row) {
  return placed(list, list.current + 1, [row]);
}

// After everything else.
export function last(list, row) {
  return placed(list, list.rows.length, [row]);
}

// The next page of the list itself: before what was queued to follow it.
export function onward(list, added, isQueued) {
  const own = list.rows.map((row, index) => index <= list.current || !isQueued(row));
  return placed(list, own.lastIndexOf(true) + 1, added);
}

// Without one of them; the one that is heard stays.
export function without({ rows, current }, index) {
  if (index === current || !rows[index]) return { rows, current };
  return { rows: rows.filter((row, place) => place !== index), current: index < current ? current - 1 : current };
}

// One of those that follow, to another place among them; `to` is held between the one that is heard and the end.
export function moved({ rows, current }, from, to) {
  if (from <= current || !rows[from]) return { rows, current };
  const others = rows.filter((row, place) => place !== from);
  return placed({ rows: others, current }, Math.min(others.length, Math.max(current + 1, to)), [rows[from]]);
}

// Nothing follows any more.
export function cleared({ rows, current }) {
  return { rows: rows.slice(0, current + 1), current };
}

// The order of playing for a new list, where the old one had its own (shuffled): what is new comes last.
export function reordered(before, order, rows) {
  if (order.every((place, index) => place === index)) return [...rows.keys()];
  const kept = order.map((place) => rows.indexOf(before[place])).filter((place) => place >= 0);
  return [...kept, ...[...rows.keys()].filter((place) => !kept.includes(place))];
}
