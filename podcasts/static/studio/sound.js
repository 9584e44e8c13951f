// SPDX-License-Identifier: AGPL-3.0-or-later
// The waveform beside the player: a click goes there; "here" writes the player's time into a field.
//
// Reads: audio[data-sound]; canvas[data-wave] with the address of the peaks (a byte each); button[data-here] with the
// id of its field.

const sound = document.querySelector("audio[data-sound]");
const canvas = document.querySelector("canvas[data-wave]");

if (sound) {
  for (const button of document.querySelectorAll("button[data-here]")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      document.getElementById(button.dataset.here).value = clock(sound.currentTime);
    });
  }
}
if (sound && canvas) show();

async function show() {
  const answer = await fetch(canvas.dataset.wave).catch(() => null);
  if (!answer || !answer.ok) return;
  const peaks = new Uint8Array(await answer.arrayBuffer());
  draw(peaks);
  sound.addEventListener("timeupdate", () => draw(peaks));
  canvas.addEventListener("click", (event) => {
    if (!sound.duration) sound.play();
    const go = () => { sound.currentTime = sound.duration * event.offsetX / canvas.clientWidth; };
    if (sound.duration) go();
    else sound.addEventListener("loadedmetadata", go, { once: true });
  });
}

function draw(peaks) {
  const pen = canvas.getContext("2d");
  const style = getComputedStyle(canvas);
  const heard = sound.duration ? sound.currentTime / sound.duration : 0;
  pen.clearRect(0, 0, canvas.width, canvas.height);
  for (let x = 0; x < canvas.width; x += 2) {
    const from = Math.floor(x * peaks.length / canvas.width);
    const to = Math.max(from + 1, Math.floor((x + 2) * peaks.length / canvas.width));
    const height = Math.max(2, Math.max(...peaks.subarray(from, to)) * canvas.height / 255);
    pen.fillStyle = style.getPropertyValue(x < heard * canvas.width ? "--accent" : "--wave-rest");
    pen.fillRect(x, (canvas.height - height) / 2, 1.4, height);
  }
}

function clock(seconds) {
  const minutes = Math.floor(seconds / 60);
  return `${minutes}:${(seconds - minutes * 60).toFixed(1).padStart(4, "0")}`;
}
