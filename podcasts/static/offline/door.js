// SPDX-License-Identifier: AGPL-3.0-or-later
// Door: the button that keeps an episode, and what every page must know of kept ones; the rest comes with the first tap.
//
// <griot-keep> stands inside a [data-track] and reads data-script (keeping.js) and, inside itself, the buttons
// [data-keep-do=light] and [data-keep-do=normal], each with a [data-keep-size]. Its lang says how figures are written
// ("ar-MA"). Its data-state is "never" where this browser keeps nothing, "offer" until the first tap; keeping.js sets the
// others. <griot-kept data-script> is the page of what is kept (kept.js).

import { KEPT, soundUrl, versions, weight } from "./names.js";

// Whether this browser can keep anything, and whether it does: null, false, true. A sandbox throws.
export async function keepsHere() {
  try {
    return isSecureContext && navigator.serviceWorker ? await caches.has(KEPT) : null;
  } catch {
    return null;
  }
}

const HTMLBase = globalThis.HTMLElement ?? Object;

class GriotKeep extends HTMLBase {
  async connectedCallback() {
    const track = this.closest("[data-track]").dataset;
    this.versions = versions(track, (mime) => new Audio().canPlayType(mime));
    const keeps = this.versions.normal ? await keepsHere() : null;
    if (keeps === null) {
      this.dataset.state = "never";
      return;
    }
    for (const button of this.querySelectorAll("[data-keep-do=light], [data-keep-do=normal]")) this.offer(button);
    if (keeps) {
      this.equip();
      return;
    }
    this.dataset.state = "offer";
    this.addEventListener("click", ({ target }) => this.clicked(target.closest("[data-keep-do]")), { once: true });
  }

  // Where there is no light version, the normal one is the only offer.
  offer(button) {
    const { light, normal } = this.versions;
    const version = button.dataset.keepDo === "light" ? light ?? normal : light && normal;
    button.hidden = !version;
    if (version) button.querySelector("[data-keep-size]").textContent = weight(version.bytes, this.lang);
  }

  async clicked(button) {
    await this.equip();
    button?.click();
  }

  async equip() {
    (await import(this.dataset.script)).equip(this);
  }
}

class GriotKept extends HTMLBase {
  async connectedCallback() {
    (await import(this.dataset.script)).open(this, await keepsHere());
  }
}

// The player takes the version that is here, whatever the line is like.
async function preferKept() {
  const player = document.querySelector("griot-player");
  if (!player?.playable) return;
  const requests = (await keepsHere()) ? await (await caches.open(KEPT)).keys() : [];
  player.kept = new Set(requests.map(({ url }) => new URL(url).pathname));
  player.choosing ??= player.playable;
  player.playable = function preferred(light) {
    return this.sounds.find(({ key }) => this.kept.has(soundUrl(key))) ?? this.choosing(light);
  };
  if (player.row) player.cost();
  player.addEventListener("griot-track", onlyKept);
  onlyKept({ target: player });
}

// Of a kept episode one version is here: there is nothing to choose.
function onlyKept({ target: player }) {
  const choice = player.querySelector("[data-choice]");
  if (choice && player.sounds?.some(({ key }) => player.kept.has(soundUrl(key)))) choice.hidden = true;
}

if (globalThis.customElements) {
  customElements.define("griot-keep", GriotKeep);
  customElements.define("griot-kept", GriotKept);
  customElements.whenDefined("griot-player").then(preferKept);
  document.addEventListener("griot-kept", preferKept);
}
