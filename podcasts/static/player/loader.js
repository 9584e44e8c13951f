// SPDX-License-Identifier: MIT
// Loader, served as /embed.js: puts our player into an article that has sound, and does nothing in one that has none.
//
//   <script async src="https://radio.example/embed.js"></script>       where the player is to stand
//   <griot-player src="https://radio.example/shows/a/b"></griot-player>  one that is named
//
// On either: data-theme ("light", "dark", "auto"; else what the page's own background says), data-layout ("mini"),
// data-accent ("#8a3d00"), data-quality ("light"), data-lang ("fr"), data-start ("1:30"). On the script: data-auto ("off": only named players
// and pasted frames; any other word: also beside those), data-place (a selector: the player comes first in what it
// finds), data-follow (the page changes its canonical address without being loaded again, and the player with it).
// Frames that were pasted are fitted to their height; players on one page stop each other.

(() => {
  // A module, or a script that a program has put there, does not know itself.
  const ours = () => [...document.querySelectorAll("script[src]")].filter(({ src }) => /\/embed\.js([?#]|$)/.test(src));
  let script = document.currentScript ?? ours().at(-1);
  if (!script) return;
  const base = new URL(".", script.src).href.replace(/\/$/, "");
  const { origin } = new URL(base);
  // Several of these scripts on one page are as one, and the first one's words count; what they share stands here.
  const pages = (window.griotEmbeds ??= {});
  const again = base in pages;
  const page = (pages[base] ??= { asked: false });

  // A dark page gets a dark player: how light the first background is that is not transparent.
  function theme(element) {
    if (element.dataset.theme) return element.dataset.theme;
    for (let place = element; place; place = place.parentElement) {
      const [red, green, blue, alpha = 1] = (getComputedStyle(place).backgroundColor.match(/[\d.]+/g) ?? []).map(Number);
      if (alpha > 0 && red !== undefined) return red * 0.299 + green * 0.587 + blue * 0.114 < 128 ? "dark" : "light";
    }
    return "light";
  }

  function framed(place, address, title, background = place) {
    const url = new URL(address);
    url.searchParams.set("theme", theme(place.dataset.theme ? place : background));
    const { layout, accent, quality, lang, start } = place.dataset;
    for (const [name, value] of Object.entries({ layout, accent: accent?.replace("#", ""), quality, lang, t: start })) {
      if (value) url.searchParams.set(name, value);
    }
    const frame = document.createElement("iframe");
    Object.assign(frame, { src: url.href, title, loading: "lazy", allow: "autoplay; clipboard-write; web-share", height: layout === "mini" ? 200 : 412 });
    frame.style.cssText = "border:0;width:100%;color-scheme:normal";
    return frame;
  }

  function told({ source, origin: from, data }) {
    if (typeof data !== "object" || !data || (from !== origin && from !== "null")) return;
    const frames = [...document.querySelectorAll("iframe")].filter(({ src }) => src.startsWith(`${base}/embed/`));
    const frame = frames.find((one) => one.contentWindow === source);
    if (!frame) return;
    if (data.griot === "height" && data.value > 0) frame.height = Math.min(2000, Math.ceil(data.value));
    if (data.griot !== "play") return;
    for (const other of frames) {
      // A frame in a sandbox has no origin that could be named; that one should pause is no secret.
      if (other !== frame) other.contentWindow?.postMessage({ griot: "pause" }, "*");
    }
  }

  function canonical() {
    return document.querySelector("link[rel=canonical]")?.href || location.href.replace(/#.*/, "");
  }

  function chosen(selector) {
    try { return document.querySelector(selector); } catch { return null; }
  }

  function absolute(address) {
    try { return address ? new URL(address, `${base}/`).href : ""; } catch { return ""; }
  }

  let shown = null;

  async function find() {
    const address = canonical();
    page.asked = address;
    const answer = await fetch(`${base}/api/v1/articles/episodes?url=${encodeURIComponent(address)}`, { credentials: "omit" }).catch(() => null);
    // Meanwhile the page may have become another.
    if (page.asked !== address) return;
    shown?.remove();
    shown = null;
    if (answer?.status !== 200) return;
    const { episodes } = await answer.json().catch(() => ({}));
    if (!episodes?.length || page.asked !== address) return;
    const player = episodes.length === 1 ? episodes[0].embed_url : `${base}/embed/article?url=${encodeURIComponent(address)}`;
    const stands = !script.dataset.place && document.body.contains(script);
    const place = stands ? script.parentElement : chosen(script.dataset.place || "article") ?? chosen("main") ?? document.body;
    shown = framed(script, player, episodes[0].title, place);
    if (stands) script.after(shown);
    else place.prepend(shown);
  }

  function follow() {
    let last = canonical();
    new MutationObserver(() => {
      if (canonical() === last) return;
      last = canonical();
      find();
    }).observe(document.head, { subtree: true, childList: true, attributes: true, attributeFilter: ["href"] });
  }

  class NamedPlayer extends HTMLElement {
    static observedAttributes = ["src"];

    connectedCallback() {
      if (!this.firstElementChild) this.mount();
    }

    attributeChangedCallback(_name, before) {
      if (before !== null && this.isConnected) this.mount();
    }

    mount() {
      this.replaceChildren();
      const href = absolute(this.getAttribute("src"));
      if (!href.startsWith(`${base}/`)) return;
      // A page of ours has its player at the same place below /embed.
      const place = href.slice(base.length).replace(/^\/embed\//, "/").replace(/^\/shows\/([^/?#]+\/[^/?#]+)/, "/episodes/$1");
      this.append(framed(this, `${base}/embed${place}`, this.title || "Griot"));
    }
  }

  if (!again) addEventListener("message", told);
  if (!customElements.get("griot-player")) customElements.define("griot-player", NamedPlayer);

  function begin() {
    script = ours().find(({ src }) => src.startsWith(`${base}/embed.js`)) ?? script;
    const { auto } = script.dataset;
    const stands = document.querySelector(`griot-player[src], iframe[src^="${base}/embed/"]`);
    if (page.asked || auto === "off" || (stands && auto === undefined)) return;
    find();
    if (script.dataset.follow !== undefined) follow();
  }

  // What is named further down counts, too.
  if (document.readyState === "loading") addEventListener("DOMContentLoaded", begin);
  else begin();
})();
