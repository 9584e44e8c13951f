# SPDX-License-Identifier: AGPL-3.0-or-later
"""What is asked of any page in the browser: how large its targets are, what moves, whether it is too wide."""

from playwright.sync_api import Page

LEAST_PX = 44

SMALL = """(least) => {
  const all = 'a[href], button, summary, input:not([type=hidden]), select, textarea, [tabindex="0"]';
  // In a sentence a link is as high as the line (WCAG 2.5.8, "inline").
  const inSentence = (control) => {
    const sentence = control.closest("p");
    return control.matches("a") && sentence
      && sentence.textContent.trim().length > control.textContent.trim().length + 8;
  };
  const small = [];
  for (const control of document.querySelectorAll(all)) {
    const target = control.matches("[type=radio], [type=checkbox]") ? control.labels[0] ?? control : control;
    if (!target.checkVisibility({ visibilityProperty: true }) || inSentence(control)) continue;
    target.scrollIntoView({ block: "center" });
    const { left, top, width, height } = target.getBoundingClientRect();
    if (top + height <= 0 || (width >= least - 0.5 && height >= least - 0.5)) continue;
    const [x, y] = [left + width / 2, top + height / 2];
    // On a phone the bar's title is told by words alone: a thumb meets the button above it, which opens the player.
    if (document.elementFromPoint(x, y)?.matches(".bar__open")) continue;
    const mine = (right, down) => {
      const found = document.elementFromPoint(x + right, y + down);
      return Boolean(found) && (target.contains(found) || control.contains(found));
    };
    const reach = (right, down) => {
      let far = 0;
      while (far < least && mine(right * (far + 1), down * (far + 1))) far += 1;
      return far;
    };
    const [wide, high] = [reach(1, 0) + reach(-1, 0), reach(0, 1) + reach(0, -1)];
    if (Math.min(wide, high) < least - 1) small.push(`${control.outerHTML.slice(0, 110)} ${wide} x ${high}`);
  }
  scrollTo(0, 0);
  return small;
}"""

MOVING = """() => {
  const moving = document.getAnimations().map((one) => `${one.constructor.name} runs`);
  const lasts = (times) => times.split(",").some((one) => parseFloat(one) > 0);
  for (const element of document.querySelectorAll("*")) {
    for (const part of ["", "::before", "::after"]) {
      const style = getComputedStyle(element, part);
      const plays = style.animationName !== "none" && lasts(style.animationDuration);
      if (plays || lasts(style.transitionDuration) || style.scrollBehavior === "smooth") {
        moving.push(`${element.outerHTML.slice(0, 80)} ${part}`);
      }
    }
  }
  return moving;
}"""

WIDER = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


def small_targets(page: Page) -> list[str]:
    """List the controls that a thumb misses: smaller than 44 px either way, what surrounds them counted in."""
    found: list[str] = page.evaluate(SMALL, LEAST_PX)
    return found


def moving_parts(page: Page) -> list[str]:
    """List what moves, or would move when touched."""
    found: list[str] = page.evaluate(MOVING)
    return found


def overflow_px(page: Page) -> int:
    """Tell by how many pixels a page is wider than its window."""
    found: int = page.evaluate(WIDER)
    return found


def open_all(page: Page) -> None:
    """Unfold whatever can be unfolded, all at once; what is in the player gets its style with the player's extras."""
    page.evaluate(
        "() => { for (const fold of document.querySelectorAll('details[name]')) fold.removeAttribute('name'); }"
    )
    for fold in page.query_selector_all("details:not([open]) > summary"):
        if fold.is_visible() and not fold.evaluate("(one) => Boolean(one.closest('[inert]'))"):
            fold.click()
    page.evaluate(
        "() => document.querySelector('griot-player details[open]')?.closest('griot-player').equip().then(() => {})"
    )


def open_panel(page: Page) -> None:
    """Open what the player has behind its button: its panel in an embed, the sheet on our pages."""
    page.locator("griot-player :is([data-sheet], [data-do=more])").locator("visible=true").first.click()
    page.locator("griot-player [data-settings] summary").wait_for()


def open_player(page: Page) -> None:
    """Open everything that the player has, all folds of its panel too."""
    open_panel(page)
    open_all(page)
