// SPDX-License-Identifier: AGPL-3.0-or-later
// Times: seconds as people and addresses write them.

// Hours, minutes and seconds; what is not known yet (NaN, Infinity) is 0.
function parts(seconds) {
  const whole = seconds < Infinity ? Math.floor(seconds) : 0;
  return [whole / 3600, (whole / 60) % 60, whole % 60].map((part) => Math.floor(part));
}

// m:ss, or h:mm:ss from an hour on.
export function clock(seconds) {
  return parts(seconds).map((part) => String(part).padStart(2, "0")).join(":").replace(/^00:0?|^0/, "");
}

// Seconds of "90", "1:30", "1m30s" or "npt:90" (Media Fragments 1.0, 4.2.1); null for anything else.
export function seconds(text) {
  const plain = text.replace(/^npt:|s$/g, "").replace(/h(?!.*m)/, "h0m");
  const found = plain.split(/[:hm]/).reduce((sum, part) => sum * 60 + Number(part), 0);
  return /^\d[\d.:hm]{0,11}$/.test(plain) && found >= 0 ? found : null;
}

// Where an address wants to begin and end: {start, end}, null where it does not say. The hash goes before the query.
export function fragment(hash, query) {
  const asked = (text) => new URLSearchParams(text.replace(/^[#?]+/, "")).get("t");
  const [from, to = ""] = (asked(hash) ?? asked(query) ?? "").split(",");
  const [start, end] = [from || !to ? seconds(from) : 0, seconds(to)];
  return { start, end: end > start ? end : null };
}

// "9 minutes 12 seconds", in a language, as a screen reader says it. Arabic has its "and" before the second one.
export function spoken(seconds, language) {
  const [hour, minute, second] = parts(seconds);
  const said = Object.entries({ hour, minute, second }).filter(([unit, number]) => number || (unit === "second" && !hour && !minute));
  return said.map(([unit, number]) => number.toLocaleString(language, { style: "unit", unit, unitDisplay: "long" })).join(/^ar/.test(language) ? " و" : " ");
}
