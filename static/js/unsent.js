// What was written down but not yet acknowledged by the server, kept in this browser: typed values and photos alike.
// A record: { key, url, label, at, fields: [[name, value]], photos: [[name, File]] }.

const open = () =>
  new Promise((resolve, reject) => {
    const request = indexedDB.open("meterbook", 1);
    request.onupgradeneeded = () => request.result.createObjectStore("unsent", { keyPath: "key" });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

const inStore = async (mode, act) => {
  const database = await open();
  return new Promise((resolve, reject) => {
    const transaction = database.transaction("unsent", mode);
    const request = act(transaction.objectStore("unsent"));
    transaction.oncomplete = () => resolve(request.result);
    transaction.onerror = () => reject(transaction.error);
  });
};

const told = () => dispatchEvent(new Event("unsent"));

export const keepUnsent = async (record) => {
  await inStore("readwrite", (store) => store.put(record));
  told();
};

export const dropUnsent = async (key) => {
  await inStore("readwrite", (store) => store.delete(key));
  told();
};

export const allUnsent = () => inStore("readonly", (store) => store.getAll());

export const countUnsent = () => inStore("readonly", (store) => store.count()).catch(() => 0);

export const recordOf = (form) => {
  const fields = [];
  const photos = [];
  for (const [name, value] of new FormData(form)) {
    if (value instanceof File) {
      if (value.size > 0) photos.push([name, value]);
    } else fields.push([name, value]);
  }
  return { key: form.elements.key.value, url: form.action, label: form.dataset.label, at: new Date().toISOString(), fields, photos };
};

/// Sends a record; answers "saved" with the page to go to, "refused" with the page that says why, "signed-out" or "offline".
export const send = (record, onProgress = () => {}) =>
  new Promise((resolve) => {
    const body = new FormData();
    record.fields.forEach(([name, value]) => body.append(name, value));
    record.photos.forEach(([name, file]) => body.append(name, file, file.name || "photo.jpg"));
    const request = new XMLHttpRequest();
    request.open("POST", record.url);
    request.upload.onprogress = (event) => event.lengthComputable && onProgress(Math.round((event.loaded / event.total) * 100));
    request.onerror = request.ontimeout = () => resolve({ outcome: "offline" });
    request.onload = () => {
      const page = new URL(request.responseURL);
      if (page.pathname.startsWith("/sign-in") || request.status === 401) return resolve({ outcome: "signed-out" });
      if (request.status === 200 && page.pathname.includes("/saved/")) return resolve({ outcome: "saved", url: page.href });
      if (request.status === 422) return resolve({ outcome: "refused", html: request.responseText });
      resolve({ outcome: "offline" });
    };
    request.send(body);
  });
