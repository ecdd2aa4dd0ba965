/* Bankside desk: what lies next to the open conversation is fetched ahead, so that a key shows it at once.
   What was fetched is kept for 15 s and for at most six conversations, dropped when anything happens in it,
   and counts as read only when it is shown: then the server is told. Works only with desk.js and htmx. */
(() => {
  "use strict";
  const KEPT_MS = 15000, KEPT_MAX = 6, AROUND = [1, 2, -1];
  const kept = new Map(), asked = new Map();
  let line = null;

  const items = () => [...document.querySelectorAll("#list [data-item]")].filter((item) => item.offsetParent);
  const address = (item) => item.getAttribute("hx-get");

  function drop(url) {
    const pane = kept.get(url);
    if (!pane) return;
    kept.delete(url);
    clearTimeout(pane.ends);
    line?.removeEventListener(pane.event, pane.spoiled);
  }

  const dropAll = () => {
    [...kept.keys()].forEach(drop);
    asked.forEach((request) => request.abort());
    asked.clear();
  };

  /* What was fetched is read into nodes now, when nobody waits; its pictures load when it is shown. */
  function keep(url, html) {
    const { body } = new DOMParser().parseFromString(html, "text/html");
    const thing = body.querySelector("[data-thing]")?.dataset.thing;
    if (!thing || !line) return;
    while (kept.size >= KEPT_MAX) drop(kept.keys().next().value);
    const pane = { body, event: `thing-${thing}`, spoiled: () => drop(url), ends: setTimeout(drop, KEPT_MS, url) };
    line.addEventListener(pane.event, pane.spoiled);
    kept.set(url, pane);
  }

  /* An answer that is no longer wanted when it arrives is dropped; so is one that is a page or a refusal. */
  async function fetchAhead(url) {
    const request = new AbortController();
    asked.set(url, request);
    try {
      const headers = { "HX-Request": "true", "HX-Target": "opened", "Bankside-Ahead": "1" };
      const answer = await fetch(url, { headers, redirect: "error", signal: request.signal });
      const html = await answer.text();
      if (answer.status === 200 && asked.get(url) === request) keep(url, html);
    } catch { /* Fetching ahead is a comfort: what fails is fetched when it is asked for. */ }
    if (asked.get(url) === request) asked.delete(url);
  }

  function want(urls) {
    for (const [url, request] of asked) if (!urls.includes(url)) { asked.delete(url); request.abort(); }
    for (const url of urls) if (!kept.has(url) && !asked.has(url)) fetchAhead(url);
  }

  function around(item, places) {
    const all = items(), here = all.indexOf(item);
    if (here < 0 || !line || document.hidden) return;
    want(places.map((step) => all[here + step]).filter((one) => one && !one.hasAttribute("aria-current")).map(address));
  }

  function tellShown(pane) {
    const token = pane.querySelector("[name=csrfmiddlewaretoken]")?.value;
    const body = new URLSearchParams({ upto: pane.dataset.upto, csrfmiddlewaretoken: token ?? "" });
    fetch(pane.dataset.showing, { method: "POST", body, keepalive: true }).catch(() => {});
  }

  /* htmx takes leave of every old element by an event through the whole page, some three hundred of them. So
     the old nodes step aside first, and htmx clears them away when the new ones are on the screen. */
  function show(url, { target, requestConfig }) {
    const { body } = kept.get(url), old = document.createElement("div");
    drop(url);
    if (!history.state?.htmx) history.replaceState({ htmx: true }, "", location.href);
    history.pushState({ htmx: true }, "", url);
    old.append(...target.childNodes);
    target.append(...body.childNodes);
    window.htmx.process(target);
    window.htmx.trigger(target, "htmx:afterSettle", { target, requestConfig });
    tellShown(target.querySelector("[data-showing]"));
    setTimeout(() => window.htmx.swap(old, "", { swapStyle: "innerHTML", swapDelay: 0, settleDelay: 0 }), 100);
  }

  document.addEventListener("htmx:beforeRequest", (event) => {
    const { elt, requestConfig } = event.detail;
    if (requestConfig.verb !== "get") return elt.matches?.("form") ? dropAll() : undefined;
    const url = elt.matches?.("#list [data-item]") ? address(elt) : "";
    if (!kept.has(url)) return undefined;
    event.preventDefault();
    return show(url, event.detail);
  });

  document.addEventListener("htmx:afterSettle", ({ target, detail }) => {
    if (target.id !== "opened" || !document.querySelector("[data-conversation]")) return;
    const open = document.querySelector("#list [aria-current]");
    if (open && detail.requestConfig) setTimeout(around, 0, open, AROUND);
  });

  document.addEventListener("focusin", ({ target }) => {
    if (target.matches?.("#list [data-item]:not([aria-current])")) around(target, [0, ...AROUND]);
  });

  // The line is opened by htmx: its address and manners stay, it is only also listened to here.
  document.addEventListener("htmx:sseOpen", ({ detail }) => { dropAll(); line = detail.source; });
  document.addEventListener("htmx:sseError", () => { dropAll(); line = null; });
  document.addEventListener("visibilitychange", () => { if (document.hidden) dropAll(); });
  addEventListener("pagehide", dropAll);
})();
