// SPDX-License-Identifier: AGPL-3.0-or-later
import assert from "node:assert/strict";
import { test } from "node:test";
import { action } from "../../podcasts/static/player/keys.js";

test("keys do what the help says", () => {
  assert.deepEqual(action("k", ""), ["play"]);
  assert.deepEqual(action(" ", ""), ["play"]);
  assert.deepEqual(action("J", ""), ["jump", -15]);
  assert.deepEqual(action("l", ""), ["jump", 30]);
  assert.deepEqual(action("7", ""), ["part", 0.7]);
  assert.deepEqual(action(">", ""), ["faster"]);
});

test("on the slider arrows are ten seconds and pages a minute", () => {
  assert.deepEqual(action("ArrowRight", "slider"), ["jump", 10]);
  assert.deepEqual(action("PageDown", "slider"), ["jump", -60]);
  assert.deepEqual(action("Home", "slider"), ["part", 0]);
  assert.equal(action("ArrowRight", ""), null);
});

test("what somebody types is theirs, and so is what the browser means", () => {
  assert.equal(action("k", "field"), null);
  assert.equal(action("k", "", true), null);
  assert.equal(action(" ", "button"), null);
  assert.equal(action("Tab", ""), null);
  assert.equal(action("constructor", ""), null);
  assert.equal(action("__proto__", ""), null);
});
