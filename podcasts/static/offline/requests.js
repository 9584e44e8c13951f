// SPDX-License-Identifier: AGPL-3.0-or-later
// Requests: which of them the worker answers, and which addresses of ours a page or a script needs.

const NEVER = /^\/(?:studio|login|logout|setup|api|embed|embed\.js|oembed|private|metrics|healthz|readyz|service-worker\.js)(?:\/|$)/;
const PICTURE = /^cover(?:-\d+)?\.(?:webp|jpg)$/;
const WORDS = /^(?:peaks|chapters|transcript)\.(?:json|vtt|srt|html)$/;

// What a request is to the worker: "page", "asset", "sound", "picture", "words", or "" where it keeps out of the way.
export function kindOf({ method, url, authorized, navigates, origin }) {
  const { pathname, origin: its } = new URL(url);
  if (its !== origin || method !== "GET" || authorized || NEVER.test(pathname)) return "";
  if (/^\/(?:static|player|listen)\//.test(pathname)) return "asset";
  const media = /^\/media\/[^/]+\/([^/]+)$/.exec(pathname);
  if (media) return PICTURE.test(media[1]) ? "picture" : WORDS.test(media[1]) ? "words" : "sound";
  if (pathname.startsWith("/offline/kept/")) return "picture";
  return navigates || /^\/shows\//.test(pathname) ? "page" : "";
}

// The public key in the address of a sound or of what lies beside it.
export function keyIn(url) {
  return /^\/media\/([^/]+)\//.exec(new URL(url).pathname)?.[1] ?? "";
}

// Paths of style sheets, scripts and signs that a page or script names, without doubles: those that it imports, and
// those that it fetches when they are asked for (queue and sheet, the panel). `path` is its own.
export function needed(text, path) {
  const all = (pattern, folder = "") => [...text.matchAll(pattern)].map((one) => folder + one[1]);
  if (!path.endsWith(".js")) return [...new Set(all(/["'](\/(?:static|player|listen)\/[\w./-]+\.(?:css|js|svg))["']/g))];
  const imported = all(/(?:\bfrom|\bimport) ?\(?"\.\/([\w.-]+\.js)"/g, path.slice(0, path.lastIndexOf("/") + 1));
  return [...new Set([...imported, ...all(/"(\/player\/[\w.-]+\.js)"/g)])];
}

// Fetch pages and whatever they need, and what that needs: Map of path to Response. Nothing is given back unless all is
// there. `get` fetches a path; one that is known already may give null.
export async function gathered(paths, get) {
  const found = new Map();
  const waiting = [...paths];
  const seen = new Set(waiting);
  while (waiting.length) {
    const path = waiting.shift();
    const answer = await get(path);
    if (!answer?.ok) throw new TypeError(path);
    found.set(path, answer);
    if (/\.(?:css|svg)$/.test(path)) continue;
    for (const next of needed(await answer.clone().text(), path.replace(/\?.*/, ""))) {
      if (!seen.has(next)) waiting.push(next);
      seen.add(next);
    }
  }
  return found;
}

// What lies beside a sound and belongs to its page: the waveform, where one is drawn, chapters and transcript, where the
// page speaks of them. `record` is {key, about}, see keeping.js.
export function beside(page, { key, about }) {
  const at = (name) => `/media/${key}/${name}`;
  const named = [...page.matchAll(/\/media\/([\w-]+)\/((?:chapters|transcript)\.\w+)/g)].filter((one) => one[1] === key).map((one) => at(one[2]));
  const spoken = [about.bars && "peaks.json", page.includes("data-chapter") && "chapters.json", page.includes("data-transcript") && "transcript.json"];
  return [...new Set([...named, ...spoken.filter(Boolean).map(at)])];
}
