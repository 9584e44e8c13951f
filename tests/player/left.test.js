// SPDX-License-Identifier: AGPL-3.0-or-later
import assert from "node:assert/strict";
import { test } from "node:test";
import { minutesLeft } from "../../podcasts/static/player/left.js";

test("what is left is said in whole minutes, never as none", () => {
  assert.equal(minutesLeft("60", null, 600), 9);
  assert.equal(minutesLeft("61", null, 600), 9);
  assert.equal(minutesLeft("590", null, 600), 1);
});

test("what was heard is 0, and heard once more it has minutes again", () => {
  assert.equal(minutesLeft(null, "1", 600), 0);
  assert.equal(minutesLeft("300", "1", 600), 5);
});

test("where nothing was kept, or it makes no sense, nothing is said", () => {
  for (const [at, total] of [[null, 600], ["", 600], ["0", 600], ["x", 600], ["-5", 600], ["700", 600], ["60", 0], ["60", NaN]]) {
    assert.equal(minutesLeft(at, null, total), null, `${at} of ${total}`);
  }
});
