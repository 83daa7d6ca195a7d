// What waits on this phone, and the button that sends it. Opens without a connection too: then it stands in for the page asked for.
import { allUnsent, dropDraft, dropUnsent, sendAll } from "./unsent.js";

const RETRY_EVERY_MS = 20_000;

const list = document.querySelector("[data-queue]");
const sender = document.querySelector("[data-queue-send]");
const note = document.querySelector("[data-queue-note]");
const { lang } = document.documentElement;

const element = (name, className, text) => {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
};

const row = (record) => {
  const entry = element("li", "", "");
  const link = element("a", "walk-stop", "");
  link.href = record.page;
  const words = element("span", "", "");
  words.append(
    element("span", "walk-name", new Date(record.at).toLocaleString(lang, { dateStyle: "short", timeStyle: "short" })),
    element("span", "walk-note", list.dataset[record.refused ?? "waits"]),
  );
  const shots = record.photos.length;
  link.append(element("span", "walk-label", record.label), words, element("span", "walk-note", shots ? `${list.dataset.photos}: ${shots}` : ""));
  entry.append(link);
  if (record.refused === "rejected") {
    const drop = element("button", "button danger", list.dataset.drop);
    drop.type = "button";
    drop.addEventListener("click", async () => {
      if (!confirm(list.dataset.dropAsk.replace("{label}", record.label))) return;
      await dropUnsent(record.key);
      await dropDraft(record.place);
    });
    entry.append(drop);
  }
  return entry;
};

const show = async () => {
  const records = await allUnsent();
  list.replaceChildren(...records.map(row));
  list.hidden = sender.hidden = records.length === 0;
  document.querySelector("[data-queue-empty]").hidden = records.length > 0;
};

const say = (text) => {
  note.hidden = !text;
  note.querySelector("span").textContent = text ?? "";
};

const sendNow = async () => {
  const outcome = await sendAll();
  await show();
  if (outcome === "signed-out") location.assign(`/sign-in?next=${encodeURIComponent("/queue")}`);
  if (outcome) say(outcome === "offline" ? list.dataset.offline : "");
  return outcome;
};

const isStandIn = location.pathname !== "/queue";
if (isStandIn) {
  say(list.dataset.standIn);
  document.querySelector("[data-queue-again]").hidden = false;
  document.body.dataset.connection = "offline";
}

// The page that was asked for comes as soon as there is a connection.
const tryAgain = async () => {
  if (document.hidden) return;
  if (!isStandIn) return sendNow();
  if (await fetch("/healthz").then((answer) => answer.ok, () => false)) location.reload();
};

sender.querySelector("button").addEventListener("click", sendNow);
document.querySelector("[data-queue-again]").addEventListener("click", () => location.reload());
addEventListener("online", tryAgain);
addEventListener("unsent", show);
setInterval(tryAgain, RETRY_EVERY_MS);
show().then(() => isStandIn || sendNow());
