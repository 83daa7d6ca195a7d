// Runs in every page before its own scripts and notes what goes wrong there.
window.troubles = [];
for (const level of ["error", "warn"]) {
  const own = console[level];
  console[level] = (...said) => {
    window.troubles.push(`console.${level}: ${said.join(" ")}`);
    own.apply(console, said);
  };
}
addEventListener("unhandledrejection", (event) => window.troubles.push(`unhandled: ${event.reason}`));
addEventListener("securitypolicyviolation", (event) => window.troubles.push(`policy: ${event.violatedDirective} ${event.blockedURI}`));
// In the capturing phase: a picture or a script that does not come tells nobody else.
addEventListener("error", (event) => window.troubles.push(`error: ${event.message ?? event.target.src ?? event.target.href}`), true);

window.examine = {
  status: () => performance.getEntriesByType("navigation")[0].responseStatus,

  // Everything a person reads or is read to, in pieces.
  words: () => {
    const said = ["aria-label", "title", "placeholder", "alt"].flatMap((name) =>
      [...document.querySelectorAll(`[${name}]`)].map((element) => element.getAttribute(name)),
    );
    const chosen = [...document.querySelectorAll("option, summary, dialog")].map((element) => element.textContent);
    return [...new Set([document.title, document.body.innerText, ...said, ...chosen].join(" ").split(/[\s,.:;()«»]+/))];
  },

  // What axe-core finds serious or worse, one line each.
  violations: async (options) => {
    const { violations, passes } = await axe.run(document, { resultTypes: ["violations"], ...options });
    if (passes.length + violations.length === 0) return ["axe-core looked at nothing"];
    return violations
      .filter(({ impact }) => impact === "serious" || impact === "critical")
      .flatMap(({ id, nodes }) => nodes.slice(0, 3).map((node) => `${id}: ${node.target.join(" ")} - ${node.failureSummary.split("\n").slice(1).join(" ")}`));
  },

  // What sticks out sideways, the outermost first.
  overflow: () => {
    const { scrollWidth } = document.documentElement;
    if (scrollWidth <= innerWidth) return "";
    const out = [...document.querySelectorAll("main *, body > *")].find((element) => element.getBoundingClientRect().right > innerWidth + 1);
    return `${scrollWidth} px wide on ${innerWidth}: ${out ? `${out.tagName}.${out.className}` : "?"}`;
  },

  // What an address answers: where it ends, whether it is a page, and where its links lead.
  visit: async (address) => {
    const answer = await fetch(address);
    const isHtml = (answer.headers.get("content-type") ?? "").startsWith("text/html");
    const text = isHtml ? await answer.text() : "";
    const page = new DOMParser().parseFromString(text, "text/html");
    const links = [...page.querySelectorAll("a[href]")].map((link) => new URL(link.getAttribute("href"), answer.url));
    return {
      status: answer.status,
      ends: new URL(answer.url).pathname,
      is_page: /^\s*<!doctype html/i.test(text),
      links: links.filter(({ origin }) => origin === location.origin).map(({ pathname, search }) => pathname + search),
    };
  },
};
