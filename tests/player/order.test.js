// SPDX-License-Identifier: AGPL-3.0-or-later
import assert from "node:assert/strict";
import { test } from "node:test";
import { step } from "../../podcasts/static/player/order.js";
import { shuffled } from "../../podcasts/static/player/shuffle.js";

test("tracks follow one another and end", () => {
  assert.equal(step([0, 1, 2], 0, 1, "off"), 1);
  assert.equal(step([0, 1, 2], 2, 1, "off"), null);
  assert.equal(step([0, 1, 2], 0, -1, "off"), null);
  assert.equal(step([2, 0, 1], 0, 1), 1);
});

test("a list that is repeated goes round both ways", () => {
  assert.equal(step([0, 1, 2], 2, 1, "all"), 0);
  assert.equal(step([0, 1, 2], 0, -1, "all"), 2);
  assert.equal(step([0], 0, 1, "all"), 0);
});

test("a shuffled list holds every track once and begins where one is", () => {
  const order = shuffled(50, 7);
  assert.equal(order[0], 7);
  assert.deepEqual([...order].sort((one, other) => one - other), [...Array(50).keys()]);
  assert.deepEqual(shuffled(4, 1, () => 0), shuffled(4, 1, () => 0));
});
