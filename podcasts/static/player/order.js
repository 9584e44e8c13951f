// SPDX-License-Identifier: AGPL-3.0-or-later
// Order: which track comes after, or before, another.

// The index after (1) or before (-1) one; null at the end. `order` is a list of indices, repeat "off", "one" or "all".
export function step(order, current, by, repeat) {
  const next = order.indexOf(current) + by;
  return (repeat === "all" ? order.at(next % order.length) : order[next]) ?? null;
}
