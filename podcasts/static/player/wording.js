// SPDX-License-Identifier: AGPL-3.0-or-later
// Wording: the transcript of the current track: fetched when it is opened, followed while one listens, searched.
//
// It reads, inside the panel: [data-transcript], a fold: [data-spoken] the box of its lines, [data-find] a field,
// [data-find-next] a button, [data-found] how many, [data-follow] a checkbox. A track with words has "t" in data-has.

import { plain } from "./plain.js";

const LONGEST_LINE = 220;
const ENDS = /[.!?…。؟۔:]["»”')\]]*$/;

// Segments of any size as lines that can be read: {start, speaker, body}; one speaker's words up to a full stop.
export function lines(segments) {
  const found = [];
  for (const { startTime, speaker = "", body } of Array.isArray(segments) ? segments.filter(Boolean) : []) {
    const last = found.at(-1);
    const words = String(body ?? "").trim();
    if (!words) continue;
    const goesOn = last && last.speaker === speaker && !ENDS.test(last.body) && last.body.length + words.length < LONGEST_LINE;
    if (goesOn) last.body += ` ${words}`;
    else found.push({ start: Number(startTime) || 0, speaker: String(speaker), body: words });
  }
  return found;
}

// The index of the line that is heard at a time; -1 before the first.
export function lineAt(found, at) {
  return found.findLastIndex(({ start }) => start <= at);
}

export function transcript(player, words) {
  const place = player.one("transcript");
  const [box, field, next, count, follow] = ["spoken", "find", "find-next", "found", "follow"].map((name) => place.querySelector(`[data-${name}]`));
  let found = [];
  let hits = [];
  let asked = "";
  let timed = false;
  let current = -1;
  let hit = 0;

  const line = ({ speaker, body }, index) => {
    const item = document.createElement(timed ? "button" : "p");
    if (timed) item.type = "button";
    item.className = "line";
    item.dir = "auto";
    item.dataset.line = index;
    item.tabIndex = timed && !index ? 0 : -1;
    if (speaker && speaker !== found[index - 1]?.speaker) {
      const name = document.createElement("b");
      name.textContent = speaker;
      item.append(name, " ");
    }
    item.append(body);
    return item;
  };
  // Only the box itself is scrolled, never the page, and the focus stays where it is.
  const bring = (item) => {
    box.scrollTop += item.getBoundingClientRect().top - box.getBoundingClientRect().top - box.clientHeight / 3;
  };
  const step = () => {
    if (!timed || !place.open) return;
    const here = lineAt(found, player.at() + 0.2);
    if (here === current) return;
    box.children[current]?.removeAttribute("aria-current");
    current = here;
    const item = box.children[here];
    if (!item) return;
    item.ariaCurrent = "true";
    if (follow.checked && !box.contains(document.activeElement)) bring(item);
  };
  const search = () => {
    for (const item of box.querySelectorAll(".line--hit")) item.classList.remove("line--hit");
    const wanted = plain(field.value.trim());
    hits = wanted ? [...box.children].filter((item) => plain(item.textContent).includes(wanted)) : [];
    for (const item of hits) item.classList.add("line--hit");
    hit = 0;
    next.disabled = !hits.length;
    count.textContent = wanted ? words.hits.replace("%1", hits.length ? 1 : 0).replace("%2", hits.length) : "";
    if (hits.length) bring(hits[0]);
  };
  const further = () => {
    if (!hits.length) return;
    hit = (hit + 1) % hits.length;
    count.textContent = words.hits.replace("%1", hit + 1).replace("%2", hits.length);
    follow.checked = false;
    bring(hits[hit]);
  };
  const ask = async () => {
    const { key, dataset } = player;
    if (asked === key || !place.open || place.hidden) return;
    asked = key;
    const get = (form) => fetch(`${dataset.base}/media/${key}/transcript.${form}`).catch(() => null);
    let answer = await get("json");
    timed = Boolean(answer?.ok);
    if (timed) found = lines((await answer.json().catch(() => ({}))).segments);
    else {
      // Words without times can be read and searched.
      answer = await get("html");
      const page = new DOMParser().parseFromString(answer?.ok ? await answer.text() : "", "text/html");
      found = [...page.querySelectorAll("p")].map(({ textContent }) => ({ start: 0, speaker: "", body: textContent }));
    }
    if (key !== player.key) return;
    follow.parentElement.hidden = !timed;
    box.lang = answer?.headers.get("Content-Language") ?? "";
    box.replaceChildren(...found.map(line));
    if (!found.length) {
      box.textContent = words.nowords;
      asked = "";
    }
    current = -1;
    search();
    step();
  };
  const turn = () => {
    place.hidden = !player.row.dataset.has?.includes("t");
    if (asked === player.key) return;
    asked = "";
    found = [];
    box.replaceChildren();
    ask();
  };
  box.addEventListener("click", ({ target }) => {
    const item = target.closest("button.line");
    if (!item) return;
    player.seek(found[Number(item.dataset.line)].start);
    player.play();
  });
  // One stop for the tabulator, arrows from line to line.
  box.addEventListener("keydown", (event) => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const other = by && box.children[Number(event.target.dataset.line) + by];
    if (!other) return;
    event.preventDefault();
    event.target.tabIndex = -1;
    other.tabIndex = 0;
    other.focus();
  });
  field.addEventListener("input", search);
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter") further();
  });
  next.addEventListener("click", further);
  place.addEventListener("toggle", () => {
    ask();
    current = -1;
    step();
  });
  player.addEventListener("griot-track", turn);
  player.addEventListener("griot-timeupdate", step);
  turn();
}
