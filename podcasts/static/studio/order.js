// SPDX-License-Identifier: AGPL-3.0-or-later
// Moves things in a list by dragging them, on top of buttons that work by keyboard and without this.
//
// Reads: form[data-order] with [data-order-field]; in it [data-order-list] of [data-order-item="id"].

const form = document.querySelector("form[data-order]");

if (form) begin(form.querySelector("[data-order-list]"));

function begin(list) {
  let held = null;
  for (const item of list.children) {
    item.draggable = true;
    // Where words are being written, the pointer selects them.
    item.querySelector("details")?.addEventListener("toggle", (event) => {
      item.draggable = !event.target.open;
    });
    item.addEventListener("dragstart", () => { held = item; item.classList.add("desk-row--held"); });
    item.addEventListener("dragend", () => { item.classList.remove("desk-row--held"); send(list); });
    item.addEventListener("dragover", (event) => {
      event.preventDefault();
      if (!held || held === item) return;
      const half = item.getBoundingClientRect().top + item.offsetHeight / 2;
      item[event.clientY < half ? "before" : "after"](held);
    });
  }
  const before = order(list);
  list.dataset.before = before;
}

function order(list) {
  return [...list.children].map((item) => item.dataset.orderItem).join(",");
}

function send(list) {
  if (order(list) === list.dataset.before) return;
  form.querySelector("[data-order-field]").value = order(list);
  form.submit();
}
