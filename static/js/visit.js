// The reading screen: a draft with photos that survives everything, and sending that waits for a connection. The dials are dial.js.
import { attachDials } from "./dial.js";
import { showPhotos, shrink } from "./photos.js";
import { dropOldDrafts, dropUnsent, keepPhotos, keepTyped, keepUnsent, photosDraft, send, typedDraft } from "./unsent.js";

const RETRY_EVERY_MS = 20_000;

let form = document.querySelector("[data-visit]");
const page = location.pathname + location.search;
const place = `draft ${page}`;
const url = form.action;
let photos = [];
/// Photos that are still being made small.
let developing = Promise.resolve();
/// What this page sends by itself as soon as it can: { record, isKept }.
let waiting = null;

const say = (text, mark = "note") => {
  const note = form.querySelector(`[data-visit-${mark}]`);
  note.hidden = !text;
  note.querySelector("span").textContent = text;
};

// ---------------------------------------------------------------- draft
const typed = () => [...new FormData(form)].filter(([, value]) => !(value instanceof File));

const tellRoom = (isKept) => say(isKept ? "" : form.dataset.noRoom, "room");

const keepDraft = () => {
  try {
    keepTyped(place, typed());
  } catch {
    tellRoom(false);
  }
};

const restoreTyped = () => {
  let isRestored = false;
  for (const [name, value] of typedDraft(place) ?? []) {
    const field = form.elements[name];
    // A page that came back with errors shows what was just sent; nothing older replaces it.
    if (!field || !value || (field.value !== "" && name !== "key")) continue;
    field.value = value;
    isRestored ||= name !== "key" && name !== "outcome" && name !== "visited_at";
  }
  return isRestored;
};

// ---------------------------------------------------------------- photos
const show = () => showPhotos(form, photos, (gone) => changePhotos(photos.filter((photo) => photo !== gone)));

const changePhotos = async (changed) => {
  photos = changed;
  show();
  await keepPhotos(place, photos).then(() => tellRoom(true), () => tellRoom(false));
};

const develop = async (name, files) => {
  const taken = await Promise.all(files.map(shrink));
  await changePhotos([...photos, ...taken.map((file) => [name, file])]);
};

// ---------------------------------------------------------------- sending
const recordOf = () => ({
  key: form.elements.key.value,
  place,
  url,
  page,
  label: form.dataset.label,
  at: new Date().toISOString(),
  fields: typed(),
  photos,
});

const act = {
  // Back leads to the plot, not to a form that was sent.
  saved: ({ url }) => location.replace(url),
  refused: async ({ html }, { record }) => {
    await dropUnsent(record.key);
    const main = new DOMParser().parseFromString(html, "text/html").querySelector("main");
    document.querySelector("main").replaceWith(main);
    attach();
    attachDials();
    show();
    document.querySelector(".error-summary")?.focus();
  },
  rejected: () => say(form.dataset.rejected),
  "signed-out": (answer, { isKept }) => {
    say(isKept ? form.dataset.signedOut : form.dataset.unkept);
    const link = form.querySelector("[data-visit-sign-in]");
    link.hidden = false;
    link.href = `/sign-in?next=${encodeURIComponent(page)}`;
  },
  offline: (answer, { isKept, record }) => {
    say(isKept ? form.dataset.offline : form.dataset.unkept);
    form.querySelector("[data-visit-queue]").hidden = !isKept;
    waiting = { record, isKept };
  },
};

const deliver = async (record, isKept) => {
  const button = form.querySelector("button[type=submit]");
  const progress = form.querySelector("[data-visit-progress]");
  button.disabled = true;
  progress.hidden = record.photos.length === 0;
  const answer = await send(record, (percent) => (progress.value = percent));
  progress.hidden = true;
  button.disabled = false;
  delete form.dataset.sent;
  await act[answer.outcome](answer, { isKept, record });
};

const submit = async (event) => {
  event.preventDefault();
  waiting = null;
  await developing;
  if (!form.elements.visited_at.value) form.elements.visited_at.value = new Date().toISOString();
  keepDraft();
  const record = recordOf();
  // Kept first, sent then: a phone that dies in between has lost nothing.
  const isKept = await keepUnsent(record).then(() => true, () => false);
  say(record.photos.length ? form.dataset.sending : "");
  await deliver(record, isKept);
};

const retry = async () => {
  const now = waiting;
  waiting = null;
  if (now) await deliver(now.record, now.isKept);
};

function attach() {
  form = document.querySelector("[data-visit]");
  form.addEventListener("submit", submit);
  form.addEventListener("input", () => {
    // What is being changed is not sent behind the person's back.
    if (waiting) say("");
    waiting = null;
    keepDraft();
  });
  form.addEventListener("change", (event) => {
    const { target } = event;
    if (target.type === "file") {
      const files = [...target.files];
      // The chosen ones are ours from here on, so that the next one is added instead of replacing them.
      target.value = "";
      developing = developing.then(() => develop(target.name, files));
      return;
    }
    keepDraft();
    // A warning of a dial opens the reasons beside it.
    const reasons = target.closest("[data-warned]")?.closest("fieldset")?.querySelector("[data-reason]");
    if (reasons) reasons.open = true;
  });
}

attach();
const isRestored = restoreTyped();
attachDials();
developing = photosDraft(place).then((kept) => {
  if (kept.length) changePhotos([...kept, ...photos]);
  form.querySelector("[data-visit-restored]").hidden = !kept.length && !isRestored;
});
dropOldDrafts().catch(() => {});
addEventListener("online", retry);
setInterval(retry, RETRY_EVERY_MS);
