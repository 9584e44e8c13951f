// SPDX-License-Identifier: AGPL-3.0-or-later
// Worker: answers for the site where there is no line (service worker of the whole site, but not of studio and embeds).
//
// The server writes one line before it: GRIOT = {version, pages}, the pages of the shell by their paths.
// - Pages come from the network; without a line, a kept episode's page comes as it was kept, and any other address shows
//   the page of what is kept.
// - Style sheets, scripts and signs have names that hold their hash: what is here is right for ever.
// - A kept sound is answered from its pieces, to the byte, whatever its address says behind "?".
// - Each version of the site has a shell of its own. A new worker waits until no tab runs on the old one, and only then
//   removes the old shell: a running tab never misses a part of itself.

import { KEPT, PIECE_BYTES, SHELL } from "./names.js";
import { askedRange, piecesOf, rangeAnswer } from "./ranges.js";
import { gathered, keyIn, kindOf, needed } from "./requests.js";
import { forget, piece, recordOfPage, records, wholeSound } from "./store.js";

const GONE = new Set([404, 410]);
const PATIENCE_MS = 6000;
const ANY = { ignoreVary: true };
const BY_PATH = { ignoreVary: true, ignoreSearch: true };
const OWN_SHELL = SHELL + GRIOT.version;

self.addEventListener("install", (event) => event.waitUntil(install()));
self.addEventListener("activate", (event) => event.waitUntil(activate()));
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { method, url, headers } = request;
  const kind = kindOf({ method, url, authorized: headers.has("Authorization"), navigates: goesTo(request), origin: location.origin });
  const answers = { page: pageAnswer, asset: assetAnswer, sound: soundAnswer, picture: pictureAnswer, words: wordsAnswer };
  if (kind) event.respondWith(answers[kind](event, request));
});

// Whether somebody goes to a page: by a link, or by a script that puts it in place while sound goes on (listen/pages.js).
function goesTo({ mode, headers }) {
  return mode === "navigate" || headers.get("Accept") === "text/html";
}

async function install() {
  const found = await gathered(GRIOT.pages, (path) => fetch(path, { credentials: "omit", cache: path.startsWith("/offline") ? "no-cache" : "default" }));
  const cache = await caches.open(OWN_SHELL);
  await Promise.all([...found].map(([path, answer]) => cache.put(path, answer)));
}

async function activate() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith(SHELL) && name !== OWN_SHELL).map((name) => caches.delete(name)));
  // The page that asked for the first worker plays from it at once; there is no older one whose tab could break.
  await self.clients.claim();
}

// Pages

async function pageAnswer(event, request) {
  const { pathname } = new URL(request.url);
  const record = pathname.startsWith("/shows/") ? await recordOfPage(caches, pathname) : null;
  try {
    const answer = await soon(fetch(request), record);
    if (record && GONE.has(answer.status)) event.waitUntil(drop(record.key));
    if (record && answer.status >= 500) return (await keptPage(pathname)) ?? answer;
    if (pathname === "/offline" && answer.ok) event.waitUntil(renew(request.url, answer.clone()));
    return answer;
  } catch (reason) {
    const kept = record && (await keptPage(pathname));
    if (kept) return kept;
    if (!goesTo(request)) throw reason;
    return shellPage(request.url);
  }
}

// A line that hardly moves must not hide what is here.
function soon(answer, record) {
  if (!record) return answer;
  const late = new Promise((_resolve, reject) => { setTimeout(reject, PATIENCE_MS, new TypeError("no answer in time")); });
  return Promise.race([answer, late]);
}

async function keptPage(path) {
  return nameless(await (await caches.open(KEPT)).match(path, BY_PATH));
}

// The answer with no address of its own: it has that of the request then (Fetch, HTTP fetch), which scripts read.
function nameless(answer) {
  return answer && new Response(answer.body, { status: answer.status, headers: answer.headers });
}

