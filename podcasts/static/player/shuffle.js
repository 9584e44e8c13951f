// SPDX-License-Identifier: AGPL-3.0-or-later
// Shuffle: a list in another order.

// A fixed order of a list, at random, that begins with one of them.
export function shuffled(count, first, random = Math.random) {
  const rest = [...Array(count).keys()].filter((index) => index !== first);
  for (let at = rest.length - 1; at > 0; at -= 1) {
    const other = Math.floor(random() * (at + 1));
    [rest[at], rest[other]] = [rest[other], rest[at]];
  }
  return [first, ...rest];
}
