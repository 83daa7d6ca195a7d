// Makes pages faster; each of them works without it.
import { countUnsent } from "./unsent.js";

const each = (selector, act, root = document) => root.querySelectorAll(selector).forEach(act);

// "/" goes to the search field, unless somebody is typing.
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.target.closest("input, textarea, select")) return;
  const field = document.querySelector("[data-quick]");
  if (!field) return;
  event.preventDefault();
  field.focus();
});

// Arrow keys walk the rows of a list.
document.addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const link = event.target.closest?.("[data-rows] .row-link");
  if (!step || !link) return;
  const links = [...link.closest("[data-rows]").querySelectorAll(".row-link")];
  const next = links[links.indexOf(link) + step];
  if (next) {
    event.preventDefault();
    next.focus();
  }
});

// A second tap on a button sends nothing twice.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented) return;
  if (form.dataset.sent) return event.preventDefault();
  form.dataset.sent = "yes";
});
addEventListener("pageshow", () => each("form[data-sent]", (form) => delete form.dataset.sent));

// Filters that are choices apply at once.
each("form[data-autosubmit]", (form) => form.addEventListener("change", () => form.requestSubmit()));

// Typed text is not left behind by accident.
each("form[data-guard]", (form) => {
  let isDirty = false;
  form.addEventListener("input", () => (isDirty = true));
  form.addEventListener("submit", () => (isDirty = false));
  addEventListener("beforeunload", (event) => isDirty && event.preventDefault());
});

each("[data-print]", (button) => button.addEventListener("click", () => print()));

// A button with a dialog on the page opens it instead of following its link.
each("[data-dialog]", (opener) => {
  const dialog = document.getElementById(opener.dataset.dialog);
  if (!dialog?.showModal) return;
  opener.addEventListener("click", (event) => {
    event.preventDefault();
    dialog.showModal();
  });
  each("[data-close]", (button) => button.addEventListener("click", () => dialog.close()), dialog);
});

// Progress renews itself until it says that it is done; then the page shows what came of it.
const renew = async (box) => {
  try {
    const answer = await fetch(box.dataset.liveUrl, { headers: { accept: "text/html" } });
    if (answer.ok) {
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-live-url]");
      if (!fresh || fresh.hasAttribute("data-live-done")) return location.reload();
      box.replaceChildren(...fresh.childNodes);
    }
  } catch {
    // No connection: the next attempt may find one.
  }
  setTimeout(renew, 1000, box);
};
each("[data-live-url]:not([data-live-done])", (box) => setTimeout(renew, 700, box));

// The phone's bar: connection and what waits to be sent.
const showConnection = async () => {
  document.body.dataset.connection = navigator.onLine ? "online" : "offline";
  const unsent = await countUnsent();
  document.body.dataset.unsent = unsent;
  each("[data-unsent-count]", (badge) => {
    badge.textContent = unsent;
    badge.hidden = unsent === 0;
  });
};
if (document.body.classList.contains("phone")) {
  showConnection();
  ["online", "offline", "unsent"].forEach((name) => addEventListener(name, showConnection));
}