// The page of what is kept, in the language that the address asks for, else the first that the reader has.
async function shellPage(url) {
  const cache = await caches.open(OWN_SHELL);
  const wanted = [new URL(url).searchParams.get("lang"), ...navigator.languages.map((tag) => tag.split("-")[0])];
  const paths = [...wanted.map((language) => `/offline?lang=${language}`), GRIOT.pages[0]];
  for (const path of paths) {
    const found = await cache.match(path, ANY);
    if (found) return nameless(found);
  }
  return Response.error();
}

// The shell's page may have become another (a new name of the site): it is taken over while it needs what is here.
async function renew(url, answer) {
  const language = answer.headers.get("Content-Language");
  const path = `/offline?lang=${language}`;
  if (!GRIOT.pages.includes(path) || answer.redirected) return;
  const cache = await caches.open(OWN_SHELL);
  const parts = needed(await answer.clone().text(), "/offline");
  const here = await Promise.all(parts.map((part) => cache.match(part, ANY)));
  if (here.every(Boolean)) await cache.put(path, answer);
}

// Parts of pages

async function assetAnswer(_event, request) {
  return (await caches.match(request.url, BY_PATH)) ?? fetch(request);
}

async function pictureAnswer(_event, request) {
  return (await fromKept(request)) ?? fetch(request);
}

// Chapters and transcripts may be mended: the newest, and without a line what was kept.
async function wordsAnswer(_event, request) {
  try {
    return await fetch(request);
  } catch (reason) {
    const found = await fromKept(request);
    if (found) return found;
    throw reason;
  }
}

async function fromKept(request) {
  return (await caches.has(KEPT)) ? (await caches.open(KEPT)).match(request.url, BY_PATH) : undefined;
}

// Sound

async function soundAnswer(event, request) {
  const key = keyIn(request.url);
  const sound = await wholeSound(caches, key);
  const answer = sound && (await fromPieces(key, sound, request));
  if (answer) {
    if (answer.first === 0) event.waitUntil(stillThere(sound));
    return answer.response;
  }
  try {
    return await fetch(request);
  } catch (reason) {
    return (await otherVersion(key, request.headers.get("Range"))) ?? Promise.reject(reason);
  }
}

async function fromPieces(key, sound, request) {
  const unless = request.headers.get("If-Range");
  const range = unless && unless !== sound.etag ? null : askedRange(request.headers.get("Range"), sound.bytes);
  const { status, headers } = rangeAnswer(range, sound);
  if (range === "beyond") return { response: new Response(null, { status, headers }) };
  const wanted = range ?? { first: 0, last: sound.bytes - 1 };
  const parts = piecesOf(wanted, PIECE_BYTES);
  const start = parts.next().value;
  const head = await piece(caches, key, start.number);
  // A browser may throw away what it stores: then the network is asked.
  if (!head) return null;
  const ready = [head.slice(start.start, start.end)];
  const body = new ReadableStream({
    async pull(controller) {
      const next = ready.pop() ?? (await nextPart(key, parts));
      if (next) controller.enqueue(new Uint8Array(await next.arrayBuffer()));
      else controller.close();
    },
  }, { highWaterMark: 0 });
  return { response: new Response(body, { status, headers }), first: wanted.first };
}

async function nextPart(key, parts) {
  const { value, done } = parts.next();
  if (done) return null;
  const found = await piece(caches, key, value.number);
  if (!found) throw new TypeError("a piece is missing");
  return found.slice(value.start, value.end);
}

// Without a line, whoever asks for the beginning of one version is led to the one that was kept. Whoever has begun with
// other bytes is not: half of each would be noise.
async function otherVersion(key, range) {
  if (range && range !== "bytes=0-") return null;
  const found = (await records(caches)).find((record) => record.whole && record.about.sounds.includes(` ${key} `));
  return found ? Response.redirect(found.sound.url, 302) : null;
}

// What its newsroom has withdrawn is kept nowhere once there is a line.
async function stillThere({ key, url }) {
  if (!navigator.onLine) return;
  const answer = await fetch(url, { method: "HEAD", credentials: "omit", cache: "no-store" }).catch(() => null);
  if (answer && GONE.has(answer.status)) await drop(key);
}

async function drop(key) {
  await forget(caches, key);
  new BroadcastChannel("griot-offline").postMessage({ gone: key });
}
