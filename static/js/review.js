// Decides by one key: a accepts, r rejects (its reason is asked first), c goes to the correction and, filled in, sends it.

const isTyping = (element) => element.closest("input, select, textarea");

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  const button = document.querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
  if (!button) return;
  event.preventDefault();
  const needed = { r: "[name=review_note]", c: "fieldset input" }[button.dataset.key];
  const field = needed && [...button.form.querySelectorAll(needed)].find((field) => field.value.trim() === "");
  field ? field.focus() : button.click();
});
