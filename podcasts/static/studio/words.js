// SPDX-License-Identifier: AGPL-3.0-or-later
// Chapters beside the sound: "here" takes the player's time, one more row, and times that lead into the sound.
//
// Reads: audio[data-sound]; form[data-chapters] with [data-chapter-row], in it [data-here] and
// input[name=chapter_time]; [data-more]; [data-seek] with seconds.

const sound = document.querySelector("audio[data-sound]");
const form = document.querySelector("form[data-chapters]");
const more = form.querySelector("[data-more]");

more.hidden = false;
more.addEventListener("click", addRow);
if (sound) {
  for (const row of form.querySelectorAll("[data-chapter-row]")) offerHere(row);
  for (const time of document.querySelectorAll("[data-seek]")) {
    time.addEventListener("click", () => {
      sound.currentTime = Number(time.dataset.seek);
      sound.play();
    });
  }
}

function offerHere(row) {
  const here = row.querySelector("[data-here]");
  here.hidden = false;
  here.addEventListener("click", () => {
    row.querySelector("input[name=chapter_time]").value = clock(sound.currentTime);
    row.querySelector("input[name=chapter_title]").focus();
  });
}

function addRow() {
  const last = form.querySelector("[data-chapter-row]:last-child");
  const row = last.cloneNode(true);
  const number = form.querySelectorAll("[data-chapter-row]").length + 1;
  for (const label of row.querySelectorAll("label")) label.htmlFor = label.htmlFor.replace(/\d+$/, number);
  for (const input of row.querySelectorAll("input")) {
    input.value = "";
    if (input.id) input.id = input.id.replace(/\d+$/, number);
  }
  last.after(row);
  if (sound) offerHere(row);
  row.querySelector("input").focus();
}

function clock(seconds) {
  const minutes = Math.floor(seconds / 60);
  const rest = (seconds - minutes * 60).toFixed(1).padStart(4, "0");
  return `${minutes}:${rest}`;
}
