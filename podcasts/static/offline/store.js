// SPDX-License-Identifier: AGPL-3.0-or-later
// Store: the episodes that somebody keeps, in this browser's cache storage. `storage` is `caches`, or a test's.
//
// A record says what is kept (see `recordOf` in keeping.js); it is `whole` once every byte is here, and only then does a
// note at soundUrl let the worker answer with the sound. Removal takes that note away first.

import { KEPT, SOUND, pieceUrl, recordUrl, soundUrl } from "./names.js";

const stored = (value) => new Response(JSON.stringify(value), { headers: { "Content-Type": "application/json" } });
const at = { ignoreVary: true, ignoreSearch: true };

async function opened(storage, name) {
  return (await storage.has(name)) ? storage.open(name) : null;
}

async function read(storage, url) {
  const cache = await opened(storage, KEPT);
  const found = await cache?.match(url, at);
  return found ? found.json() : null;
}

// What is kept under the key of a normal sound; null where nothing is.
export function readRecord(storage, key) {
  return read(storage, recordUrl(key));
}

export async function writeRecord(storage, record) {
  await (await storage.open(KEPT)).put(recordUrl(record.key), stored(record));
}

// All records, the latest first.
export async function records(storage) {
  const cache = await opened(storage, KEPT);
  const names = ((await cache?.keys()) ?? []).map((one) => new URL(one.url).pathname).filter((path) => /^\/offline\/kept\/[^/]+$/.test(path));
  const found = await Promise.all(names.map((path) => read(storage, path)));
  return found.filter(Boolean).sort((one, other) => other.at - one.at);
}

// Keys of the sounds that are here whole.
export async function wholeSounds(storage) {
  const cache = await opened(storage, KEPT);
  const paths = ((await cache?.keys()) ?? []).map((one) => new URL(one.url).pathname);
  return new Set(paths.map((path) => /^\/offline\/sound\/([^/]+)$/.exec(path)?.[1]).filter(Boolean));
}

// The note of a sound that is here whole, {key, bytes, mime, etag, url}, by its own key; `key` is the record's.
export function wholeSound(storage, soundKey) {
  return read(storage, soundUrl(soundKey));
}

// Say that everything is here: the sound first, then the record.
export async function markWhole(storage, record) {
  const { key, sound } = record;
  const { bytes, mime, etag, url } = sound;
  const cache = await storage.open(KEPT);
  await cache.put(soundUrl(sound.key), stored({ key, bytes, mime, etag, url }));
  await writeRecord(storage, { ...record, whole: true });
}

export async function putPiece(storage, soundKey, number, blob) {
  await (await storage.open(SOUND)).put(pieceUrl(soundKey, number), new Response(blob));
}

export async function piece(storage, soundKey, number) {
  const found = await (await opened(storage, SOUND))?.match(pieceUrl(soundKey, number));
  return found ? found.blob() : null;
}

// How many pieces there are from the beginning without a gap, and their bytes: {count, bytes}.
export async function piecesHere(storage, soundKey) {
  for (let count = 0, bytes = 0; ; count += 1) {
    const found = await piece(storage, soundKey, count);
    if (!found) return { count, bytes };
    bytes += found.size;
  }
}

// Remove an episode with all that only it needs; true where it was there.
export async function forget(storage, key) {
  const record = await readRecord(storage, key);
  if (!record) return false;
  const cache = await storage.open(KEPT);
  await cache.delete(soundUrl(record.sound.key));
  const sounds = await storage.open(SOUND);
  for (const one of await sounds.keys()) {
    if (new URL(one.url).pathname.startsWith(`${soundUrl(record.sound.key)}/`)) await sounds.delete(one);
  }
  await cache.delete(recordUrl(key));
  const others = await sweep(storage, record.uses);
  // Where nothing is kept, nothing is left behind.
  if (!others.length) await Promise.all([storage.delete(KEPT), storage.delete(SOUND)]);
  return true;
}

// Remove those of `paths` that no record needs; gives all records.
export async function sweep(storage, paths) {
  const all = await records(storage);
  const inUse = new Set(all.flatMap(({ uses }) => uses));
  const cache = await storage.open(KEPT);
  for (const path of paths) if (!inUse.has(path)) await cache.delete(path, at);
  return all;
}

// The record whose page has this path; null where there is none.
export async function recordOfPage(storage, path) {
  return (await records(storage)).find((record) => record.about.page === path) ?? null;
}
