// SPDX-License-Identifier: AGPL-3.0-or-later
import assert from "node:assert/strict";
import { test } from "node:test";
import { folded, levels, path } from "../../podcasts/static/player/bars.js";

test("digits of base 36 are heights", () => {
  assert.deepEqual(levels("0z"), [0, 1]);
  assert.deepEqual(levels(""), []);
});

test("bars are the loudest of those that they stand for", () => {
  assert.deepEqual(folded([0, 1, 0.5, 0.2], 2), [1, 0.5]);
  assert.equal(folded([0.5, 1], 6).length, 6);
});

test("there are as many bars as find room, and a line without a waveform", () => {
  const drawn = path(levels("09az".repeat(50)), 318, 44);
  assert.equal(drawn.match(/M/g).length, 64);
  assert.equal(path([], 318, 44), "M2 22H316");
});
