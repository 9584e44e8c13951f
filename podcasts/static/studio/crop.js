// SPDX-License-Identifier: AGPL-3.0-or-later
// Lets somebody choose the square of a picture before it is sent: by three sliders, or by dragging the preview.
// Without this, the middle is cut out.
//
// Reads: [data-crop] in a form with input[name=picture]; in it a canvas, [data-crop-x|y|size], [data-crop-words],
// data-words-size with {size}, and the hidden fields crop_x, crop_y and crop_size (parts of 1 of the upright
// picture's width, height and shorter side), which are disabled until a picture is chosen.

for (const place of document.querySelectorAll("[data-crop]")) {
  const input = place.closest("form").querySelector("input[name=picture]");
  input.addEventListener("change", () => open(place, input.files[0]));
  // Chosen while this script was on its way, or kept by the browser from before.
  if (input.files[0]) open(place, input.files[0]);
}

async function open(place, file) {
  const fields = [...place.querySelectorAll("input[type=hidden]")];
  for (const field of fields) field.disabled = true;
  // Turned upright by its EXIF, as the server does.
  const image = file ? await createImageBitmap(file, { imageOrientation: "from-image" }).catch(() => null) : null;
  place.hidden = !image;
  if (!image) return;
  for (const field of fields) field.disabled = false;
  const sliders = ["x", "y", "size"].map((name) => place.querySelector(`[data-crop-${name}]`));
  const show = () => draw(place, image, sliders.map((slider) => Number(slider.value)), fields);
  for (const slider of sliders) slider.oninput = show;
  drag(place.querySelector("canvas"), sliders, show);
  show();
}

// x and y say where between its two ends the square stands, so that a slider never leads outside.
function draw(place, image, [x, y, size], fields) {
  const canvas = place.querySelector("canvas");
  const side = Math.max(1, Math.floor(size * Math.min(image.width, image.height)));
  const left = x * (image.width - side);
  const top = y * (image.height - side);
  canvas.getContext("2d").drawImage(image, left, top, side, side, 0, 0, canvas.width, canvas.height);
  const parts = [left / image.width, top / image.height, side / Math.min(image.width, image.height)];
  fields.forEach((field, number) => { field.value = parts[number].toFixed(6); });
  place.querySelector("[data-crop-words]").textContent = place.dataset.wordsSize.replaceAll("{size}", side);
}

function drag(canvas, [x, y], show) {
  canvas.onpointerdown = (event) => canvas.setPointerCapture(event.pointerId);
  canvas.onpointermove = (event) => {
    if (!event.buttons) return;
    x.value = Number(x.value) - event.movementX / canvas.clientWidth;
    y.value = Number(y.value) - event.movementY / canvas.clientHeight;
    show();
  };
}
