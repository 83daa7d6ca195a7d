// Enter goes to the next field instead of sending; in the last one, or with Ctrl, it sends. Arrows go up and down.

const form = document.querySelector("[data-enter]");

form?.addEventListener("keydown", (event) => {
  const field = event.target.closest("[data-line]");
  if (!field) return;
  const step = { Enter: event.ctrlKey || event.metaKey ? 0 : 1, ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  const fields = [...form.querySelectorAll("[data-line]")];
  const next = fields[fields.indexOf(field) + step];
  if (!next && event.key === "Enter") return;
  event.preventDefault();
  next?.focus();
  next?.select();
});
