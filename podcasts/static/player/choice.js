// SPDX-License-Identifier: AGPL-3.0-or-later
// Choice: which version of a sound is fetched. {name, url, mime} each; "light-opus" and "light" weigh a sixth.

const LIGHT = ["light-opus", "light"];

// Whether the light one is the better beginning: the listener's last word, else what the browser says of its line.
export function wantsLight(said, connection, asked) {
  if (said === "light" || said === "normal") return said === "light";
  const { saveData, type, effectiveType = "4g" } = connection ?? {};
  return asked || saveData || type === "cellular" || effectiveType !== "4g";
}

// The sound to fetch. Where the light one cannot be played here, or is not there, the normal one; never nothing.
export function pick(sounds, light, canPlay) {
  const named = (name) => sounds.find((sound) => sound.name === name);
  const found = light && LIGHT.map(named).find((sound) => sound && canPlay(sound.mime));
  return found || named("normal") || sounds[0];
}
