// SPDX-License-Identifier: AGPL-3.0-or-later
// Sheet: the player grown over the page. The same element in the same place, so that the sound never stops.
//
// It reads, in the player: [data-sheet], the button that opens it; [data-close], the one that closes it; [data-more],
// the panel of the extras, which it asks for and which stands open in it. Open, it has data-open and is a dialog; what is around it is inert.
// It has an entry of its own in the history: the back gesture closes it.

export function growing(player) {
  const root = document.documentElement;
  let before = null;

  function around(inert) {
    for (const part of document.body.children) if (part !== player) part.inert = inert;
  }

  function isOpen() {
    return before !== null;
  }

  // `fromHistory`: the entry is there already.
  function open(fromHistory = false) {
    if (isOpen() || player.hidden) return;
    if (!fromHistory) history.pushState({ ...history.state, sheet: true }, "");
    before = { focus: document.activeElement, top: scrollY };
    player.equip().then((extras) => (extras ? extras.furnish() : player.say(player.words.failed)));
    root.dataset.sheet = "";
    player.dataset.open = "";
    player.setAttribute("role", "dialog");
    player.setAttribute("aria-modal", "true");
    player.one("more").hidden = false;
    around(true);
    player.scrollTop = 0;
    player.one("close").focus();
  }

  // Put it back; `stays`: on the same page, where the focus returns.
  function shrink(stays) {
    if (!isOpen()) return;
    const { focus, top } = before;
    before = null;
    delete root.dataset.sheet;
    delete player.dataset.open;
    player.setAttribute("role", "region");
    player.removeAttribute("aria-modal");
    player.one("more").hidden = true;
    around(false);
    if (!stays) return;
    scrollTo({ top, behavior: "instant" });
    (focus?.isConnected && focus !== document.body ? focus : player.one("sheet")).focus({ preventScroll: true });
  }

  function close() {
    if (history.state?.sheet) history.back();
    else shrink(true);
  }

  // Chapters, transcript and help stand in the sheet: their keys open it before the extras fetch what they show.
  function pressed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input:not([type=range]), select, textarea")) return;
    if (isOpen() && event.key === "Escape") {
      event.preventDefault();
      close();
    } else if (!isOpen() && ["c", "t", "?"].includes(event.key)) open();
  }

  player.one("close").addEventListener("click", close);
  player.addEventListener("keydown", pressed, { capture: true });
  return { open, shrink, isOpen };
}
