// SPDX-License-Identifier: AGPL-3.0-or-later
// Uploads with their progress, one after another, on top of forms that work without this.
//
// Reads: form[data-upload] with data-limit (bytes) and data-words-*; data-upload-many where several files may be
// chosen; in it [data-sending], the list of rows, and template[data-sending-row]. The file goes last, after
// the fields, so that the server can refuse early.

let running = 0;

for (const form of document.querySelectorAll("form[data-upload]")) {
  // Without a script a form brings one file; here each of several is sent by itself.
  if ("uploadMany" in form.dataset) form.elements.file.multiple = true;
  form.addEventListener("submit", start);
}

addEventListener("beforeunload", (event) => {
  if (running) event.preventDefault();
});

async function start(event) {
  const form = event.currentTarget;
  const files = [...form.elements.file.files];
  if (!files.length) return;
  event.preventDefault();
  const list = form.querySelector("[data-sending]");
  const button = form.querySelector("button[type=submit]");
  list.replaceChildren();
  list.hidden = false;
  button.disabled = true;
  running += 1;
  const opened = [];
  for (const file of files) opened.push(await send(form, file, addRow(form, list, file.name)));
  running -= 1;
  button.disabled = false;
  if (files.length === 1 && opened[0]) open(form, list.firstElementChild, opened[0]);
}

function addRow(form, list, name) {
  const template = form.querySelector("template[data-sending-row]");
  const row = template.content.firstElementChild.cloneNode(true);
  row.querySelector(".sending__name").textContent = name;
  list.append(row);
  return row;
}

function send(form, file, row) {
  if (file.size > Number(form.dataset.limit)) return Promise.resolve(refuse(row, form.dataset.wordsLarge));
  const body = new FormData();
  for (const field of form.elements) {
    if (field.name && field.type !== "file" && field.type !== "submit") body.append(field.name, field.value);
  }
  body.append("file", file);
  return new Promise((done) => {
    const request = new XMLHttpRequest();
    const began = performance.now();
    request.open("POST", form.action);
    request.setRequestHeader("Accept", "application/json");
    request.upload.addEventListener("progress", (step) => show(form, row, step, began));
    request.addEventListener("load", () => done(answered(form, request, row)));
    request.addEventListener("error", () => done(refuse(row, form.dataset.wordsBroken)));
    request.send(body);
  });
}

function show(form, row, step, began) {
  if (!step.lengthComputable) return;
  const part = step.loaded / step.total;
  const seconds = ((performance.now() - began) / 1000 / part) * (1 - part);
  row.querySelector("progress").value = part * 100;
  const time = seconds > 90 ? `${Math.round(seconds / 60)} min` : `${Math.ceil(seconds)} s`;
  const left = part > 0.02 && part < 1 ? form.dataset.wordsLeft.replace("{time}", time) : "";
  say(row, `${form.dataset.wordsSending} ${Math.floor(part * 100)} % ${left}`);
}

function answered(form, request, row) {
  let answer = {};
  try {
    answer = JSON.parse(request.responseText);
  } catch {
    // A page instead of an answer: the log-in, to which strangers are led, or a proxy's own words.
    const signedOut = new URL(request.responseURL || form.action).pathname === "/login";
    return refuse(row, signedOut ? form.dataset.wordsOut : form.dataset.wordsBroken);
  }
  if (!answer.location) return refuse(row, answer.error || form.dataset.wordsBroken);
  row.querySelector("progress").value = 100;
  say(row, form.dataset.wordsStored);
  const link = document.createElement("a");
  link.href = answer.location;
  link.textContent = form.dataset.wordsOpen;
  row.append(link);
  return answer.location;
}

function open(form, row, location_) {
  say(row, form.dataset.wordsDone);
  location.assign(location_);
}

function refuse(row, sentence) {
  row.classList.add("sending__row--bad");
  row.querySelector("progress").hidden = true;
  say(row, sentence);
  return null;
}

function say(row, words) {
  row.querySelector(".sending__state").textContent = words;
}
