// SPDX-License-Identifier: AGPL-3.0-or-later
// Going: which addresses are pages for listeners, so that sound may go on while one is fetched.

const OTHERS = ["api", "embed", "feeds", "files", "healthz", "listen", "login", "logout", "media", "oembed", "player", "readyz", "setup", "static", "studio"];

// The address to go to without loading a page, or null: another place, a file, a place in this page, this page itself
// by its hash. `link` has href, target, download, type and rel; `here` is where one stands.
export function destination({ href, target = "", download = null, type = "", rel = "" }, here) {
  if (!href || (target && target !== "_self") || download !== null || /\bexternal\b/.test(rel)) return null;
  if (type && type !== "text/html") return null;
  const url = parsed(href);
  return url && isPage(url, here) && !isHash(url, here) ? url : null;
}

// Whether an address of ours is a page: no file, and none of the places that are for producers or programs.
export function isPage(url, here) {
  const parts = url.pathname.split("/");
  return url.origin === new URL(here).origin && !OTHERS.includes(parts[1]) && !parts.at(-1).includes(".");
}

function parsed(text) {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}

function isHash(url, here) {
  const { pathname, search } = new URL(here);
  return url.href.includes("#") && url.pathname === pathname && url.search === search;
}

// Where a form that only asks leads: its action with its fields; null for one that sends.
export function asked({ action, method, target = "" }, fields, here) {
  const url = parsed(action);
  if (method.toLowerCase() !== "get" || !url) return null;
  const given = [...fields];
  if (given.some(([, value]) => typeof value !== "string")) return null;
  url.search = new URLSearchParams(given).toString();
  url.hash = "";
  return destination({ href: url.href, target }, here);
}

// A click that means "go there, here": nothing held, the first button, nobody has answered it yet.
export function isPlain(event) {
  return !(event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
}
