// SPDX-License-Identifier: AGPL-3.0-or-later
// Keeping: fetches an episode with all that its page needs, says how far it is, and puts nothing half-kept away.
//
// Fetched with the first tap on <griot-keep> (door.js). It reads there data-words (JSON) and [data-keep-do], buttons:
// light, normal, go (on with what broke off), cancel and remove; it fills [data-keep-bar], a progress, [data-keep-share],
// its words, [data-keep-whole], the weight of what is kept, and [data-keep-news], which is read out; what has a
// data-keep-when is shown in those states: offer, keeping, lost, broken, kept, failed.
// It tells the document by "griot-keeping" {key, state, share, news} and, when something was kept or removed, "griot-kept".

import { fetchSound, GoneError, waitForLine } from "./fetching.js";
import { drawingUrl, KEPT, PIECE_BYTES, weight } from "./names.js";
import { beside, gathered } from "./requests.js";
import { forget, markWhole, piecesHere, putPiece, readRecord, sweep, writeRecord } from "./store.js";

const MIMES = { mp3: "audio/mpeg", m4a: "audio/mp4", opus: "audio/ogg", aac: "audio/aac" };
const DAY_MS = 86_400_000;

// What is being kept by this page now: {abort, state, share} by key.
const jobs = new Map();

export function equip(element) {
  if (element.key) return;
  element.key = element.versions.normal.key;
  element.addEventListener("click", ({ target }) => act(element, target.closest("[data-keep-do]")?.dataset.keepDo));
  const told = ({ detail }) => {
    if (!element.isConnected) document.removeEventListener("griot-keeping", told);
    else if (detail.key === element.key) show(element, detail);
  };
  document.addEventListener("griot-keeping", told);
  look(element);
}

// Show what is there already: kept, on its way, or broken off on another day.
async function look(element) {
  const job = jobs.get(element.key);
  const record = job ? null : await readRecord(caches, element.key);
  if (job) show(element, job);
  else if (!record) show(element, { state: "offer" });
  else if (record.whole) {
    show(element, { state: "kept", record });
    renew(record);
  } else {
    const { bytes } = await piecesHere(caches, record.sound.key);
    show(element, { state: "broken", share: Math.floor((bytes / record.sound.bytes) * 100), record });
  }
}

async function act(element, what) {
  const { key } = element;
  if (what === "cancel") jobs.get(key)?.abort.abort();
  else if (what === "remove") {
    await forget(caches, key);
    tell(key, { state: "offer", news: "removed" });
    document.dispatchEvent(new CustomEvent("griot-kept"));
  } else if (what === "go") keepEpisode(await readRecord(caches, key));
  else if (what === "light" || what === "normal") {
    const { light, normal } = element.versions;
    keepEpisode(recordOf(element, (what === "light" && light) || normal));
  }
}

// What is kept of an episode.
//   key       public key of its normal sound;  at  when it was kept;  whole  every byte is here
//   about     the dataset of its [data-track]: title, page, show, sounds … as the player wants them
//   language  of the page;  cover  address of its picture
//   sound     the version that is kept: {name, key, extension, bytes, url, mime, etag}
//   uses      addresses in the store that it needs: page, picture, chapters, transcript, style sheets, scripts
function recordOf(element, sound) {
  const track = element.closest("[data-track]");
  const image = track.querySelector("[data-cover] img");
  const { lang } = document.documentElement;
  return {
    key: element.key,
    at: Date.now(),
    whole: false,
    about: { ...track.dataset },
    language: lang,
    cover: image ? new URL(image.src).pathname : drawingUrl(element.key),
    drawing: image ? "" : drawn(track.querySelector("[data-cover] svg")),
    sound: { ...sound, mime: MIMES[sound.extension] ?? "audio/mpeg", etag: "" },
    uses: [],
  };
}

function drawn(svg) {
  return svg ? new XMLSerializer().serializeToString(svg) : "";
}

// Keep an episode, from the beginning or where it broke off.
export async function keepEpisode(record) {
  const { key } = record;
  if (jobs.has(key)) return;
  const abort = new AbortController();
  jobs.set(key, { key, abort, state: "keeping", share: 0 });
  tell(key, jobs.get(key));
  try {
    const worker = working();
    worker.catch(() => null);
    // Some browsers ask the listener; nothing waits for the answer.
    navigator.storage?.persist?.().catch(() => false);
    await room(record);
    await writeRecord(caches, record);
    const kept = await keepPage(record);
    await writeRecord(caches, kept);
    const whole = await keepSound(kept, abort.signal);
    // The line may have been lost when it was first asked for.
    await worker.catch(working);
    abort.signal.throwIfAborted();
    await markWhole(caches, whole);
    jobs.delete(key);
    tell(key, { state: "kept", record: whole, news: "kept" });
    document.dispatchEvent(new CustomEvent("griot-kept"));
  } catch (reason) {
    await forget(caches, key).catch(() => false);
    jobs.delete(key);
    tell(key, abort.signal.aborted ? { state: "offer", news: "cancelled" } : { state: "failed", news: failure(reason) });
  }
}

function failure(reason) {
  if (reason?.name === "QuotaExceededError") return "full";
  return reason instanceof GoneError ? "gone" : "failed";
}

