// Whom a payment is for is said while it is typed; Enter leads from field to field and sends from the sum.

const part = document.querySelector("[data-who]");
const field = part?.querySelector("input");
const found = part?.querySelector("ul");
const WAIT_MS = 200;
let asked = 0;

async function look() {
  const turn = ++asked;
  if (!field.value.trim()) return found.replaceChildren();
  try {
    const answer = await fetch(`${part.dataset.who}?q=${encodeURIComponent(field.value)}`, { headers: { accept: "text/html" } });
    if (!answer.ok || answer.redirected || turn !== asked) return;
    const page = new DOMParser().parseFromString(`<ul>${await answer.text()}</ul>`, "text/html");
    if (turn === asked) found.replaceChildren(...page.querySelectorAll("li"));
  } catch {
    found.replaceChildren();
  }
}

let wait;
field?.addEventListener("input", () => {
  clearTimeout(wait);
  wait = setTimeout(look, WAIT_MS);
});
if (field?.value) look();

const form = field?.form;
form?.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.ctrlKey || event.metaKey || event.target !== field) return;
  event.preventDefault();
  form.elements.amount.focus();
});
const first = form?.querySelector("[aria-invalid]") ?? field;
if (field?.value && first === field && !field.hasAttribute("aria-invalid")) form.elements.amount.focus();
else first?.focus();
