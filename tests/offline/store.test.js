// SPDX-License-Identifier: AGPL-3.0-or-later
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { KEPT, SOUND } from "../../podcasts/static/offline/names.js";
import { forget, markWhole, piece, piecesHere, putPiece, readRecord, recordOfPage, records, sweep, wholeSound, wholeSounds, writeRecord } from "../../podcasts/static/offline/store.js";

// Cache storage as browsers have it (W3C Service Workers, 5), as far as the store asks for it.
class Storage {
  caches = new Map();
  async has(name) { return this.caches.has(name); }
  async delete(name) { return this.caches.delete(name); }
  async open(name) {
    if (!this.caches.has(name)) this.caches.set(name, new Cache());
    return this.caches.get(name);
  }
}

class Cache {
  entries = new Map();
  path(request) { return new URL(request.url ?? request, "https://r.example").pathname; }
  async put(request, answer) { this.entries.set(this.path(request), answer); }
  async match(request) { return this.entries.get(this.path(request))?.clone(); }
  async delete(request) { return this.entries.delete(this.path(request)); }
  async keys() { return [...this.entries.keys()].map((path) => ({ url: `https://r.example${path}` })); }
}

let storage;

const record = (key, uses, at = 1) => ({
  key, at, whole: false, uses, about: { title: key, page: `/shows/s/${key}`, sounds: `normal ${key} mp3 9;light-opus ${key}-l m4a 4` },
  sound: { key: `${key}-l`, bytes: 4, mime: "audio/mp4", etag: '"e"', url: `/media/${key}-l/x.m4a` },
});

async function keep(one) {
  await writeRecord(storage, one);
  const cache = await storage.open(KEPT);
  for (const path of one.uses) await cache.put(path, new Response(path));
  for (const number of [0, 1]) await putPiece(storage, one.sound.key, number, new Blob(["ab"]));
}

beforeEach(() => { storage = new Storage(); });

test("asking makes nothing", async () => {
  assert.deepEqual([await readRecord(storage, "a"), await wholeSound(storage, "a"), await records(storage)], [null, null, []]);
  assert.deepEqual([await piece(storage, "a", 0), (await wholeSounds(storage)).size, await forget(storage, "a")], [null, 0, false]);
  assert.equal(storage.caches.size, 0);
});

test("a sound is whole only once that was said", async () => {
  const one = record("a", ["/shows/s/a"]);
  await keep(one);
  assert.equal(await wholeSound(storage, "a-l"), null);
  assert.deepEqual(await piecesHere(storage, "a-l"), { count: 2, bytes: 4 });
  await markWhole(storage, one);
  assert.deepEqual(await wholeSound(storage, "a-l"), { key: "a", bytes: 4, mime: "audio/mp4", etag: '"e"', url: "/media/a-l/x.m4a" });
  assert.equal(await wholeSound(storage, "a"), null);
  assert.deepEqual([...(await wholeSounds(storage))], ["a-l"]);
  assert.equal((await recordOfPage(storage, "/shows/s/a")).whole, true);
  assert.equal(await recordOfPage(storage, "/shows/s/b"), null);
});

test("a gap ends what is here", async () => {
  for (const number of [0, 2]) await putPiece(storage, "a-l", number, new Blob(["ab"]));
  assert.deepEqual(await piecesHere(storage, "a-l"), { count: 1, bytes: 2 });
});

test("a removal leaves what others need, and the last one nothing at all", async () => {
  const [one, other] = [record("a", ["/shows/s/a", "/static/shared.css"], 1), record("ab", ["/shows/s/ab", "/static/shared.css"], 2)];
  for (const each of [one, other]) {
    await keep(each);
    await markWhole(storage, each);
  }
  assert.deepEqual((await records(storage)).map(({ key }) => key), ["ab", "a"]);
  assert.equal(await forget(storage, "a"), true);
  const left = [...(await storage.open(KEPT)).entries.keys()].sort();
  assert.deepEqual(left, ["/offline/kept/ab", "/offline/sound/ab-l", "/shows/s/ab", "/static/shared.css"]);
  assert.deepEqual([...(await storage.open(SOUND)).entries.keys()], ["/offline/sound/ab-l/0", "/offline/sound/ab-l/1"]);
  await forget(storage, "ab");
  assert.equal(storage.caches.size, 0);
});

test("what a page needed before goes when nobody needs it", async () => {
  const [one, other] = [record("a", ["/static/old.css", "/static/shared.css"]), record("b", ["/static/shared.css"])];
  await keep(one);
  await keep(other);
  await writeRecord(storage, { ...one, uses: ["/static/new.css"] });
  await sweep(storage, one.uses);
  const left = [...(await storage.open(KEPT)).entries.keys()].filter((path) => path.startsWith("/static/"));
  assert.deepEqual(left, ["/static/shared.css"]);
});
