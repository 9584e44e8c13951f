// SPDX-License-Identifier: AGPL-3.0-or-later
// Sends one file in pieces (tus) and goes on after whatever interrupts it: a lost line, a closed tab, a restarted
// server. What the server has acknowledged is never sent again.
//
// Needs vendor/tus-js-client/tus.js before it, which is `globalThis.tus`.

const CHUNK_BYTES = 4 * 1024 * 1024;
// The first tries come quickly; after that every half minute, as long as the page is open.
const PAUSES_MS = [0, 1000, 2000, 5000, 10000, 20000, ...Array(2000).fill(30000)];
// Somebody else is at it, the server is busy or too often asked, or it knows another offset: all of that passes.
const PASSING = new Set([409, 423, 429]);

// Makes a sending of a file. Its `news` are called: progress(sent, total), stored({location, audio}),
// waiting() while the line is away, failed(sentence or null, status).
export function makeSending(file, { endpoint, token, target }, news) {
  let answer = {};
  let halted = false;
  const upload = new tus.Upload(file, {
    endpoint,
    chunkSize: CHUNK_BYTES,
    retryDelays: PAUSES_MS,
    metadata: { filename: file.name, ...target },
    headers: { "X-CSRFToken": token, Accept: "application/json" },
    removeFingerprintOnSuccess: true,
    onShouldRetry: (error) => {
      const status = statusOf(error);
      const again = !status || status >= 500 && status !== 507 || PASSING.has(status);
      if (again) news.waiting();
      return again;
    },
    onAfterResponse: (_request, response) => {
      answer = {
        location: response.getHeader("Griot-Location") || answer.location,
        audio: response.getHeader("Griot-Audio") || answer.audio,
      };
    },
    onProgress: (sent, total) => news.progress(sent, total),
    onSuccess: () => news.stored(answer),
    onError: (error) => news.failed(sentenceOf(error), statusOf(error)),
  });

  async function start() {
    halted = false;
    const [before] = await upload.findPreviousUploads();
    if (before && !upload.url) upload.resumeFromPreviousUpload(before);
    if (!halted) upload.start();
  }

  function pause() {
    halted = true;
    return upload.abort();
  }

  return {
    start,
    pause,
    // A new try at once, instead of after the pause that was begun.
    hurry: () => halted ? null : upload.abort().then(start),
    forget: () => { halted = true; return upload.abort(true); },
  };
}

function statusOf(error) {
  return error.originalResponse ? error.originalResponse.getStatus() : 0;
}

function sentenceOf(error) {
  try {
    return JSON.parse(error.originalResponse.getBody()).detail;
  } catch {
    return null;
  }
}
