// SPDX-License-Identifier: AGPL-3.0-or-later
// Sharing: a link that begins, and ends, where one wants, for eight places and the system's own sheet; the code of the
// player; the sound to keep, or to send as a file.
//
// It reads, inside the panel: [data-sharing] a fold with [data-start] and [data-end] fields of times, [data-now] buttons
// ("start", "end"), [data-link] and [data-code] fields, [data-copy] buttons ("link", "code"), [data-channel] links by
// name, [data-sheet] a button; [data-saving] a fold with [data-download] links by version, [data-weight] in them, and
// [data-send] a button.

import { clock, seconds } from "./times.js";

const LARGEST_FILE_BYTES = 50_000_000;

// The address of a page at a time, or of a piece of it (Media Fragments 1.0): null for what is not asked.
export function piece(page, start, end) {
  const clean = page.replace(/#.*/, "");
  if (end !== null && end > (start ?? 0)) return `${clean}#t=${start ?? 0},${end}`;
  return start ? `${clean}#t=${start}` : clean;
}

// Where each of the eight takes a link from; plain addresses, nothing of theirs is loaded.
export function channel(name, url, title) {
  const [link, words, both] = [url, title, `${title} ${url}`].map(encodeURIComponent);
  return {
    facebook: `https://www.facebook.com/sharer/sharer.php?u=${link}`,
    x: `https://x.com/intent/post?url=${link}&text=${words}`,
    linkedin: `https://www.linkedin.com/sharing/share-offsite/?url=${link}`,
    pinterest: `https://www.pinterest.com/pin/create/button/?url=${link}&description=${words}`,
    reddit: `https://www.reddit.com/submit?url=${link}&title=${words}`,
    whatsapp: `https://wa.me/?text=${both}`,
    telegram: `https://t.me/share/url?url=${link}&text=${words}`,
    mail: `mailto:?subject=${words}&body=${both}`,
  }[name];
}

// The player of a page of ours, as code to paste.
export function embedCode(page, title, fragment = "") {
  const src = page.replace(/#.*/, "").replace(/\/shows\/([^/?#]+\/[^/?#]+)$/, "/embed/episodes/$1") + fragment;
  // Made in a document of its own: nothing is loaded, and no policy minds the style.
  const frame = document.implementation.createDocument(null, "iframe").documentElement;
  const given = {
    src, title, width: "100%", height: "412", loading: "lazy", style: "border:0", allow: "autoplay; clipboard-write; web-share",
    sandbox: "allow-scripts allow-same-origin allow-popups allow-popups-to-escape-sandbox allow-downloads",
    referrerpolicy: "strict-origin-when-cross-origin",
  };
  for (const [name, value] of Object.entries(given)) frame.setAttribute(name, value);
  frame.append("");
  return new XMLSerializer().serializeToString(frame);
}

export function fileName({ title, show }, extension) {
  const words = [title, show].filter(Boolean).join(" - ").replace(/[/\\:*?"<>|\p{Cc}]/gu, " ").replace(/\s+/g, " ");
  return `${words.slice(0, 120).trim() || "episode"}.${extension}`;
}

export function sharing(player, words) {
  const panel = player.one("more");
  const one = (name) => panel.querySelector(`[data-${name}]`);
  const [start, end] = [one("start"), one("end")];
  const page = () => new URL(player.row.dataset.page, location.href).href;
  const title = () => player.row.dataset.title;

  const write = () => {
    if (!player.row.dataset.page) return;
    const [from, to] = [start, end].map(({ value }) => (value.trim() ? seconds(value.trim()) : null));
    start.ariaInvalid = String(from === null && Boolean(start.value.trim()));
    end.ariaInvalid = String(Boolean(end.value.trim()) && !(to > (from ?? 0)));
    const url = piece(page(), from, to);
    one("link").value = url;
    one("code").value = embedCode(page(), title(), new URL(url).hash);
    for (const link of panel.querySelectorAll("[data-channel]")) link.href = channel(link.dataset.channel, url, title());
  };
  const copy = async (field) => {
    try {
      await navigator.clipboard.writeText(field.value);
      player.say(words.copied);
    } catch {
      // Without leave to write the clipboard: the words stand there, chosen, for the keys of the system.
      field.select();
      player.say(words.copy);
    }
  };
  panel.addEventListener("click", ({ target }) => {
    const { now, copy: what } = target.closest("button")?.dataset ?? {};
    if (now) {
      one(now).value = clock(player.at());
      write();
    }
    if (what) copy(one(what));
  });
  for (const field of [start, end]) field.addEventListener("input", write);
  for (const name of ["link", "code"]) one(name).addEventListener("focus", ({ target }) => target.select());
  const sheet = one("sheet");
  sheet.hidden = !navigator.share;
  sheet.addEventListener("click", () => navigator.share({ title: title(), url: one("link").value }).catch(() => {}));
  one("sharing").addEventListener("toggle", () => {
    if (!start.value && player.at() >= 1) start.value = clock(player.at());
    write();
  });

  const weight = (bytes) => (bytes / 1e6).toLocaleString(player.lang, { style: "unit", unit: "megabyte", maximumSignificantDigits: 2 });
  const named = (name) => player.sounds.find((sound) => sound.name === name);
  const send = one("send");
  // A messenger plays MP3 everywhere; the whole file is fetched, so a light one.
  const toSend = () => [named("light"), named("normal")].find((sound) => sound?.mime === "audio/mpeg" && sound.bytes < LARGEST_FILE_BYTES);
  let file = null;
  const address = () => {
    file = null;
    one("sharing").hidden = !player.row.dataset.page;
    start.value = "";
    end.value = "";
    write();
    for (const link of panel.querySelectorAll("[data-download]")) {
      const sound = named(link.dataset.download);
      link.hidden = !sound;
      if (!sound) continue;
      link.href = `${sound.url.replace(/\?.*/, "")}?source=download`;
      link.download = fileName(player.row.dataset, sound.url.replace(/\?.*/, "").split(".").at(-1));
      link.querySelector("[data-weight]").textContent = weight(sound.bytes);
    }
    const sound = toSend();
    const can = sound && navigator.canShare?.({ files: [new File([""], "a.mp3", { type: "audio/mpeg" })] });
    send.hidden = !can;
    if (can) send.querySelector("[data-weight]").textContent = weight(sound.bytes);
  };
  send.addEventListener("click", async () => {
    const { key } = player;
    try {
      if (!file) {
        player.say(words.fetching);
        const answer = await fetch(`${toSend().url.replace(/\?.*/, "")}?source=download`);
        if (!answer.ok) throw new Error(answer.status);
        const made = new File([await answer.blob()], fileName(player.row.dataset, "mp3"), { type: "audio/mpeg" });
        if (key !== player.key) return;
        file = made;
      }
      player.say("");
      await navigator.share({ files: [file], title: title() });
    } catch (reason) {
      if (reason.name === "AbortError") return;
      // The tap is too long ago for the browser: one more, with the file at hand.
      player.say(file && reason.name === "NotAllowedError" ? words.ready : player.words.failed);
    }
  });
  player.addEventListener("griot-track", address);
  address();
}
