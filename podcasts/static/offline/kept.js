// SPDX-License-Identifier: AGPL-3.0-or-later
// Kept: the page of what this browser keeps: list, weight, room, removal.
//
// It fills <griot-kept>: lang, by which figures are written ("ar-MA"); data-words (JSON); [data-kept-list], an empty list,
// from template[data-kept-row], in which [data-cover] img, [data-kept-title], -show, -clock, -size, -quality, [data-play],
// [data-kept-go] (a broken-off one goes on) and [data-kept-remove]; [data-kept-empty], [data-kept-some], [data-kept-never]
// are shown as it is; [data-kept-sum], [data-kept-room] with [data-kept-meter], [data-kept-loose] (the browser may throw
// it away), [data-kept-all] a button, [data-kept-elsewhere] (another page was wanted), [data-kept-news], and a dialog
// [data-kept-sure] with [data-kept-ask].

import { keepEpisode } from "./keeping.js";
import { weight } from "./names.js";
import { forget, records } from "./store.js";

// A title or a weight inside a sentence keeps its own direction (Unicode UAX 9, isolates).
const alone = (text) => () => `\u2068${text}\u2069`;

const clock = (seconds) => {
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60].map((part) => String(part).padStart(2, "0"));
  return parts.join(":").replace(/^00:0?|^0/, "");
};

export async function open(root, keeps) {
  const one = (name) => root.querySelector(`[data-kept-${name}]`);
  const page = { root, one, words: JSON.parse(root.dataset.words), figures: root.lang };
  one("never").hidden = keeps !== null;
  one("elsewhere").hidden = location.pathname === "/offline";
  if (keeps === null) return;
  one("all").addEventListener("click", () => ask(page, page.words.all, page.list.map(({ key }) => key)));
  document.addEventListener("griot-keeping", ({ detail }) => progress(page, detail));
  listenToWorker(page);
  // Whoever opens this page wants it to open without a line too.
  navigator.serviceWorker.register("/service-worker.js", { scope: "/", updateViaCache: "none" }).catch(() => null);
  await draw(page);
  askForWithdrawn(page);
}

async function draw(page) {
  const { one, words, figures } = page;
  page.list = await records(caches);
  one("list").replaceChildren(...page.list.map((record) => row(page, record)));
  const some = page.list.length > 0;
  one("some").hidden = !some;
  one("empty").hidden = some;
  const bytes = page.list.reduce((sum, { sound }) => sum + sound.bytes, 0);
  one("sum").textContent = (page.list.length === 1 ? words.one : words.many).replace("%1", page.list.length.toLocaleString(figures)).replace("%2", alone(weight(bytes, figures)));
  one("sum").hidden = !some;
  await measure(page);
}

// How much room this browser gives the site, and whether it may take it back.
async function measure({ one, words, figures, list }) {
  const { quota, usage } = (await navigator.storage?.estimate?.().catch(() => null)) ?? {};
  one("room").hidden = !quota || !list.length;
  if (quota) {
    one("room").firstElementChild.textContent = words.room.replace("%1", alone(weight(usage, figures))).replace("%2", alone(weight(quota, figures)));
    one("meter").value = usage / quota;
  }
  const safe = await navigator.storage?.persisted?.().catch(() => false);
  one("loose").hidden = safe || !list.length;
}

function row(page, record) {
  const { one, words, figures } = page;
  const { about, sound, whole } = record;
  const made = one("row").content.cloneNode(true).firstElementChild;
  const place = (name) => made.querySelector(`[data-kept-${name}]`);
  Object.assign(made.dataset, about);
  const { lang } = document.documentElement;
  made.dataset.language = about.language || (record.language === lang ? "" : record.language);
  made.dataset.keptKey = record.key;
  made.querySelector("[data-cover] img").src = record.cover;
  const title = place("title");
  Object.assign(title, { textContent: about.title, href: about.page });
  if (made.dataset.language) title.parentElement.lang = made.dataset.language;
  place("show").textContent = about.show ?? "";
  place("show").closest("li").hidden = !about.show;
  place("clock").textContent = Number(about.seconds) ? clock(Number(about.seconds)) : "";
  place("clock").hidden = !Number(about.seconds);
  place("size").textContent = weight(sound.bytes, figures);
  place("quality").textContent = whole ? (sound.name === "normal" ? words.normal : words.light) : words.unfinished;
  const play = made.querySelector("[data-play]");
  play.hidden = !whole;
  play.href = sound.url;
  play.setAttribute("aria-label", words.listen.replace("%s", () => about.title));
  play.dataset.pauseLabel = words.pause.replace("%s", () => about.title);
  place("go").hidden = whole;
  place("go").addEventListener("click", () => keepEpisode(record));
  const remove = place("remove");
  remove.setAttribute("aria-label", words.remove.replace("%s", () => about.title));
  remove.addEventListener("click", () => ask(page, words.ask.replace("%1", alone(about.title)).replace("%2", alone(weight(sound.bytes, figures))), [record.key]));
  return made;
}

// Without a line it could not be fetched again: hence the question.
function ask(page, question, keys) {
  const dialog = page.one("sure");
  page.one("ask").textContent = question;
  dialog.returnValue = "";
  dialog.onclose = async () => {
    if (dialog.returnValue !== "yes") return;
    for (const key of keys) await forget(caches, key);
    page.one("news").textContent = page.words.removed;
    await draw(page);
    document.dispatchEvent(new CustomEvent("griot-kept"));
    const next = page.one("list").querySelector("[data-kept-remove]") ?? page.one("empty").querySelector("a");
    next?.focus();
  };
  dialog.showModal();
}

function progress(page, { key, state, share }) {
  const made = page.one("list").querySelector(`[data-kept-key="${CSS.escape(key)}"]`);
  if (!made) return;
  if (state !== "keeping" && state !== "lost") {
    draw(page);
    return;
  }
  made.querySelector("[data-kept-go]").hidden = true;
  made.querySelector("[data-kept-quality]").textContent = (share / 100).toLocaleString(page.figures, { style: "percent" });
}

// What was withdrawn is asked for where there is a line: a word for each, and no bytes of sound.
async function askForWithdrawn(page) {
  if (!navigator.onLine) return;
  for (const { key, sound } of page.list) {
    const answer = await fetch(sound.url, { method: "HEAD", credentials: "omit", cache: "no-store" }).catch(() => null);
    if (answer?.status === 404 || answer?.status === 410) await gone(page, key);
  }
}

async function gone(page, key) {
  const title = page.list.find((record) => record.key === key)?.about.title;
  await forget(caches, key);
  if (!page.root.isConnected) return;
  await draw(page);
  if (title) page.one("news").textContent = page.words.gone.replace("%s", alone(title));
}

function listenToWorker(page) {
  const channel = new BroadcastChannel("griot-offline");
  channel.onmessage = ({ data }) => { if (data?.gone) gone(page, data.gone); };
}
