// SPDX-License-Identifier: AGPL-3.0-or-later
// Uploads with their progress, one after another, on top of a form that works without this.
//
// Reads: form[data-upload] with data-limit (bytes) and data-words-*; [data-sending], the list of rows;
// template#sending-row. The file goes last, after the fields, so that the server can refuse early.

const form = document.querySelector("form[data-upload]");

if (form) form.addEventListener("submit", start);

async function start(event) {
  const files = [...form.elements.file.files];
  if (!files.length) return;
  event.preventDefault();
  const list = form.querySelector("[data-sending]");
  const button = form.querySelector("button[type=submit]");
  list.hidden = false;
  button.disabled = true;
  const opened = [];
  for (const file of files) opened.push(await send(file, addRow(list, file.name)));
  button.disabled = false;
  const good = opened.filter(Boolean);
  if (good.length === 1 && files.length === 1) location.assign(good[0]);
}

function addRow(list, name) {
  const row = document.getElementById("sending-row").content.firstElementChild.cloneNode(true);
  row.querySelector(".sending__name").textContent = name;
  list.append(row);
  return row;
}

function send(file, row) {
  const words = form.dataset;
  if (file.size > Number(words.limit)) return Promise.resolve(refuse(row, words.wordsLarge));
  const body = new FormData();
  for (const name of ["csrf_token", "show"]) body.append(name, form.elements[name].value);
  body.append("file", file);
  return new Promise((done) => {
    const request = new XMLHttpRequest();
    const began = performance.now();
    request.open("POST", form.action);
    request.setRequestHeader("Accept", "application/json");
    request.upload.addEventListener("progress", (step) => show(row, step, began));
    request.addEventListener("load", () => done(answered(request, row)));
    request.addEventListener("error", () => done(refuse(row, words.wordsBroken)));
    request.send(body);
  });
}

function show(row, step, began) {
  if (!step.lengthComputable) return;
  const part = step.loaded / step.total;
  const seconds = ((performance.now() - began) / 1000 / part) * (1 - part);
  row.querySelector("progress").value = part * 100;
  const time = seconds > 90 ? `${Math.round(seconds / 60)} min` : `${Math.ceil(seconds)} s`;
  const left = part > 0.02 && part < 1 ? form.dataset.wordsLeft.replace("{time}", time) : "";
  row.querySelector(".sending__state").textContent =
    `${form.dataset.wordsSending} ${Math.floor(part * 100)} % ${left}`;
}

function answered(request, row) {
  let answer = {};
  try {
    answer = JSON.parse(request.responseText);
  } catch {
    answer = {};
  }
  if (!answer.location) return refuse(row, answer.error || form.dataset.wordsBroken);
  row.querySelector("progress").value = 100;
  row.querySelector(".sending__state").textContent = form.dataset.wordsDone;
  const link = document.createElement("a");
  link.href = answer.location;
  link.textContent = form.dataset.wordsOpen;
  row.append(link);
  return answer.location;
}

function refuse(row, sentence) {
  row.classList.add("sending__row--bad");
  row.querySelector("progress").hidden = true;
  row.querySelector(".sending__state").textContent = sentence;
  return null;
}
