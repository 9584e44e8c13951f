// SPDX-License-Identifier: AGPL-3.0-or-later
// Framed: what a player inside somebody else's page says to that page, and hears from it (docs/embedding.md).
//
// To us: {griot: "play" | "pause" | "seek" | "load", at?, track?}. From us: {griot: "ready" | "play" | "pause" |
// "timeupdate" | "ended" | "error", at, total, track}. WordPress's own words (wp-embed.js): height, link, ready, secret.
// It reads [data-home], the link to our own page, and says class "pasted" where a sandbox blocks what leads outside.

const player = document.querySelector("griot-player");
const secret = /[#?&]secret=([^&]+)/.exec(location.hash)?.[1];

function tell(words) {
  // The page around is not known to a frame; nothing that is said here is secret but WordPress's own word.
  parent.postMessage(words, "*");
}

function told({ source, data }) {
  const { griot: wish, at, track } = data ?? {};
  if (source !== parent) return;
  if (wish === "play" || wish === "pause") player[wish]();
  // Whatever is no number is passed over: not every object can be made one.
  if (wish === "seek" && Number.isFinite(at)) player.seek(at);
  if (wish === "load" && Number.isInteger(track)) player.load(track, Number.isFinite(at) ? at : undefined);
}

function pasted() {
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-home]");
    if (!link) return;
    event.preventDefault();
    tell({ message: "link", value: link.href, secret });
  });
}

if (parent !== window) {
  const fit = () => {
    const value = Math.ceil(document.body.getBoundingClientRect().height);
    tell(secret ? { message: "height", value, secret } : { griot: "height", value });
  };
  // A sandbox without an origin: nothing can be opened, saved or kept from there.
  if (secret || origin === "null") document.documentElement.classList.add("pasted");
  if (secret) pasted();
  new ResizeObserver(fit).observe(document.body);
  // WordPress hides a frame until it has said its height; what is hidden is not drawn, and an observer waits for that.
  addEventListener("load", fit);
  addEventListener("message", ({ source, data }) => source === parent && data?.message === "ready" && fit());
  if (player) {
    for (const name of ["play", "pause", "timeupdate", "ended", "error"]) {
      player.addEventListener(`griot-${name}`, () => tell({ griot: name, at: player.at(), total: player.total(), track: player.current }));
    }
    addEventListener("message", told);
    tell({ griot: "ready", total: player.total(), track: player.current });
  }
}
