// SPDX-License-Identifier: AGPL-3.0-or-later
// Embed code: makes the code of a player while one chooses, and copies it. Without it a form asks the server.
//
// <griot-embed-code data-title data-player data-page data-loader data-plain> holds a form whose fields are called
// code-layout (options with data-height), code-theme, code-accent, code-t, code-lang; fields [data-code] of kind
// iframe, script or address; buttons [data-code-copy] (an id) with data-copied; maybe [data-code-preview] with data-path.

const FRAME = {
  loading: "lazy",
  style: "border:0",
  allow: "autoplay; clipboard-write; web-share",
  sandbox: "allow-scripts allow-same-origin allow-popups allow-popups-to-escape-sandbox allow-downloads",
  referrerpolicy: "strict-origin-when-cross-origin",
};

function written(name, attributes) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) if (value !== "") element.setAttribute(key, value);
  return element.outerHTML;
}

// An address with what is asked for; a player's own default is not written.
function asking(address, wishes) {
  const url = new URL(address, location.href);
  for (const [name, value] of Object.entries(wishes)) if (value) url.searchParams.set(name, value);
  return url.href.replace(/%3A/g, ":").replace(/%2C/g, ",");
}

class EmbedCode extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form");
    this.form.addEventListener("input", () => this.make());
    this.form.addEventListener("submit", (event) => { event.preventDefault(); this.make(); });
    this.querySelector("[data-code-submit]").hidden = true;
    this.preview = this.querySelector("[data-code-preview]");
    if (this.preview) this.preview.hidden = false;
    for (const button of this.querySelectorAll("[data-code-copy]")) this.copies(button);
    this.make();
  }

  chosen(name) {
    return this.form.elements[`code-${name}`]?.value.trim() ?? "";
  }

  wishes() {
    const [theme, accent, layouts, start] = [this.chosen("theme"), this.chosen("accent"), this.form.elements["code-layout"], this.chosen("t")];
    return {
      theme: theme === "light" ? "" : theme,
      layout: layouts?.selectedIndex > 0 ? layouts.value : "",
      accent: accent === this.dataset.plain ? "" : accent.slice(1),
      lang: this.chosen("lang"),
      t: /^(npt:)?\d[\d.:hm]{0,11}s?(,(npt:)?\d[\d.:hm]{0,11}s?)?$/.test(start) ? start : "",
    };
  }

  make() {
    const wishes = this.wishes();
    const { title, player, page, loader } = this.dataset;
    const height = this.form.elements["code-layout"]?.selectedOptions[0].dataset.height ?? this.height();
    const made = {
      iframe: () => written("iframe", { src: asking(player, wishes), title, width: "100%", height, ...FRAME }),
      script: () => `${written("griot-player", {
        src: page, title, "data-layout": wishes.layout, "data-theme": wishes.theme,
        "data-accent": wishes.accent && `#${wishes.accent}`, "data-lang": wishes.lang, "data-start": wishes.t,
      })}\n${written("script", { async: "async", src: loader }).replace('async="async"', "async")}`,
      address: () => asking(page, wishes),
    };
    for (const field of this.querySelectorAll("[data-code]")) field.value = made[field.dataset.code]();
    this.show(wishes, height);
  }

  // The height of a player that comes in one shape is the one that its code was given.
  height() {
    return /height="(\d+)"/.exec(this.querySelector("[data-code=iframe]").value)?.[1] ?? "";
  }

  show(wishes, height) {
    if (!this.preview) return;
    const path = asking(this.preview.dataset.path, wishes);
    this.preview.height = height;
    if (this.preview.src !== path) this.preview.src = path;
  }

  copies(button) {
    if (!navigator.clipboard) return;
    const word = button.textContent;
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(this.querySelector(`#${button.dataset.codeCopy}`).value);
      button.textContent = button.dataset.copied;
      setTimeout(() => { button.textContent = word; }, 2000);
    });
  }
}

if (!customElements.get("griot-embed-code")) customElements.define("griot-embed-code", EmbedCode);
