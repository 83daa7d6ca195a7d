// The reading screen: consumption while digits are typed, a draft that survives everything, photos with progress.
import { dropUnsent, keepUnsent, recordOf, send } from "./unsent.js";

// ---------------------------------------------------------------- dials
// Whole thousandths, as the server counts; null for what is no number.
const thousandths = (text) => {
  const match = /^(\d{1,12})(?:[.,](\d{0,3}))?$/.exec(text.replace(/\s/g, ""));
  return match ? BigInt(match[1]) * 1000n + BigInt((match[2] ?? "").padEnd(3, "0") || 0) : null;
};

const written = (value) => {
  const sign = value < 0n ? "−" : "";
  const size = value < 0n ? -value : value;
  const whole = (size / 1000n).toString().replace(/\B(?=(\d{3})+$)/g, " ");
  const fraction = (size % 1000n).toString().padStart(3, "0").replace(/0+$/, "");
  return sign + whole + (fraction && "," + fraction);
};

const judge = (dial, value) => {
  const { previous, low, high, limit, lower, wrapped, above, below } = dial.dataset;
  const before = thousandths(previous) ?? 0n;
  const used = value - before;
  if (used < 0n) {
    const top = thousandths(limit);
    const isWrapped = top && before * 5n >= top * 4n && value * 5n <= top;
    return isWrapped ? [used + top, wrapped.replace("{n}", written(used + top))] : [used, lower.replace("{n}", written(-used))];
  }
  if (high && used > thousandths(high) * 3n) return [used, above];
  if (low && used > 0n && used * 10n < thousandths(low)) return [used, below];
  return [used, ""];
};

const showDial = (dial) => {
  const input = dial.querySelector("input");
  const note = dial.querySelector("[data-dial-note]");
  const output = dial.querySelector("output");
  const value = thousandths(input.value);
  const isEmpty = input.value.trim() === "";
  const [used, warning] = value === null ? [null, isEmpty ? "" : dial.dataset.unreadable] : judge(dial, value);
  output.textContent = used === null ? "" : `${used < 0n ? "" : "+ "}${written(used)} ${dial.dataset.unit}`;
  note.hidden = !warning;
  note.querySelector("span").textContent = warning;
  const reason = dial.closest("fieldset")?.querySelector("[data-reason]");
  if (reason && warning && value !== null) reason.open = true;
};

const form = document.querySelector("[data-visit]");
const dials = form.querySelectorAll("[data-dial]");
dials.forEach((dial) => dial.addEventListener("input", () => showDial(dial)));

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
dials.forEach(showDial);
form.addEventListener("input", keepDraft);
form.addEventListener("change", keepDraft);
