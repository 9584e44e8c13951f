// SPDX-License-Identifier: AGPL-3.0-or-later
// Fetching: a sound, piece by piece, across lost lines; whole at the end to the byte, or not at all.

import { goesOnAt } from "./ranges.js";

// It was withdrawn, or it is not what it was: nothing to try again.
export class GoneError extends Error {}

// Fetch `bytes` bytes of `url`, beginning behind the pieces that are here already.
//   count      pieces of pieceBytes that are here
//   put        (number, Blob) keeps one; what it throws ends the fetching (a full store)
//   get        fetch, or a test's
//   wait       (tries, signal) waits before another try
//   progress   (bytes that are here, whether the line is lost)
// Gives {mime, etag} of the answer; null where nothing was left to fetch.
export async function fetchSound({ url, bytes, count, pieceBytes, put, get, wait, progress, signal }) {
  let number = count;
  let head = null;
  for (let tries = 0; number * pieceBytes < bytes; tries += 1) {
    if (tries) {
      progress(number * pieceBytes, true);
      await wait(tries, signal);
    }
    const from = number * pieceBytes;
    let answer;
    try {
      answer = await get(url, { headers: from ? { Range: `bytes=${from}-` } : {}, credentials: "omit", cache: "no-store", signal });
    } catch (reason) {
      if (signal.aborted) throw reason;
      continue;
    }
    checked(answer, from, bytes);
    if (answer.status >= 400) continue;
    head = { mime: answer.headers.get("Content-Type"), etag: answer.headers.get("ETag") };
    // A server that knows no ranges begins anew.
    if (answer.status === 200) number = 0;
    const before = number;
    number = await takeIn(answer.body.getReader(), { number, bytes, pieceBytes, put, progress, signal });
    if (number > before) tries = 0;
  }
  return head;
}

function checked({ status, headers }, from, bytes) {
  const length = headers.get("Content-Length");
  const other = (status === 206 && !goesOnAt(headers.get("Content-Range"), from, bytes))
    || (status === 200 && length !== null && !headers.get("Content-Encoding") && Number(length) !== bytes);
  if (other || (status >= 400 && status < 500 && status !== 408 && status !== 429)) throw new GoneError(String(status));
}

// Keep an answer's bytes in pieces; gives the number of the next one. A line that breaks leaves the whole pieces.
async function takeIn(reader, { number, bytes, pieceBytes, put, progress, signal }) {
  let parts = [];
  let held = 0;
  for (;;) {
    let block;
    try {
      block = await reader.read();
    } catch (reason) {
      if (signal.aborted) throw reason;
      return number;
    }
    let { value } = block;
    while (value?.length) {
      const part = value.subarray(0, pieceBytes - held);
      parts.push(part);
      held += part.length;
      value = value.subarray(part.length);
      const reached = number * pieceBytes + held;
      if (reached > bytes) throw new GoneError("longer than it said");
      if (held === pieceBytes || reached === bytes) {
        await put(number, new Blob(parts));
        [number, parts, held] = [number + 1, [], 0];
      }
      progress(Math.min(reached, bytes), false);
    }
    if (block.done) return number;
  }
}

// Wait for another try: ever longer, and not at all once the browser says that the line is back.
export function waitForLine(tries, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, Math.min(30_000, 500 * 2 ** tries));
    globalThis.addEventListener?.("online", resolve, { once: true });
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason);
    }, { once: true });
  });
}
