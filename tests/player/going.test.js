// SPDX-License-Identifier: AGPL-3.0-or-later
import assert from "node:assert/strict";
import { test } from "node:test";
import { asked, destination, isPlain } from "../../podcasts/static/listen/going.js";

const HERE = "https://radio.example/shows/matins?page=2";

function leads(path, link = {}) {
  const href = path.includes(":") ? path : new URL(path, HERE).href;
  return destination({ href, ...link }, HERE) !== null;
}

test("pages for listeners are gone to without a pause", () => {
  for (const path of ["/", "/shows/matins", "/shows/matins?page=3", "/shows/matins/le-fleuve#t=20", "/playlists/le-journal", "/search?q=mil", "/?lang=en", "/api-de-cuisine"]) {
    assert.ok(leads(path), path);
  }
});

test("studio, files, programs and other places are gone to as links go", () => {
  const others = ["/studio/", "/studio", "/login", "/setup?token=x", "/embed/shows/a", "/media/k/a.mp3", "/api/v1/shows", "/feed.xml", "/shows/matins/feed.xml", "/static/a.css", "/oembed?url=x", "/listen/fr-0.js"];
  for (const path of [...others, "https://elsewhere.example/", "http://radio.example/", "mailto:a@b.example", "javascript:alert(1)", "data:text/html,x"]) {
    assert.ok(!leads(path), path);
  }
  assert.equal(destination({ href: "" }, HERE), null);
  assert.equal(destination({ href: "https://" }, HERE), null);
});

test("a place in this page, another tab, a download and another type stay what they are", () => {
  assert.ok(!leads("/shows/matins?page=2#tracks"));
  assert.ok(!leads("#"));
  assert.ok(leads("/shows/matins#tracks"));
  assert.ok(!leads("/", { target: "_blank" }));
  assert.ok(leads("/", { target: "_self" }));
  assert.ok(!leads("/", { download: "" }));
  assert.ok(!leads("/", { type: "audio/mpeg" }));
  assert.ok(!leads("/", { rel: "noopener external" }));
});

test("a form that only asks leads to its answer; one that sends, or sends files, does not", () => {
  const form = { action: "https://radio.example/search?old=1#x", method: "get" };
  assert.equal(asked(form, [["q", "mil & sorgho"]], HERE).href, "https://radio.example/search?q=mil+%26+sorgho");
  assert.equal(asked({ ...form, method: "post" }, [], HERE), null);
  assert.equal(asked({ ...form, target: "_blank" }, [], HERE), null);
  assert.equal(asked({ ...form, action: "https://elsewhere.example/" }, [], HERE), null);
  assert.equal(asked({ ...form, action: "https://radio.example/studio/" }, [], HERE), null);
  assert.equal(asked(form, [["file", {}]], HERE), null);
});

test("only a plain click that nobody has answered", () => {
  const plain = { button: 0, ctrlKey: false, metaKey: false, shiftKey: false, altKey: false, defaultPrevented: false };
  assert.ok(isPlain(plain));
  for (const held of ["ctrlKey", "metaKey", "shiftKey", "altKey", "defaultPrevented"]) assert.ok(!isPlain({ ...plain, [held]: true }), held);
  assert.ok(!isPlain({ ...plain, button: 1 }));
});
