// SPDX-License-Identifier: AGPL-3.0-or-later
// Embed code: makes the code of a player while one chooses, and copies it. Without it a form asks the server.
//
// <griot-embed-code data-player data-page data-plain> holds a form whose fields are called
// code-layout (options with data-height), code-theme, code-accent, code-t, code-lang; fields [data-code] of kind
// iframe, script or address; buttons [data-code-copy] (an id) with data-copied; maybe [data-code-preview] with data-path.

// What the server wrote stays, title and all; only what is chosen changes in it.
function withAttribute(code, name, value) {
  return code.replace(new RegExp(` ${name}="[^"]*"`), () => ` ${name}="${escaped(value)}"`);
}

function escaped(text) {
  return text.replace(/&/g, "&amp;").replace(/"/g, "&quot;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
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
    if (this.preview) {
      this.preview.hidden = false;
      addEventListener("message", ({ source, data }) => {
        if (source === this.preview.contentWindow && data?.griot === "height") this.preview.height = data.value;
      });
    }
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
    const { player, page } = this.dataset;
    const height = this.form.elements["code-layout"]?.selectedOptions[0].dataset.height ?? this.height();
    const asked = { layout: wishes.layout, theme: wishes.theme, accent: wishes.accent && `#${wishes.accent}`, lang: wishes.lang, start: wishes.t };
    const attributes = Object.entries(asked).filter(([, value]) => value).map(([name, value]) => ` data-${name}="${escaped(value)}"`).join("");
    const made = {
      iframe: (code) => withAttribute(withAttribute(code, "src", asking(player, wishes)), "height", height),
      script: (code) => code.replace(/( data-\w+="[^"]*")*(?=><\/griot-player>)/, () => attributes),
      address: () => asking(page, wishes),
    };
    for (const field of this.querySelectorAll("[data-code]")) field.value = made[field.dataset.code](field.value);
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
