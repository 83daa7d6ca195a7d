// The reading screen: a draft that survives everything, photos with progress. The dials themselves are dial.js.
import { dropUnsent, keepUnsent, recordOf, send } from "./unsent.js";

const form = document.querySelector("[data-visit]");

// A warning of a dial opens the reasons beside it.
form.addEventListener("change", (event) => {
  const reasons = event.target.closest("[data-warned]")?.closest("fieldset")?.querySelector("[data-reason]");
  if (reasons) reasons.open = true;
});

// ---------------------------------------------------------------- draft
const place = `draft ${new URL(form.action).pathname} ${form.elements.outcome?.value === "read" ? "read" : "other"}`;
const typed = () => [...new FormData(form)].filter(([, value]) => !(value instanceof File));

const keepDraft = () => localStorage.setItem(place, JSON.stringify(typed()));

const restoreDraft = () => {
  const kept = JSON.parse(localStorage.getItem(place) ?? "null");
  if (!kept) return;
  let isRestored = false;
  for (const [name, value] of kept) {
    const field = form.elements[name];
    if (!field) continue;
    // A page that came back with errors shows what was just sent; nothing older replaces it.
    const isFree = field instanceof RadioNodeList ? field.value === "" : field.value === "" || name === "key";
    if (!isFree || !value) continue;
    field.value = value;
    isRestored ||= name !== "key" && name !== "outcome";
  }
  if (isRestored) say(form.dataset.restored);
};

const say = (text) => {
  const note = form.querySelector("[data-visit-note]");
  note.hidden = !text;
  note.querySelector("span").textContent = text;
};

// ---------------------------------------------------------------- photos
form.querySelectorAll("input[type=file]").forEach((input) =>
  input.addEventListener("change", () => {
    const shots = form.querySelector(`[data-shots="${input.name}"]`);
    shots.replaceChildren(
      ...[...input.files].map((file) => {
        const picture = document.createElement("img");
        picture.src = URL.createObjectURL(file);
        picture.alt = file.name;
        picture.width = 140;
        return picture;
      }),
    );
  }),
);

// ---------------------------------------------------------------- sending
const act = {
  saved: async ({ url }, record) => {
    localStorage.removeItem(place);
    await dropUnsent(record.key);
    location.assign(url);
  },
  refused: async ({ html }, record) => {
    await dropUnsent(record.key);
    const page = new DOMParser().parseFromString(html, "text/html");
    document.querySelector("main").replaceWith(page.querySelector("main"));
    localStorage.setItem(place, JSON.stringify(record.fields));
    location.hash = "";
    document.querySelector(".error-summary, [aria-invalid]")?.scrollIntoView();
    // The form that came back is a plain one: it is sent by the browser itself, and nothing of it is lost either.
  },
  "signed-out": () => {
    say(form.dataset.signedOut);
    const link = document.createElement("a");
    link.className = "button";
    link.href = `/sign-in?next=${encodeURIComponent(location.pathname)}`;
    link.textContent = form.dataset.signIn;
    form.querySelector("[data-visit-note]").after(link);
  },
  offline: () => say(form.dataset.offline),
};

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (!form.elements.visited_at.value) form.elements.visited_at.value = new Date().toISOString();
  const button = form.querySelector("button[type=submit]");
  const progress = form.querySelector("[data-visit-progress]");
  button.disabled = true;
  const record = recordOf(form);
  // Kept first, sent then: a phone that dies in between has lost nothing.
  await keepUnsent(record).catch(() => {});
  progress.hidden = record.photos.length === 0;
  say(record.photos.length ? form.dataset.sending : "");
  const answer = await send(record, (percent) => (progress.value = percent));
  progress.hidden = true;
  button.disabled = false;
  delete form.dataset.sent;
  await act[answer.outcome](answer, record);
});

restoreDraft();
form.addEventListener("input", keepDraft);
form.addEventListener("change", keepDraft);
