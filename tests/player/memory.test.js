// SPDX-License-Identifier: AGPL-3.0-or-later
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { keep, recall } from "../../podcasts/static/player/memory.js";
import { leave } from "../../podcasts/static/player/places.js";

let kept = new Map();

beforeEach(() => {
  kept = new Map();
  globalThis.localStorage = {
    getItem: (name) => kept.get(name) ?? null,
    setItem: (name, value) => kept.set(name, value),
    removeItem: (name) => kept.delete(name),
  };
});

test("where storage throws, words are kept until the page closes", () => {
  Object.defineProperty(globalThis, "localStorage", { configurable: true, get: () => { throw new Error("sandbox"); } });
  keep("speed", "1.5");
  assert.equal(recall("speed"), "1.5");
  assert.equal(recall("never"), null);
  Object.defineProperty(globalThis, "localStorage", { configurable: true, writable: true, value: undefined });
});

test("a sound is found where it was left, and from the beginning once it was heard", () => {
  leave("a", 61.7, 600);
  assert.equal(recall("at:a"), "61");
  leave("a", 2, 600);
  assert.equal(recall("at:a"), null);
  leave("b", 595, 600);
  assert.equal(recall("at:b"), null);
  assert.equal(recall("played:b"), "1");
});

test("old notes go", () => {
  for (let number = 0; number < 250; number += 1) leave(`many${number}`, 60, 600);
  assert.equal(recall("at:many0"), null);
  assert.equal(recall("at:many249"), "60");
  assert.ok([...kept.keys()].filter((name) => name.startsWith("griot:at:many")).length <= 200);
});
