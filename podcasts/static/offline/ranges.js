// SPDX-License-Identifier: AGPL-3.0-or-later
// Ranges: which bytes a Range header asks for (RFC 9110, section 14), and in which pieces they lie.

// {first, last} of a sound of `size` bytes; null where the whole is meant (no header, another unit, several ranges,
// nothing that can be read: all of them are passed over); "beyond" where nothing can be given (416).
export function askedRange(header, size) {
  const found = /^bytes=\s*(\d*)\s*-\s*(\d*)\s*$/i.exec(header ?? "");
  if (!found || (!found[1] && !found[2])) return null;
  const [from, to] = [found[1], found[2]].map((text) => (text ? Number(text) : null));
  if (from === null) return to && size ? { first: Math.max(0, size - to), last: size - 1 } : "beyond";
  if (to !== null && to < from) return null;
  return from < size ? { first: from, last: Math.min(to ?? Infinity, size - 1) } : "beyond";
}

// The pieces that hold the bytes first to last: {number, start, end} each, start and end within the piece.
export const piecesOf = function* piecesOf({ first, last }, pieceBytes) {
  for (let number = Math.floor(first / pieceBytes); number * pieceBytes <= last; number += 1) {
    const before = number * pieceBytes;
    yield { number, start: Math.max(0, first - before), end: Math.min(pieceBytes, last + 1 - before) };
  }
};

// What stands at the head of an answer: {status, headers}. `sound` is {bytes, mime, etag}.
export function rangeAnswer(range, { bytes, mime, etag }) {
  const headers = { "Accept-Ranges": "bytes", "Content-Type": mime, ...(etag ? { ETag: etag } : {}) };
  if (range === "beyond") return { status: 416, headers: { ...headers, "Content-Range": `bytes */${bytes}`, "Content-Length": "0" } };
  if (range === null) return { status: 200, headers: { ...headers, "Content-Length": String(bytes) } };
  const { first, last } = range;
  const part = { "Content-Range": `bytes ${first}-${last}/${bytes}`, "Content-Length": String(last - first + 1) };
  return { status: 206, headers: { ...headers, ...part } };
}

// Whether a Content-Range says that an answer goes on at `at`, to the end of a sound of `bytes` bytes.
export function goesOnAt(header, at, bytes) {
  const found = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(header ?? "");
  return Boolean(found) && Number(found[1]) === at && Number(found[2]) === bytes - 1 && Number(found[3]) === bytes;
}
