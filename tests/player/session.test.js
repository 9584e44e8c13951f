// SPDX-License-Identifier: AGPL-3.0-or-later
import assert from "node:assert/strict";
import { test } from "node:test";
import { packed, remember, remembered, unpacked } from "../../podcasts/static/listen/session.js";

const track = (number) => ({ data: { sounds: `normal k${number} mp3 1`, title: `T${number}` }, cover: "" });
const plain = (one) => one;

test("a session is found as it was left", () => {
  const session = { tracks: [track(0), track(1)], current: 1, at: 12.5, onward: "https://radio.example/playlists/a?page=2" };
  assert.deepEqual(unpacked(packed(session, plain)), session);
});

test("of a list of thousands what is near is kept, and where it goes on no more", () => {
  const tracks = [...Array(2000).keys()].map(track);
  const found = unpacked(packed({ tracks, current: 1000, at: 0, onward: "x" }, plain));
  assert.equal(found.tracks[found.current].data.title, "T1000");
  assert.ok(found.tracks.length <= 120);
  assert.equal(found.onward, null);
});

test("nonsense is no session", () => {
  const whole = { tracks: [track(0)], current: 0, at: 0 };
  for (const wrong of [{ current: 5 }, { at: -1 }, { at: "x" }, { tracks: {} }, { tracks: [null] }, { tracks: [{ data: { title: "a" } }] }, { tracks: [] }]) {
    assert.equal(unpacked(JSON.stringify({ ...whole, ...wrong })), null, JSON.stringify(wrong));
  }
  for (const text of [null, "", "null", "7", "{", "[]"]) assert.equal(unpacked(text), null, String(text));
  assert.equal(unpacked(JSON.stringify({ ...whole, onward: 7 })).onward, null);
});

test("where nothing can be kept, nothing is thrown", () => {
  Object.defineProperty(globalThis, "sessionStorage", { configurable: true, get: () => { throw new Error("refused"); } });
  remember({ tracks: [track(0)], current: 0, at: 0, onward: null }, plain);
  assert.equal(remembered(), null);
});
