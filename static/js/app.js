// Makes pages quicker to use. Every page works without it.

const one = (selector, within = document) => within.querySelector(selector);
const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const isTyping = (element) => element.closest("input, select, textarea, [contenteditable]") !== null;

// Where one is stands in sight, however long the list of areas.
one(".side [aria-current]")?.scrollIntoView({ block: "nearest" });

// On a phone the rows of a list are cards; each value then says itself what its head said.
for (const table of all("table[data-cards]")) {
  const heads = all("thead th", table).map((head) => head.textContent.trim());
  for (const row of all("tbody tr", table)) [...row.cells].forEach((cell, place) => cell.dataset.head = heads[place] ?? "");
  table.classList.add("cards");
}

// `/` leads to the search field.
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  const field = all("[data-quick]").find((field) => field.offsetParent !== null);
  if (!field) return;
  event.preventDefault();
  field.focus();
  field.select();
});

// A form is sent once, however often its button is pressed; it opens again when the page comes back from history.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method === "dialog") return;
  if (form.dataset.sent === "yes") {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  delete form.dataset.changed;
  for (const button of all("button:not([type=button])", form)) button.setAttribute("aria-busy", "true");
  // An answer that is a file leaves the page where it is.
  if (form.method === "get") setTimeout(() => reopen(form), 1500);
});

function reopen(form) {
  delete form.dataset.sent;
  for (const button of all("[aria-busy]", form)) button.removeAttribute("aria-busy");
}

addEventListener("pageshow", () => all("form[data-sent]").forEach(reopen));

// Filters answer as soon as one is chosen; what is typed waits for Enter.
document.addEventListener("change", (event) => {
  const form = event.target.form;
  if (form?.matches("[data-autosubmit]") && event.target.matches("select, [type=month], [type=date], [type=checkbox], [type=radio]")) form.requestSubmit();
});

// Typed and not saved: ask before it is lost.
document.addEventListener("input", (event) => {
  const form = event.target.form;
  if (form?.matches("[data-guard]")) form.dataset.changed = "yes";
});
addEventListener("beforeunload", (event) => {
  if (one("form[data-guard][data-changed]")) event.preventDefault();
});

// Dialogs open in place; without this their link leads to a page with the same form.
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-dialog]");
  const dialog = opener && document.getElementById(opener.dataset.dialog);
  if (dialog?.showModal && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    dialog.showModal();
  } else if (event.target.matches("dialog")) {
    event.target.close();
  }
});

// Menus close by Escape and by a press beside them.
const closeMenus = (except) => all("details[data-menu][open]").forEach((menu) => except && menu.contains(except) || (menu.open = false));
document.addEventListener("click", (event) => closeMenus(event.target));
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = event.target.closest("details[data-menu][open]");
  closeMenus();
  if (menu) one("summary", menu).focus();
});

// Arrows go from row to row, Enter opens as on any link.
document.addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const table = event.target.closest?.("[data-rows]");
  if (!step || !table || !event.target.matches(".row-link")) return;
  const links = all(".row-link", table);
  const next = links[links.indexOf(event.target) + step];
  if (!next) return;
  event.preventDefault();
  next.focus();
});

// Work in progress is asked after until it is done; then the page shows its result.
const LIVE_EVERY_MS = 1000;
const LIVE_SLOWEST_MS = 15000;
const isDone = (part) => part.dataset.liveDone !== undefined && part.dataset.liveDone !== "false";

function follow(part, waitMs = LIVE_EVERY_MS) {
  if (isDone(part)) return;
  setTimeout(async () => {
    if (document.hidden) return follow(part, waitMs);
    try {
      const answer = await fetch(part.dataset.liveUrl, { headers: { accept: "text/html" } });
      if (answer.redirected) return location.reload();
      if (!answer.ok) throw new Error(answer.status);
      const fresh = one("[data-live-url]", new DOMParser().parseFromString(await answer.text(), "text/html"));
      if (!fresh || isDone(fresh)) return location.reload();
      part.replaceWith(fresh);
      follow(fresh);
    } catch {
      follow(part, Math.min(waitMs * 2, LIVE_SLOWEST_MS));
    }
  }, waitMs);
}

all("[data-live-url]").forEach((part) => follow(part));

all("[data-print]").forEach((button) => {
  button.hidden = false;
  button.addEventListener("click", () => print());
});

// The bar of the phone says at all times whether there is a connection.
function showConnection() {
  if (document.body.dataset.connection) document.body.dataset.connection = navigator.onLine ? "online" : "offline";
}
addEventListener("online", showConnection);
addEventListener("offline", showConnection);
showConnection();

// And how many entries wait on this phone; they leave by themselves as soon as they can.
async function showUnsent() {
  const { countUnsent } = await import("./unsent.js");
  const count = await countUnsent();
  document.body.dataset.unsent = String(count);
  for (const badge of all("[data-unsent-count]")) {
    badge.textContent = String(count);
    badge.hidden = count === 0;
  }
  return count;
}
async function sendUnsent() {
  if ((await showUnsent()) > 0 && !one("[data-visit], [data-queue]")) await (await import("./unsent.js")).sendAll();
}
if (document.body.classList.contains("phone")) {
  addEventListener("unsent", showUnsent);
  addEventListener("online", sendUnsent);
  sendUnsent();
  keepQueue();
}

// The page about what waits opens without a connection too, in the language and colours of this one.
async function keepQueue() {
  try {
    await navigator.serviceWorker.register("/static/js/worker.js", { scope: "/" });
    const { active } = await navigator.serviceWorker.ready;
    const { lang, dataset } = document.documentElement;
    active.postMessage([import.meta.url, lang, dataset.theme].join(" "));
  } catch {
    // Plain http or a private window: the phone then says itself that there is no connection.
  }
}

// The summary of errors names the fields, which the errors themselves need not.
for (const link of all(".error-summary a")) {
  const field = document.getElementById(link.hash.slice(1));
  const label = field && (field.labels?.[0] ?? one("legend", field));
  if (label) link.textContent = `${label.firstChild.textContent.trim()}: ${link.textContent.charAt(0).toLowerCase()}${link.textContent.slice(1)}`;
}

one("[data-focus]")?.focus();

if (one("[data-dial]") && !one("[data-visit]")) import("./dial.js").then(({ attachDials }) => attachDials());
