// SPDX-License-Identifier: AGPL-3.0-or-later
import assert from "node:assert/strict";
import { test } from "node:test";
import { versions, weight } from "../../podcasts/static/offline/names.js";
import { beside, gathered, keyIn, kindOf, needed } from "../../podcasts/static/offline/requests.js";

const ORIGIN = "https://radio.example";
const kind = (path, more = {}) => kindOf({ method: "GET", url: new URL(path, ORIGIN).href, authorized: false, navigates: false, origin: ORIGIN, ...more });

test("each request is answered as what it is", () => {
  assert.equal(kind("/static/site-0a1b.css"), "asset");
  assert.equal(kind("/player/fr-0a1b.js"), "asset");
  assert.equal(kind("/listen/fr-0a1b.js"), "asset");
  assert.equal(kind("/media/k/le-fleuve.mp3?source=page"), "sound");
  assert.equal(kind("/media/k/le-fleuve.m4a"), "sound");
  for (const name of ["cover.jpg", "cover-600.webp", "cover-72.webp"]) assert.equal(kind(`/media/k/${name}`), "picture");
  for (const name of ["peaks.json", "chapters.json", "transcript.vtt", "transcript.json"]) assert.equal(kind(`/media/k/${name}`), "words");
  assert.equal(kind("/", { navigates: true }), "page");
  assert.equal(kind("/shows/matins/un"), "page");
  assert.equal(kind("/feed.xml"), "");
});

test("what is private or another's is not touched", () => {
  for (const path of ["/studio", "/studio/episodes", "/login", "/logout", "/setup?token=x", "/api/v1/shows", "/embed/episodes/a/b", "/embed.js", "/private/t/feed.xml", "/oembed?url=x", "/service-worker.js"]) {
    assert.equal(kind(path, { navigates: true }), "", path);
  }
  assert.equal(kind("/media/k/x.mp3", { authorized: true }), "");
  assert.equal(kind("/shows/a/b", { method: "POST" }), "");
  assert.equal(kind("/shows/a/b", { method: "HEAD" }), "");
  assert.equal(kind("https://elsewhere.example/static/a.css"), "");
  assert.equal(kind("/studios-of-the-world", { navigates: true }), "page");
});

test("the key of a sound is read from its address", () => {
  assert.equal(keyIn(`${ORIGIN}/media/I9-_x/le-fleuve.mp3?source=feed`), "I9-_x");
  assert.equal(keyIn(`${ORIGIN}/shows/media/x`), "");
});

test("a page and its scripts are followed to all that they need", async () => {
  const site = {
    "/offline?lang=fr": `<link href="/static/site-1.css"><script src="/static/offline-2.js"></script><i data-extras='/player/fr-3.js' data-stay="/listen/fr-8.js"></i><a href="/shows/x">`,
    "/static/site-1.css": "a{}",
    "/static/offline-2.js": 'import{a}from"./one-4.js";',
    "/static/one-4.js": 'import("./two-5.js");export{b}from "./three-6.js"',
    "/static/two-5.js": "x",
    "/static/three-6.js": "'/static/not-followed-7.js'",
    "/player/fr-3.js": 'y;GIVEN={"panel": "/player/panel-fr-9.js"}',
    "/player/panel-fr-9.js": "z",
    "/listen/fr-8.js": "export const begin=1",
  };
  const get = async (path) => new Response(site[path] ?? "", { status: path in site ? 200 : 404 });
  assert.deepEqual([...(await gathered(["/offline?lang=fr"], get)).keys()].sort(), Object.keys(site).sort());
  delete site["/static/three-6.js"];
  await assert.rejects(gathered(["/offline?lang=fr"], get), TypeError);
  assert.deepEqual(needed("nothing", "/a.js"), []);
});

test("beside a sound lies what its page speaks of", () => {
  const page = '<a data-chapter="3"> "https://r.example/media/k/transcript.vtt" /media/other/transcript.srt';
  assert.deepEqual(beside(page, { key: "k", about: { bars: "1" } }), ["/media/k/transcript.vtt", "/media/k/peaks.json", "/media/k/chapters.json"]);
  assert.deepEqual(beside("", { key: "k", about: {} }), []);
});

test("the light version is the one that this browser plays", () => {
  const data = { name: "le-fleuve", sounds: "normal k1 mp3 23000000;light-opus k2 m4a 4300000;light k3 mp3 7000000" };
  const only = (one) => (mime) => (mime === one ? "probably" : "");
  const mp4 = only("audio/mp4; codecs=opus");
  assert.deepEqual(versions(data, mp4).light, { name: "light-opus", key: "k2", extension: "m4a", bytes: 4300000, url: "/media/k2/le-fleuve.m4a" });
  assert.equal(versions(data, only("audio/ogg; codecs=opus")).light.key, "k3");
  // Light sound of before stands in Ogg.
  const older = { ...data, sounds: data.sounds.replace("k2 m4a", "k2 opus") };
  assert.equal(versions(older, only("audio/ogg; codecs=opus")).light.key, "k2");
  assert.equal(versions(older, mp4).light.key, "k3");
  assert.equal(versions({ name: "x", sounds: "normal k1 mp3 5" }, mp4).light, null);
  assert.deepEqual(versions({}, mp4), { normal: null, light: null });
});

test("a weight is written as the server writes it", () => {
  assert.deepEqual([0, 512, 171_000, 4_300_000, 23_400_000, 1_200_000_000].map((bytes) => weight(bytes, "en")), ["0 byte", "512 byte", "171 kB", "4.3 MB", "23 MB", "1.2 GB"]);
});
