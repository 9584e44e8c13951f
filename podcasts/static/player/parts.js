// SPDX-License-Identifier: AGPL-3.0-or-later
// Parts: the chapters of the current track: a list, marks on the slider, the one that is heard.
//
// It reads, inside the player: [data-chapters], a fold with a list (the server's own, or the panel's once it is there),
// [data-chapter] links in it, [data-wave], where the marks stand. A track with chapters has "c" in data-has.

import { clock } from "./times.js";

// What the namespace's JSON says, as far as it can be used: {start, title, url, image}, by start.
export function readChapters(document, base) {
  const found = Array.isArray(document?.chapters) ? document.chapters : [];
  const address = (text) => (/^https?:\/\//i.test(text ?? "") ? text : null);
  return found
    .filter(Boolean)
    .map(({ startTime, title, url, img }) => ({
      start: Number(startTime),
      title: String(title ?? ""),
      url: address(url),
      // A picture that stands elsewhere would tell others who listens.
      image: address(img)?.startsWith(`${base}/`) ? img : null,
    }))
    .filter(({ start }) => start >= 0)
    .sort((one, other) => one.start - other.start);
}

export function chapters(player, words) {
  const given = player.one("chapters");
  const wave = player.one("wave");
  let found = [];
  let links = [];

  const entry = (chapter) => {
    const [item, link, start, title] = ["li", "a", "span", "bdi"].map((name) => document.createElement(name));
    Object.assign(start, { className: "figures", dir: "ltr", textContent: clock(chapter.start) });
    title.textContent = chapter.title;
    link.href = "#";
    link.dataset.chapter = chapter.start;
    link.append(start, title);
    item.append(link);
    return item;
  };
  // Its picture and its own page, beside what may be there already.
  const decorate = (item, { url, image }) => {
    if (image) {
      const picture = document.createElement("img");
      Object.assign(picture, { src: image, alt: "", width: 44, height: 44, loading: "lazy" });
      item.firstElementChild.prepend(picture);
    }
    if (!url) return;
    const page = document.createElement("a");
    Object.assign(page, { href: url, target: "_blank", rel: "noopener", className: "chapter__page", textContent: words.page });
    page.dataset.outside = "";
    page.ariaLabel = `${words.page}: ${item.textContent}`;
    item.append(page);
  };
  const marks = () => {
    for (const mark of wave?.querySelectorAll("i") ?? []) mark.remove();
    const total = player.total();
    for (const { start } of wave && total ? found : []) {
      if (!start || start >= total) continue;
      const mark = document.createElement("i");
      mark.style.left = `${(start / total) * 100}%`;
      wave.append(mark);
    }
  };
  const current = () => {
    const at = player.at() + 0.3;
    const here = links.findLast((link) => Number(link.dataset.chapter) <= at);
    for (const link of links) link.ariaCurrent = link === here ? "true" : null;
  };
  const show = () => {
    marks();
    if (given) player.querySelector("[data-more] [data-chapters]")?.remove();
    const fold = player.one("chapters");
    if (!fold) return;
    const list = fold.querySelector("ol");
    // What the server wrote stays, for those who have begun to read it.
    if (fold !== given || list.children.length !== found.length) list.replaceChildren(...found.map(entry));
    if (!list.querySelector("img, .chapter__page")) found.forEach((chapter, index) => decorate(list.children[index], chapter));
    links = [...list.querySelectorAll("[data-chapter]")];
    fold.hidden = !links.length;
    fold.querySelector("summary .figures").textContent = links.length;
    current();
  };
  const ask = async () => {
    const { key, dataset, row } = player;
    const has = row.dataset.has?.includes("c");
    if (given && has && !found.length) links = [...given.querySelectorAll("[data-chapter]")];
    else {
      found = [];
      show();
    }
    if (!has) return;
    const answer = await fetch(`${dataset.base}/media/${key}/chapters.json`).catch(() => null);
    const read = answer?.ok ? readChapters(await answer.json().catch(() => null), dataset.base || location.origin) : [];
    if (key !== player.key || !read.length) return;
    found = read;
    show();
  };
  player.addEventListener("griot-track", ask);
  player.addEventListener("griot-panel", show);
  player.addEventListener("griot-timeupdate", current);
  player.audio.addEventListener("durationchange", marks);
  ask();
}
