// Tells what was used while the digits are typed, and warns in place. It never blocks: the checks that count are the server's.

const lang = document.documentElement.lang || "ru";
const NO_BREAK = "\u00a0";

/** Whole thousandths of what people type: `1 234,5`; null when it is no number. */
export function thousandths(text) {
  const match = /^(\d{1,12})?(?:[.,](\d{0,3}))?$/.exec(text.replace(/\s/g, ""));
  if (!match || (match[1] ?? "") + (match[2] ?? "") === "") return null;
  return BigInt(match[1] ?? 0) * 1000n + BigInt((match[2] ?? "").padEnd(3, "0"));
}

/** `1 234,5`, with the unit. */
export function written(amount, unit) {
  const whole = (amount / 1000n).toString().replace(/\B(?=(\d{3})+$)/g, lang === "ru" ? NO_BREAK : ",");
  const fraction = (amount % 1000n).toString().padStart(3, "0").replace(/0+$/, "");
  return whole + (fraction && (lang === "ru" ? "," : ".") + fraction) + NO_BREAK + unit;
}

/** What a dial shows: the consumption, if it can be told, and a warning. */
export function judge(typed, { previous, low, high, limit }) {
  const value = thousandths(typed);
  if (value === null) return { warning: "unreadable" };
  if (previous === null) return {};
  if (value < previous) {
    const wrapped = limit === null ? null : limit - previous + value;
    // A dial that passed zero stood near its end before, and then used what is usual here.
    const isWrapped = wrapped !== null && previous * 10n >= limit * 9n && (high === null || wrapped <= high * 3n);
    return isWrapped ? { used: wrapped, warning: "wrapped", amount: wrapped } : { warning: "lower", amount: previous - value };
  }
  const used = value - previous;
  if (high !== null && used > high) return { used, warning: "above" };
  if (low !== null && used < low) return { used, warning: "below" };
  return { used };
}

function attach(dial) {
  const { unit } = dial.dataset;
  const known = Object.fromEntries(["previous", "low", "high", "limit"].map((name) => [name, thousandths(dial.dataset[name] ?? "")]));
  const input = dial.querySelector("input");
  const live = dial.querySelector("output");
  const note = dial.querySelector("[data-dial-note]");

  // While digits are still missing every number is too low, so warnings wait until the field is left.
  function show(isFinished) {
    const typed = input.value.trim();
    const { used, warning, amount } = typed === "" ? {} : judge(typed, known);
    live.textContent = used === undefined || warning === "wrapped" && !isFinished ? "" : `+${NO_BREAK}${written(used, unit)}`;
    if (isFinished || !warning) {
      note.hidden = !warning;
      note.lastElementChild.textContent = warning ? dial.dataset[warning].replace("{n}", written(amount ?? 0n, unit)) : "";
    }
    dial.toggleAttribute("data-warned", !note.hidden);
  }

  input.addEventListener("input", () => show(false));
  input.addEventListener("change", () => show(true));
  show(true);
}

/// Brings the dials on the page to life; once for each.
export const attachDials = () => document.querySelectorAll("[data-dial]").forEach(attach);
