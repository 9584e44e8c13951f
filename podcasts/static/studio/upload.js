// SPDX-License-Identifier: AGPL-3.0-or-later
// Uploads: many files at once, dropped or chosen, with progress, pause and resume; on top of a form that works
// without this for one file.
//
// Reads: form[data-upload] with data-tus (where pieces go), data-limit (bytes), data-state (address of a reading's
// state, with {id}), data-figures (the tag by which figures are written) and data-words-*; data-upload-many where several files may be chosen; in it [data-sending], the
// list of rows, template[data-sending-row] and [data-sending-news], which is read out. [data-unfinished] with
// [data-unfinished-list] and template[data-unfinished-row]: uploads of earlier days that wait for their file.

import { makeSending } from "./sending.js";

const AT_ONCE = 2;
const ASK_AGAIN_MS = 1500;
const sendings = new Set();
const waiting = [];

for (const form of document.querySelectorAll("form[data-upload]")) {
  // Without a script a form brings one file; here each of several is sent by itself.
  if ("uploadMany" in form.dataset) {
    form.elements.file.multiple = true;
    acceptDrops(form);
  }
  form.addEventListener("submit", (event) => {
    const files = [...form.elements.file.files];
    if (!files.length) return;
    event.preventDefault();
    send(form, files);
    form.elements.file.value = "";
  });
  if (form.parentElement.querySelector("[data-unfinished]")) listUnfinished(form);
}

addEventListener("beforeunload", (event) => {
  if (sendings.size || waiting.length) event.preventDefault();
});
addEventListener("online", () => { for (const sending of sendings) sending.hurry(); });

function acceptDrops(form) {
  const place = document.documentElement;
  for (const name of ["dragenter", "dragover"]) {
    place.addEventListener(name, (event) => {
      if (!event.dataTransfer.types.includes("Files")) return;
      event.preventDefault();
      form.classList.add("form--over");
    });
  }
  place.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) form.classList.remove("form--over");
  });
  place.addEventListener("drop", (event) => {
    event.preventDefault();
    form.classList.remove("form--over");
    const files = [...event.dataTransfer.files];
    if (files.length) send(form, files);
  });
}

function send(form, files) {
  const list = form.querySelector("[data-sending]");
  list.hidden = false;
  const alone = files.length === 1 && !sendings.size && !waiting.length;
  for (const file of files) {
    const row = addRow(form, list, file);
    if (file.size > Number(form.dataset.limit)) fail(form, row, form.dataset.wordsLarge);
    else if (!file.size) fail(form, row, form.dataset.wordsEmpty);
    else waiting.push(() => begin(form, row, file, alone));
  }
  next();
}

function next() {
  while (sendings.size < AT_ONCE && waiting.length) waiting.shift()();
}

function addRow(form, list, file) {
  const row = form.querySelector("template[data-sending-row]").content.firstElementChild.cloneNode(true);
  row.querySelector(".sending__name").textContent = file.name;
  say(row, form.dataset.wordsWaits);
  list.append(row);
  return row;
}

function begin(form, row, file, alone) {
  const target = form.elements.episode ? { episode: form.elements.episode.value } : { show: form.elements.show.value };
  const pace = { at: performance.now(), from: null };
  const sending = makeSending(file, { endpoint: form.dataset.tus, token: form.elements.csrf_token.value, target }, {
    progress: (sent, total) => show(form, row, sent, total, pace),
    waiting: () => say(row, form.dataset.wordsAway),
    stored: (answer) => { end(sending, row); stored(form, row, file, answer, alone); },
    failed: (sentence, status) => {
      end(sending, row);
      fail(form, row, sentence || (status === 401 ? form.dataset.wordsOut : form.dataset.wordsBroken));
      offerAgain(form, row, file);
    },
  });
  sendings.add(sending);
  const [hold, drop] = row.querySelectorAll("button");
  hold.hidden = drop.hidden = false;
  hold.onclick = () => toggle(form, row, hold, sending, pace);
  drop.onclick = () => {
    sending.forget().catch(() => null);
    end(sending, row);
    row.remove();
  };
  say(row, form.dataset.wordsSending);
  sending.start();
}

function toggle(form, row, hold, sending, pace) {
  const paused = hold.getAttribute("aria-pressed") === "true";
  hold.setAttribute("aria-pressed", String(!paused));
  hold.textContent = paused ? form.dataset.wordsPause : form.dataset.wordsResume;
  pace.from = null;
  if (paused) sending.start();
  else sending.pause().then(() => say(row, form.dataset.wordsPaused));
}

