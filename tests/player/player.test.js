// SPDX-License-Identifier: AGPL-3.0-or-later
import assert from "node:assert/strict";
import { test } from "node:test";
import { sounds } from "../../podcasts/static/player/player.js";

test("the versions of a sound are read from what the server wrote", () => {
  const found = sounds({ sounds: "normal k1 mp3 2300000;light-opus k2 m4a 430000;light-opus k3 opus 430000", name: "le-fleuve" }, "https://r.example", "?source=embed");
  assert.deepEqual(found.map(({ name, key, url, mime }) => [name, key, url, mime]), [
    ["normal", "k1", "https://r.example/media/k1/le-fleuve.mp3?source=embed", "audio/mpeg"],
    ["light-opus", "k2", "https://r.example/media/k2/le-fleuve.m4a?source=embed", "audio/mp4; codecs=opus"],
    ["light-opus", "k3", "https://r.example/media/k3/le-fleuve.opus?source=embed", "audio/ogg; codecs=opus"],
  ]);
});
