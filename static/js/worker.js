// Without a connection one page still opens: what waits on this phone. It knows nothing of anybody, and no other page is kept.
const PAGE = "/queue";
const MARK = "/queue/kept-for";
/// What the page's scripts import by themselves.
const IMPORTED = ["/static/js/unsent.js"];

const keep = async (mark) => {
  const store = await caches.open("queue");
  if ((await (await store.match(MARK))?.text()) === mark) return;
  const answer = await fetch(PAGE);
  if (!answer.ok || answer.redirected) return;
  const files = (await answer.clone().text()).match(/\/static\/[^"#]+/g);
  await store.addAll([...new Set([...files, ...IMPORTED])]);
  await store.put(PAGE, answer);
  await store.put(MARK, new Response(mark));
};

const kept = async (request) => (await caches.match(request, { ignoreVary: true })) ?? Response.error();

addEventListener("install", () => skipWaiting());
addEventListener("activate", (event) => event.waitUntil(clients.claim()));
addEventListener("message", (event) => event.waitUntil(keep(event.data).catch(() => {})));
addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET") return;
  if (request.mode === "navigate") event.respondWith(fetch(request).catch(() => kept(PAGE)));
  else if (new URL(request.url).pathname.startsWith("/static/")) event.respondWith(fetch(request).catch(() => kept(request)));
});
