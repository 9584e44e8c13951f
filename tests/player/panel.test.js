// SPDX-License-Identifier: AGPL-3.0-or-later
import assert from "node:assert/strict";
import { test } from "node:test";
import { minutesLeft } from "../../podcasts/static/player/left.js";
import { sorted } from "../../podcasts/static/player/lists.js";
import { recall } from "../../podcasts/static/player/memory.js";
import { readChapters } from "../../podcasts/static/player/parts.js";
import { leave } from "../../podcasts/static/player/places.js";
import { plain } from "../../podcasts/static/player/plain.js";
import { channel, fileName, piece } from "../../podcasts/static/player/sharing.js";
import { lineAt, lines } from "../../podcasts/static/player/wording.js";

const row = (title, seconds, day) => ({ dataset: { title, seconds, day } });
const titles = (rows) => rows.map(({ dataset }) => dataset.title);

test("a list is put in order by title, length or day, and as it was given", () => {
  const given = [row("Éléphant", "90", "2026-01-02"), row("zèbre", "1000"), row("Titre 10", "30", "2026-03-01"), row("Titre 9", "30", "2026-02-01")];
  assert.deepEqual(titles(sorted(given, "title", "fr")), ["Éléphant", "Titre 9", "Titre 10", "zèbre"]);
  assert.deepEqual(titles(sorted(given, "seconds", "fr")), ["Titre 10", "Titre 9", "Éléphant", "zèbre"]);
  // A track without a day is older than all.
  assert.deepEqual(titles(sorted(given, "day", "fr")), ["Titre 10", "Titre 9", "Éléphant", "zèbre"]);
  for (const by of ["", "constructor", "nonsense"]) assert.deepEqual(sorted(given, by, "fr"), given);
});

test("chapters are read as far as they can be used", () => {
  const found = readChapters({ chapters: [
    { startTime: 20, title: "Deux", url: "javascript:alert(1)", img: "https://elsewhere.example/a.jpg" },
    { startTime: 0, title: "Un", url: "https://news.example/a", img: "https://radio.example/media/k/page.webp" },
    { startTime: "x", title: "Rien" }, { startTime: -4 }, null, 7,
  ] }, "https://radio.example");
  assert.deepEqual(found, [
    { start: 0, title: "Un", url: "https://news.example/a", image: "https://radio.example/media/k/page.webp" },
    { start: 20, title: "Deux", url: null, image: null },
  ]);
  for (const nothing of [null, undefined, 7, {}, { chapters: "x" }]) assert.deepEqual(readChapters(nothing, ""), []);
});

test("segments become lines: one speaker's words up to a full stop", () => {
  const found = lines([
    { startTime: 0, speaker: "Awa", body: "Bonjour à" }, { startTime: 1, speaker: "Awa", body: "tous." },
    { startTime: 2, speaker: "Awa", body: "Le fleuve" }, { startTime: 3, speaker: "Ali", body: "monte ?" }, { startTime: 4, body: " " }, null, 7,
  ]);
  assert.deepEqual(found.map(({ start, speaker, body }) => [start, speaker, body]), [
    [0, "Awa", "Bonjour à tous."], [2, "Awa", "Le fleuve"], [3, "Ali", "monte ?"],
  ]);
  assert.deepEqual([-1, 0, 2.5, 99].map((at) => lineAt(found, at)), [-1, 0, 1, 2]);
  assert.deepEqual(lines(undefined), []);
  // A speaker who never stops is broken into lines that can be read.
  assert.ok(lines(Array.from({ length: 100 }, (_, index) => ({ startTime: index, body: "des mots et encore" }))).length > 5);
});

test("a link names a beginning, an end, both or none", () => {
  const page = "https://radio.example/shows/a/b";
  assert.equal(piece(page, null, null), page);
  assert.equal(piece(`${page}#x`, 0, null), page);
  assert.equal(piece(page, 90, null), `${page}#t=90`);
  assert.equal(piece(page, 10, 20), `${page}#t=10,20`);
  assert.equal(piece(page, null, 20), `${page}#t=0,20`);
  assert.equal(piece(page, 30, 20), `${page}#t=30`);
});

test("each channel is a plain link that carries address and title whole", () => {
  const url = "https://radio.example/shows/a/b#t=10,20";
  const title = "À & $& \"mil\" ? #1";
  for (const name of ["facebook", "x", "linkedin", "pinterest", "reddit", "whatsapp", "telegram", "mail"]) {
    const link = new URL(channel(name, url, title));
    assert.ok(["https:", "mailto:"].includes(link.protocol), name);
    assert.ok([...link.searchParams.values()].some((value) => value.includes(url)), name);
    assert.equal(link.hash, "", name);
  }
});

test("a file is named after its title and its show", () => {
  assert.equal(fileName({ title: "Le prix: du/mil", show: "Les matins" }, "mp3"), "Le prix du mil - Les matins.mp3");
  assert.equal(fileName({ title: "x".repeat(500) }, "mp3").length, 124);
  assert.equal(fileName({ title: "///" }, "mp3"), "episode.mp3");
});

test("what was kept of a sound tells how much of it is left", () => {
  const said = (total) => minutesLeft(recall("at:k"), recall("played:k"), total);
  assert.equal(said(600), null);
  leave("k", 120, 600);
  assert.equal(said(600), 8);
  leave("k", 595, 600);
  assert.equal(said(600), 0);
});

test("a search minds neither accents nor capitals", () => {
  assert.equal(plain("Pêcheurs ÉTÉ"), "pecheurs ete");
});
