// SPDX-License-Identifier: AGPL-3.0-or-later
// Tells how far the reading of a file is, and shows what was found when it is done.
//
// Reads: [data-reading] with the address to ask, data-reading-done and data-reading-reload; in it
// [data-reading-words]. form[data-episode-form]: where somebody has typed, nothing is reloaded by itself.

const place = document.querySelector("[data-reading]");
const form = document.querySelector("form[data-episode-form]");
let typed = false;

if (form) form.addEventListener("input", () => { typed = true; });
if (place) ask();

async function ask() {
  let state = null;
  try {
    const answer = await fetch(place.dataset.reading, { headers: { Accept: "application/json" } });
    state = answer.ok ? await answer.json() : null;
  } catch {
    state = null;
  }
  if (state && state.status !== "processing") return finish();
  if (state) show(state);
  setTimeout(ask, 1000);
}

function show(state) {
  place.querySelector("[data-reading-words]").textContent = state.words;
  Object.assign(place.querySelector("progress"), { max: state.total || 1, value: state.done || 0 });
}

function finish() {
  if (!typed) {
    location.reload();
    return;
  }
  const link = document.createElement("a");
  link.href = location.href;
  link.textContent = place.dataset.readingReload;
  place.replaceChildren(place.dataset.readingDone, " ", link);
}
