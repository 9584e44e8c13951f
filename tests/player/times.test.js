// SPDX-License-Identifier: AGPL-3.0-or-later
import assert from "node:assert/strict";
import { test } from "node:test";
import { clock, fragment, seconds, spoken } from "../../podcasts/static/player/times.js";

test("a clock is m:ss, and h:mm:ss from an hour on", () => {
  const written = [0, 9, 59.9, 60, 600, 3599, 3600, 36_061, Number.NaN, Infinity].map(clock);
  assert.deepEqual(written, ["0:00", "0:09", "0:59", "1:00", "10:00", "59:59", "1:00:00", "10:01:01", "0:00", "0:00"]);
});

test("times of addresses are read in every form, and nonsense is none", () => {
  const forms = { 90: 90, "1:30": 90, "1m30s": 90, "npt:90": 90, "1h": 3600, "1h5m": 3900, "1:02:03": 3723, "1.5": 1.5, 0: 0 };
  for (const [text, wanted] of Object.entries(forms)) assert.equal(seconds(text), wanted, text);
  for (const text of ["", "x", "-3", "9e9", "1e3", "NaN", "Infinity", "1.2.3", "<b>", "9".repeat(40), "npt:", ":", "\u0661\u0662"]) assert.equal(seconds(text), null, text);
});

test("an address may name a beginning, an end, or both", () => {
  assert.deepEqual(fragment("#t=10,20", "?t=5"), { start: 10, end: 20 });
  assert.deepEqual(fragment("", "?t=1:30"), { start: 90, end: null });
  assert.deepEqual(fragment("#t=,20", ""), { start: 0, end: 20 });
  assert.deepEqual(fragment("#t=30,20", ""), { start: 30, end: null });
  assert.deepEqual(fragment("#?secret=abc", ""), { start: null, end: null });
  assert.deepEqual(fragment("#t=%00,<script>", "?t=%F0"), { start: null, end: null });
});

test("times are spoken in the listener's language", () => {
  assert.equal(spoken(552, "fr").replaceAll("\u00a0", " "), "9 minutes 12 secondes");
  assert.equal(spoken(3661, "en"), "1 hour 1 minute 1 second");
  assert.equal(spoken(0, "fr").replaceAll("\u00a0", " "), "0 seconde");
  assert.equal(spoken(Number.NaN, "en"), "0 seconds");
  assert.equal(spoken(552, "ar-MA"), "9 دقائق و12 ثانية");
  assert.equal(spoken(3720, "ar-MA"), "ساعة ودقيقتان");
  assert.equal(spoken(552, "pt"), "9 minutos 12 segundos");
});
