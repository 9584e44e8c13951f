// SPDX-License-Identifier: MIT
// Loader, served as /embed.js: puts our player into an article that has sound, and does nothing in one that has none.
//
//   <script async src="https://radio.example/embed.js"></script>       where the player is to stand
//   <griot-player src="https://radio.example/shows/a/b"></griot-player>  one that is named
//
// The article is found by its canonical address. data-theme ("light", "dark") on either says what the page's own
// background would say; data-layout ("mini") is handed on. Players on one page stop each other.

const script = document.currentScript;
const base = new URL(".", script.src).href.replace(/\/$/, "");
const frames = new Set();

// A dark page gets a dark player: how light the first background is that is not transparent.
function theme(element) {
  if (element.dataset.theme) return element.dataset.theme;
  for (let place = element; place; place = place.parentElement) {
    const [red, green, blue, alpha = 1] = (getComputedStyle(place).backgroundColor.match(/[\d.]+/g) ?? []).map(Number);
    if (alpha > 0 && red !== undefined) return red * 0.299 + green * 0.587 + blue * 0.114 < 128 ? "dark" : "light";
  }
  return "light";
}

function mount(place, address, title) {
  const url = new URL(address);
  url.searchParams.set("theme", theme(place));
  if (place.dataset.layout) url.searchParams.set("layout", place.dataset.layout);
  const frame = document.createElement("iframe");
  Object.assign(frame, { src: url.href, title, loading: "lazy", allow: "autoplay; clipboard-write; web-share", height: 412 });
  frame.style.cssText = "border:0;width:100%;color-scheme:normal";
  frames.add(frame);
  return frame;
}

function told({ source, data }) {
  const frame = [...frames].find((one) => one.contentWindow === source);
  if (!frame || !data) return;
  if (data.griot === "height" && data.value > 0) frame.height = Math.min(2000, Math.ceil(data.value));
  if (data.griot !== "play") return;
  for (const other of frames) {
    if (other !== frame) other.contentWindow?.postMessage({ griot: "pause" }, new URL(other.src).origin);
  }
}

async function find() {
  const address = document.querySelector("link[rel=canonical]")?.href ?? location.href.replace(/#.*/, "");
  const answer = await fetch(`${base}/api/v1/articles/episodes?url=${encodeURIComponent(address)}`).catch(() => null);
  if (answer?.status !== 200) return;
  const { episodes } = await answer.json();
  if (!episodes.length) return;
  const player = episodes.length === 1 ? episodes[0].embed_url : `${base}/embed/article?url=${encodeURIComponent(address)}`;
  script.after(mount(script, player, episodes[0].title));
}

class NamedPlayer extends HTMLElement {
  connectedCallback() {
    if (this.firstElementChild || !this.getAttribute("src")) return;
    const { href } = new URL(this.getAttribute("src"), `${base}/`);
    if (!href.startsWith(`${base}/`)) return;
    // A page of ours has its player at the same place below /embed.
    const place = href.slice(base.length).replace(/^\/embed\//, "/").replace(/^\/shows\/([^/?#]+\/[^/?#]+)/, "/episodes/$1");
    this.append(mount(this, `${base}/embed${place}`, this.title || "Griot"));
  }
}

addEventListener("message", told);
if (!customElements.get("griot-player")) customElements.define("griot-player", NamedPlayer);
if (!document.querySelector("griot-player[src]")) find();
