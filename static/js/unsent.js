// What was written down but not yet acknowledged by the server, kept in this browser: typed values and photos alike.
// A record: { key, place, url, page, label, at, fields: [[name, value]], photos: [[name, File]], refused? }.
// A draft: { place, at, photos }; its typed values stand under the same place in localStorage, which survives also a killed browser.

const DRAFT_DAYS = 30;

const open = () =>
  new Promise((resolve, reject) => {
    const request = indexedDB.open("meterbook", 2);
    request.onupgradeneeded = ({ oldVersion }) => {
      if (oldVersion < 1) request.result.createObjectStore("unsent", { keyPath: "key" });
      request.result.createObjectStore("draft", { keyPath: "place" });
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

const inStore = async (name, mode, act) => {
  const database = await open();
  try {
    return await new Promise((resolve, reject) => {
      const transaction = database.transaction(name, mode);
      const request = act(transaction.objectStore(name));
      transaction.oncomplete = () => resolve(request.result);
      // A full phone aborts; nothing else tells of it.
      transaction.onabort = () => reject(transaction.error);
    });
  } finally {
    database.close();
  }
};

const told = () => dispatchEvent(new Event("unsent"));

// ---------------------------------------------------------------- what waits
export const keepUnsent = async (record) => {
  navigator.storage?.persist?.();
  await inStore("unsent", "readwrite", (store) => store.put(record));
  told();
};

export const dropUnsent = async (key) => {
  await inStore("unsent", "readwrite", (store) => store.delete(key)).catch(() => {});
  told();
};

export const allUnsent = () => inStore("unsent", "readonly", (store) => store.getAll());

export const countUnsent = () => inStore("unsent", "readonly", (store) => store.count()).catch(() => 0);

// ---------------------------------------------------------------- drafts
export const keepTyped = (place, fields) => localStorage.setItem(place, JSON.stringify({ at: Date.now(), fields }));

export const typedDraft = (place) => JSON.parse(localStorage.getItem(place) ?? "null")?.fields;

export const keepPhotos = (place, photos) =>
  inStore("draft", "readwrite", (store) => (photos.length ? store.put({ place, at: Date.now(), photos }) : store.delete(place)));

export const photosDraft = async (place) => (await inStore("draft", "readonly", (store) => store.get(place)).catch(() => null))?.photos ?? [];

export const dropDraft = async (place) => {
  localStorage.removeItem(place);
  await keepPhotos(place, []).catch(() => {});
};

/// Drafts nobody came back to; what waits to be sent is never among them.
export const dropOldDrafts = async () => {
  const before = Date.now() - DRAFT_DAYS * 86_400_000;
  const isOld = (place) => !(JSON.parse(localStorage.getItem(place))?.at > before);
  Object.keys(localStorage).filter((place) => place.startsWith("draft ") && isOld(place)).forEach((place) => localStorage.removeItem(place));
  const drafts = await inStore("draft", "readonly", (store) => store.getAll());
  for (const { place, at } of drafts) if (at < before) await keepPhotos(place, []);
};

// ---------------------------------------------------------------- sending
const outcome = (request) => {
  const page = new URL(request.responseURL);
  if (page.pathname.startsWith("/sign-in") || request.status === 401) return { outcome: "signed-out" };
  if (request.status === 200 && page.pathname.includes("/saved/")) return { outcome: "saved", url: page.href };
  if (request.status === 422) return { outcome: "refused", html: request.responseText };
  // What the server will not take tomorrow either; everything else is worth another try.
  return { outcome: [400, 403, 404, 413].includes(request.status) ? "rejected" : "offline" };
};

/// Sends a record; answers "saved" with the page to go to, "refused" with the page that says why, "signed-out", "rejected" or "offline".
export const send = (record, onProgress = () => {}) =>
  new Promise((resolve) => {
    const body = new FormData();
    record.fields.forEach(([name, value]) => body.append(name, value));
    record.photos.forEach(([name, file]) => body.append(name, file, file.name || "photo.jpg"));
    const request = new XMLHttpRequest();
    request.open("POST", record.url);
    request.upload.onprogress = (event) => event.lengthComputable && onProgress(Math.round((event.loaded / event.total) * 100));
    request.onload = () => resolve(outcome(request));
    request.onerror = request.onabort = request.ontimeout = () => resolve({ outcome: "offline" });
    request.send(body);
  }).then(async (answer) => {
    document.body.dataset.connection = answer.outcome === "offline" ? "offline" : "online";
    if (answer.outcome === "saved") {
      await dropUnsent(record.key);
      await dropDraft(record.place);
    }
    return answer;
  });

let sending;

/// Sends everything that waits, one by one, until there is no connection; answers the last outcome.
export const sendAll = () => (sending ??= sendEach().finally(() => (sending = undefined)));

const sendEach = async () => {
  let last;
  for (const record of await allUnsent()) {
    last = (await send(record)).outcome;
    if (last === "refused" || last === "rejected") await keepUnsent({ ...record, refused: last });
    else if (last !== "saved") return last;
  }
  return last;
};
