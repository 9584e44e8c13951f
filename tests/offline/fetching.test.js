// SPDX-License-Identifier: AGPL-3.0-or-later
import assert from "node:assert/strict";
import { test } from "node:test";
import { fetchSound, GoneError } from "../../podcasts/static/offline/fetching.js";

const WHOLE = Uint8Array.from({ length: 1000 }, (_, index) => index % 251);

// A server that cuts its answers where it is told to: each of `lines` is how many bytes pass, or a status.
function server(lines, { ranges = true, length = WHOLE.length } = {}) {
  const asked = [];
  const get = async (_url, { headers }) => {
    asked.push(headers.Range ?? "");
    const line = lines.shift() ?? Infinity;
    if (line === "down") throw new TypeError("no line");
    if (typeof line === "string") return new Response("", { status: Number(line) });
    const from = ranges ? Number(/\d+/.exec(headers.Range ?? "0")[0]) : 0;
    const bytes = WHOLE.subarray(from, from + line);
    let at = 0;
    const body = new ReadableStream({
      pull(controller) {
        if (at < bytes.length) controller.enqueue(bytes.subarray(at, at += 37));
        else if (from + line < WHOLE.length) controller.error(new TypeError("cut"));
        else controller.close();
      },
    }, { highWaterMark: 0 });
    const part = from ? { "Content-Range": `bytes ${from}-${length - 1}/${length}` } : {};
    return new Response(body, { status: from ? 206 : 200, headers: { "Content-Type": "audio/mp4", ETag: '"e"', "Content-Length": String(length - from), ...part } });
  };
  return { asked, get };
}

function fetching(get, more = {}) {
  const pieces = [];
  const said = [];
  const done = fetchSound({
    url: "/media/k/x.m4a", bytes: WHOLE.length, count: 0, pieceBytes: 100, get, signal: new AbortController().signal,
    put: async (number, blob) => { pieces[number] = new Uint8Array(await blob.arrayBuffer()); },
    wait: async () => {}, progress: (bytes, lost) => said.push([bytes, lost]), ...more,
  });
  return { pieces, said, done };
}

const joined = (pieces) => pieces.flatMap((part) => [...part]);

test("a sound comes whole, in pieces", async () => {
  const { asked, get } = server([]);
  const { pieces, said, done } = fetching(get);
  assert.deepEqual(await done, { mime: "audio/mp4", etag: '"e"' });
  assert.equal(pieces.length, 10);
  assert.deepEqual(joined(pieces), [...WHOLE]);
  assert.deepEqual(said.at(-1), [1000, false]);
  assert.deepEqual(asked, [""]);
});

test("a lost line goes on behind the last whole piece", async () => {
  const { asked, get } = server([250, "down", "503", 330]);
  const { pieces, said, done } = fetching(get);
  await done;
  assert.deepEqual(joined(pieces), [...WHOLE]);
  assert.equal(asked[0], "");
  assert.deepEqual(asked, ["", "bytes=200-", "bytes=200-", "bytes=200-", "bytes=500-"]);
  assert.ok(said.some(([, lost]) => lost));
});

test("pieces of another day are not fetched again, and what is whole asks nothing", async () => {
  const { asked, get } = server([]);
  const { pieces, done } = fetching(get, { count: 7 });
  await done;
  assert.deepEqual(asked, ["bytes=700-"]);
  assert.deepEqual(joined(pieces.slice(7)), [...WHOLE.subarray(700)]);
  assert.equal(await fetching(get, { count: 10 }).done, null);
  assert.equal(asked.length, 1);
});

test("a server that knows no ranges begins anew", async () => {
  const { get } = server([], { ranges: false });
  const { pieces, done } = fetching(get, { count: 5 });
  await done;
  assert.deepEqual(joined(pieces), [...WHOLE]);
});

test("another length, a withdrawal and bytes too many end it", async () => {
  await assert.rejects(fetching(server([], { length: 999 }).get).done, GoneError);
  await assert.rejects(fetching(server([250], { length: 1200 }).get, { count: 3 }).done, GoneError);
  for (const status of ["404", "410", "416", "403"]) await assert.rejects(fetching(server([status]).get).done, GoneError);
  const longer = async () => new Response(new Uint8Array(1001), { headers: { "Content-Encoding": "identity" } });
  await assert.rejects(fetching(longer).done, GoneError);
});

test("a full store ends it, and so does the listener", async () => {
  const full = async () => { throw new DOMException("", "QuotaExceededError"); };
  await assert.rejects(fetching(server([]).get, { put: full }).done, { name: "QuotaExceededError" });
  const abort = new AbortController();
  const get = async () => { abort.abort(); throw abort.signal.reason; };
  await assert.rejects(fetching(get, { signal: abort.signal }).done, { name: "AbortError" });
});
