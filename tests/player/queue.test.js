// SPDX-License-Identifier: AGPL-3.0-or-later
import assert from "node:assert/strict";
import { test } from "node:test";
import { cleared, last, moved, next, onward, reordered, without } from "../../podcasts/static/listen/queue.js";

const list = { rows: ["a", "b", "c"], current: 1 };

test("next is directly after what is heard, last is behind everything", () => {
  assert.deepEqual(next(list, "x"), { rows: ["a", "b", "x", "c"], current: 1 });
  assert.deepEqual(last(list, "x"), { rows: ["a", "b", "c", "x"], current: 1 });
  assert.deepEqual(list, { rows: ["a", "b", "c"], current: 1 });
});

test("a list's next page comes before what was queued to follow it, and never before what is heard", () => {
  const isQueued = (row) => row.startsWith("q");
  assert.deepEqual(onward({ rows: ["a", "q1", "b", "q2", "q3"], current: 0 }, ["c", "d"], isQueued).rows, ["a", "q1", "b", "c", "d", "q2", "q3"]);
  assert.deepEqual(onward({ rows: ["a", "q1", "q2"], current: 1 }, ["b"], isQueued), { rows: ["a", "q1", "b", "q2"], current: 1 });
});

test("one can be taken out, but not the one that is heard", () => {
  assert.deepEqual(without(list, 2), { rows: ["a", "b"], current: 1 });
  assert.deepEqual(without(list, 0), { rows: ["b", "c"], current: 0 });
  for (const index of [1, 7, -1]) assert.deepEqual(without(list, index), list);
});

test("those that follow change places among themselves alone", () => {
  const long = { rows: ["a", "b", "c", "d"], current: 0 };
  assert.deepEqual(moved(long, 1, 2).rows, ["a", "c", "b", "d"]);
  assert.deepEqual(moved(long, 3, 2).rows, ["a", "b", "d", "c"]);
  assert.deepEqual(moved(long, 3, 0).rows, ["a", "d", "b", "c"]);
  assert.deepEqual(moved(long, 1, 9).rows, ["a", "c", "d", "b"]);
  for (const [from, to] of [[0, 2], [9, 1], [-1, 2]]) assert.deepEqual(moved(long, from, to), long);
});

test("a cleared queue keeps what is heard and what was", () => {
  assert.deepEqual(cleared(list), { rows: ["a", "b"], current: 1 });
});

test("a random order stays, and what is new comes last in it", () => {
  assert.deepEqual(reordered(["a", "b", "c"], [0, 1, 2], ["a", "x", "b"]), [0, 1, 2]);
  assert.deepEqual(reordered(["a", "b", "c"], [2, 0, 1], ["a", "x", "c"]), [2, 0, 1]);
  assert.deepEqual(reordered(["a", "b"], [1, 0], ["a", "b", "x", "y"]), [1, 0, 2, 3]);
});