// There may be too little room, and that can be known before anything is fetched.
async function room({ sound }) {
  const { quota, usage } = (await navigator.storage?.estimate?.()) ?? {};
  if (quota !== undefined && quota - usage < sound.bytes) throw new DOMException("", "QuotaExceededError");
}

// The worker at its post. One that could not be put there is known by its becoming redundant.
async function working() {
  const registration = await navigator.serviceWorker.register("/service-worker.js", { scope: "/", updateViaCache: "none" });
  await new Promise((resolve, reject) => {
    const worker = registration.active ?? registration.waiting ?? registration.installing;
    const look = () => {
      if (worker.state === "activated" || registration.active) resolve();
      else if (worker.state === "redundant") reject(new TypeError("no worker"));
    };
    worker.addEventListener("statechange", look);
    look();
  });
}

// The page in its language, with its style sheets and scripts, its pictures, chapters, transcript and waveform.
async function keepPage(record) {
  const { key, about, language } = record;
  const cache = await caches.open(KEPT);
  const get = (path) => {
    const own = path === about.page;
    return fetch(own ? `${path}?lang=${language}` : path, { credentials: "omit", cache: own ? "no-cache" : "default" });
  };
  const found = await gathered([about.page], async (path) => plain(await get(path)));
  const pictures = [...document.querySelectorAll("[data-cover] img, [data-now-cover] img")].map((image) => new URL(image.src).pathname);
  const own = new Set([record.cover, ...pictures.filter((path) => path.startsWith(record.cover.replace(/[^/]+$/, "")))]);
  for (const path of [...own, ...beside(await found.get(about.page).clone().text(), record)]) {
    const answer = path.startsWith("/media/") ? await get(path).catch(() => null) : null;
    if (answer?.ok) found.set(path, answer);
  }
  if (record.drawing) {
    const type = { "Content-Type": "image/svg+xml", "Content-Security-Policy": "default-src 'none'" };
    found.set(record.cover, new Response(record.drawing, { headers: type }));
  }
  const uses = [...found.keys()];
  // Noted before they are stored, so that a removal finds them; those of before are needed until all is here.
  await writeRecord(caches, { ...record, uses: [...new Set([...record.uses, ...uses])] });
  for (const [path, answer] of found) await cache.put(path, answer);
  return { ...record, uses };
}

// A newsroom may have mended its words: a kept page that is read with a line is kept anew, in its language, once a day.
async function renew(record) {
  if (!navigator.onLine || record.language !== document.documentElement.lang || Date.now() - (record.renewed ?? record.at) < DAY_MS) return;
  try {
    await writeRecord(caches, { ...(await keepPage(record)), renewed: Date.now() });
    await sweep(caches, record.uses);
  } catch {
    // As it was kept, it stays.
  }
}

// An answer that came by way of an old address may not be given for a page (Fetch, HTTP-network-or-cache fetch).
function plain(answer) {
  return answer.redirected ? new Response(answer.body, { status: answer.status, headers: answer.headers }) : answer;
}

async function keepSound(record, signal) {
  const { key, sound } = record;
  const { count } = await piecesHere(caches, sound.key);
  let said = -1;
  const progress = (bytes, lost) => {
    const share = Math.floor((bytes / sound.bytes) * 100);
    const state = lost ? "lost" : "keeping";
    const job = jobs.get(key);
    if (said === share && job.state === state) return;
    said = share;
    tell(key, Object.assign(job, { state, share, news: lost ? "lost" : "" }));
  };
  const head = await fetchSound({
    url: `${sound.url}?source=download`,
    bytes: sound.bytes,
    count,
    pieceBytes: PIECE_BYTES,
    put: (number, blob) => putPiece(caches, sound.key, number, blob),
    get: (url, how) => fetch(url, how),
    wait: waitForLine,
    progress,
    signal,
  });
  const here = await piecesHere(caches, sound.key);
  if (here.bytes !== sound.bytes) throw new GoneError("not the bytes that it has");
  return { ...record, sound: { ...sound, ...(head?.mime ? head : {}) } };
}

function tell(key, detail) {
  document.dispatchEvent(new CustomEvent("griot-keeping", { detail: { ...detail, key } }));
}

function show(element, { state, share = 0, record, news }) {
  const focused = element.contains(document.activeElement);
  const words = JSON.parse(element.dataset.words);
  const { lang } = element;
  const changed = element.dataset.state !== state;
  element.dataset.state = state;
  element.querySelector("[data-keep-bar]").value = share;
  element.querySelector("[data-keep-share]").textContent = (share / 100).toLocaleString(lang, { style: "percent" });
  for (const part of element.querySelectorAll("[data-keep-when]")) part.hidden = !part.dataset.keepWhen.split(" ").includes(state);
  if (record) element.querySelector("[data-keep-whole]").textContent = weight(record.sound.bytes, lang);
  if (news || changed) element.querySelector("[data-keep-news]").textContent = words[news] ?? "";
  // The button that was pressed is gone: the next one is what it led to.
  if (focused && changed) [...element.querySelectorAll("[data-keep-do], a")].find((one) => one.offsetParent)?.focus();
}
