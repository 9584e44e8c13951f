// SPDX-License-Identifier: AGPL-3.0-or-later
// Memory: small words kept in this browser; where it keeps nothing (a sandbox throws), until the page closes.

const here = new Map();

export function recall(name) {
  try {
    return here.get(name) ?? localStorage.getItem(`griot:${name}`);
  } catch {
    return null;
  }
}

// null forgets.
export function keep(name, value) {
  here.set(name, value);
  try {
    if (value === null) localStorage.removeItem(`griot:${name}`);
    else localStorage.setItem(`griot:${name}`, value);
  } catch {
    // Full, or not allowed: it is kept until the page closes.
  }
}
