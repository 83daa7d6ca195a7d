// What waits on this phone, and the button that sends it.
import { allUnsent, dropUnsent, send } from "./unsent.js";

const list = document.querySelector("[data-queue]");
const sender = document.querySelector("[data-queue-send]");
const nothing = document.querySelector("[data-queue-empty]");

const row = (record) => {
  const entry = document.createElement("li");
  const link = document.createElement("a");
  link.className = "walk-stop";
  link.href = new URL(record.url).pathname;
  const label = document.createElement("span");
  label.className = "walk-label";
  label.textContent = record.label;
  const when = document.createElement("span");
  when.className = "walk-note";
  when.textContent = new Date(record.at).toLocaleString(document.documentElement.lang);
  link.append(label, when);
  entry.append(link);
  return entry;
};

const show = async () => {
  const records = await allUnsent();
  list.replaceChildren(...records.map(row));
  list.hidden = sender.hidden = records.length === 0;
  nothing.hidden = records.length > 0;
};

const sendAll = async () => {
  for (const record of await allUnsent()) {
    const answer = await send(record);
    if (answer.outcome === "saved") {
      localStorage.removeItem(`draft ${new URL(record.url).pathname} read`);
      await dropUnsent(record.key);
    } else if (answer.outcome === "signed-out") {
      location.assign(`/sign-in?next=${encodeURIComponent("/queue")}`);
      return;
    }
  }
  await show();
};

sender.querySelector("button").addEventListener("click", sendAll);
addEventListener("online", sendAll);
show();