function end(sending, row) {
  sendings.delete(sending);
  for (const button of row.querySelectorAll("button")) button.hidden = true;
  next();
}

function show(form, row, sent, total, pace) {
  const now = performance.now();
  if (pace.from === null) Object.assign(pace, { at: now, from: sent });
  row.querySelector("progress").value = 100 * sent / total;
  const seconds = (total - sent) * (now - pace.at) / 1000 / Math.max(1, sent - pace.from);
  const words = form.dataset.wordsOf.replace("{sent}", megabytes(form, sent)).replace("{total}", megabytes(form, total));
  const steady = now - pace.at > 1500 && sent < total;
  say(row, steady ? `${words}, ${form.dataset.wordsLeft.replace("{time}", lasting(form, seconds))}` : words);
}

function megabytes(form, bytes) {
  const number = bytes / 1e6;
  return number.toLocaleString(form.dataset.figures, { maximumFractionDigits: number < 10 ? 1 : 0 });
}

function lasting(form, seconds) {
  const [number, unit] = seconds > 90 ? [Math.round(seconds / 60), "minute"] : [Math.ceil(seconds), "second"];
  return number.toLocaleString(form.dataset.figures, { style: "unit", unit, unitDisplay: "short" });
}

function stored(form, row, file, answer, alone) {
  row.querySelector("progress").value = 100;
  if (alone && answer.location) {
    tell(form, row, form.dataset.wordsDone);
    location.assign(answer.location);
    return;
  }
  tell(form, row, form.dataset.wordsStored, file.name);
  if (answer.location) addLink(row, answer.location, form.dataset.wordsOpen);
  if (answer.audio) follow(form, row, answer.audio.split("/").pop());
}

// Shows how far the reading is, until it is over.
async function follow(form, row, id) {
  let state = null;
  try {
    const answer = await fetch(form.dataset.state.replace("{id}", id), { headers: { Accept: "application/json" } });
    state = answer.ok ? await answer.json() : null;
  } catch {
    state = null;
  }
  if (state && state.status === "processing") {
    Object.assign(row.querySelector("progress"), { max: state.total || 1, value: state.done || 0 });
    say(row, state.words);
  }
  if (state && state.status === "failed") fail(form, row, state.error);
  else if (state && state.status === "ready") {
    row.querySelector("progress").hidden = true;
    say(row, form.dataset.wordsReady);
  } else setTimeout(follow, ASK_AGAIN_MS, form, row, id);
}

function addLink(row, href, words) {
  const link = document.createElement("a");
  link.href = href;
  link.textContent = words;
  row.append(link);
}

function fail(form, row, sentence) {
  row.classList.add("sending__row--bad");
  row.querySelector("progress").hidden = true;
  tell(form, row, sentence);
}

function offerAgain(form, row, file) {
  const [again] = row.querySelectorAll("button");
  again.hidden = false;
  again.textContent = form.dataset.wordsAgain;
  again.onclick = () => {
    row.remove();
    send(form, [file]);
  };
}

function say(row, words) {
  row.querySelector(".sending__state").textContent = words;
}

// Says something in the row, and to those who listen instead of looking.
function tell(form, row, words) {
  say(row, words);
  form.querySelector("[data-sending-news]").textContent =
    `${row.querySelector(".sending__name").textContent}: ${words}`;
}

async function listUnfinished(form) {
  const place = form.parentElement.querySelector("[data-unfinished]");
  const answer = await fetch(form.dataset.tus, { headers: { Accept: "application/json" } }).catch(() => null);
  const items = answer && answer.ok ? (await answer.json()).items : [];
  const list = place.querySelector("[data-unfinished-list]");
  for (const item of items) list.append(unfinishedRow(form, place, item));
  place.hidden = !items.length;
}

function unfinishedRow(form, place, item) {
  const row = place.querySelector("template[data-unfinished-row]").content.firstElementChild.cloneNode(true);
  row.querySelector(".sending__name").textContent = item.file_name;
  row.querySelector("progress").value = 100 * item.offset_bytes / item.size_bytes;
  say(row, form.dataset.wordsOf.replace("{sent}", megabytes(form, item.offset_bytes)).replace("{total}", megabytes(form, item.size_bytes)));
  row.querySelector("button").onclick = async () => {
    const headers = { "Tus-Resumable": "1.0.0", "X-CSRFToken": form.elements.csrf_token.value };
    await fetch(item.location, { method: "DELETE", headers }).catch(() => null);
    row.remove();
    place.hidden = !place.querySelector("[data-unfinished-list]").children.length;
  };
  return row;
}
