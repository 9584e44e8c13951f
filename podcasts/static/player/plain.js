// SPDX-License-Identifier: AGPL-3.0-or-later
// Plain: words as people type them when they search: without accents, in small letters.

export function plain(text) {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}
