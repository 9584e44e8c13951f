// SPDX-License-Identifier: AGPL-3.0-or-later
// Places: where each sound was left, and whether it was heard to its end; the oldest notes go when there are many.

import { keep, recall } from "./memory.js";

const KEPT_AT_MOST = 200;
const END_S = 10;
const BEGINNING_S = 5;

export function leave(sound, at, total) {
  const ended = total > 0 && at > total - END_S;
  keep(`at:${sound}`, ended || at < BEGINNING_S ? null : String(Math.floor(at)));
  if (ended) keep(`played:${sound}`, "1");
  const names = (recall("at") ?? "").split(" ").filter((name) => name && name !== sound);
  names.push(sound);
  for (const old of names.splice(0, Math.max(0, names.length - KEPT_AT_MOST))) {
    keep(`at:${old}`, null);
    keep(`played:${old}`, null);
  }
  keep("at", names.join(" "));
}
