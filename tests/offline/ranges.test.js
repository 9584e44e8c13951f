// SPDX-License-Identifier: AGPL-3.0-or-later
import assert from "node:assert/strict";
import { test } from "node:test";
import { askedRange, goesOnAt, piecesOf, rangeAnswer } from "../../podcasts/static/offline/ranges.js";

const SIZE = 1000;

test("one range of bytes is read as RFC 9110 has it", () => {
  const cases = [
    ["bytes=0-", 0, 999], ["bytes=0-0", 0, 0], ["bytes=10-19", 10, 19], ["bytes=999-", 999, 999], ["bytes=990-5000", 990, 999],
    ["bytes=-1", 999, 999], ["bytes=-5000", 0, 999], ["BYTES= 1 - 2 ", 1, 2],
  ];
  for (const [header, first, last] of cases) assert.deepEqual(askedRange(header, SIZE), { first, last }, header);
});

test("what cannot be read, another unit and several ranges mean the whole", () => {
  for (const header of [null, undefined, "", "bytes", "bytes=", "bytes=-", "bytes=a-b", "bytes=5-4", "items=0-1", "bytes=0-1,5-6", "bytes=0-1x", "bytes=1e2-"]) {
    assert.equal(askedRange(header, SIZE), null, String(header));
  }
});

test("what lies beyond the end is said to be there", () => {
  for (const header of ["bytes=1000-", "bytes=1000-2000", "bytes=-0", "bytes=99999999999999999999-"]) assert.equal(askedRange(header, SIZE), "beyond", header);
  assert.equal(askedRange("bytes=0-", 0), "beyond");
  assert.equal(askedRange("bytes=-5", 0), "beyond");
});

test("pieces put together are the bytes that were asked for", () => {
  const whole = Array.from({ length: SIZE }, (_, index) => index);
  for (const piece of [1, 7, 64, 999, 1000, 1001]) {
    for (const [first, last] of [[0, 999], [0, 0], [999, 999], [63, 64], [64, 127], [1, 998]]) {
      const parts = [...piecesOf({ first, last }, piece)].map(({ number, start, end }) => whole.slice(number * piece, (number + 1) * piece).slice(start, end));
      assert.ok(parts.every((part) => part.length));
      assert.deepEqual(parts.flat(), whole.slice(first, last + 1), `${piece}: ${first}-${last}`);
    }
  }
});

test("an answer says which bytes it holds", () => {
  const sound = { bytes: SIZE, mime: "audio/mp4", etag: '"x"' };
  const part = rangeAnswer({ first: 10, last: 19 }, sound);
  assert.deepEqual([part.status, part.headers["Content-Range"], part.headers["Content-Length"]], [206, "bytes 10-19/1000", "10"]);
  assert.deepEqual([part.headers["Content-Type"], part.headers.ETag, part.headers["Accept-Ranges"]], ["audio/mp4", '"x"', "bytes"]);
  const whole = rangeAnswer(null, sound);
  assert.deepEqual([whole.status, whole.headers["Content-Range"], whole.headers["Content-Length"]], [200, undefined, "1000"]);
  const beyond = rangeAnswer("beyond", sound);
  assert.deepEqual([beyond.status, beyond.headers["Content-Range"]], [416, "bytes */1000"]);
});

test("only an answer that goes on exactly there is taken", () => {
  assert.ok(goesOnAt("bytes 10-999/1000", 10, 1000));
  for (const header of [null, "", "bytes 0-999/1000", "bytes 10-998/1000", "bytes 10-999/*", "bytes 10-999/2000", "bytes */1000"]) assert.ok(!goesOnAt(header, 10, 1000), header);
});
