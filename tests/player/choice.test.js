// SPDX-License-Identifier: AGPL-3.0-or-later
import assert from "node:assert/strict";
import { test } from "node:test";
import { pick, wantsLight } from "../../podcasts/static/player/choice.js";

const SOUNDS = [
  { name: "normal", mime: "audio/mpeg" },
  { name: "light", mime: "audio/mpeg" },
  { name: "light-opus", mime: "audio/mp4; codecs=opus" },
];
const everything = () => "probably";
const noOpus = (mime) => (mime.includes("opus") ? "" : "maybe");

test("the listener's last word goes before what the line says", () => {
  assert.equal(wantsLight("normal", { saveData: true, effectiveType: "2g" }), false);
  assert.equal(wantsLight("light", { effectiveType: "4g" }), true);
});

test("a dear or slow line wants the light one, an unknown line does not", () => {
  assert.equal(wantsLight(null, { saveData: true, effectiveType: "4g" }), true);
  assert.equal(wantsLight(null, { effectiveType: "3g" }), true);
  assert.equal(wantsLight(null, { effectiveType: "4g", type: "cellular" }), true);
  assert.equal(wantsLight(null, { effectiveType: "4g" }), false);
  assert.equal(wantsLight(null, undefined), false);
  assert.equal(wantsLight("nonsense", undefined, true), true);
});

test("Opus goes first, MP3 where it cannot be played, the normal one where there is nothing lighter", () => {
  assert.equal(pick(SOUNDS, true, everything).name, "light-opus");
  assert.equal(pick(SOUNDS, true, noOpus).name, "light");
  assert.equal(pick([SOUNDS[0], SOUNDS[2]], true, noOpus).name, "normal");
  assert.equal(pick(SOUNDS, false, everything).name, "normal");
  assert.equal(pick([SOUNDS[1]], false, everything).name, "light");
});
