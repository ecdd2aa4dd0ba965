/* Bankside desk: keys, drafts, and manners for what htmx brings. Every page works without this file.
   Nothing is evaluated; what htmx swaps in passes through the Trusted Types policy `bankside`. */
(() => {
  "use strict";
  const one = (query, root = document) => root.querySelector(query);
  const all = (query, root = document) => [...root.querySelectorAll(query)];
  const seen = (element) => element.checkVisibility?.({ visibilityProperty: true }) ?? element.offsetParent !== null;

  document.documentElement.dataset.script = "on";

  // --- Trusted Types: fragments of our own server hold no scripts; one that does is refused whole -----------
  const pure = (html) => {
    if (/<script/i.test(html)) throw new TypeError("A fragment with a script was refused.");
    return html;
  };
  const policy = window.trustedTypes?.createPolicy("bankside", { createHTML: pure }) ?? { createHTML: pure };
  for (const [place, name] of [[DOMParser.prototype, "parseFromString"], [Document, "parseHTMLUnsafe"], [Range.prototype, "createContextualFragment"]]) {
    const native = place[name];
    if (!native) continue;
    place[name] = function (html, ...more) {
      return native.call(this, typeof html === "string" ? policy.createHTML(html) : html, ...more);
    };
  }

  // --- drafts: kept in this browser, per person, until they were sent ----------------------------------------
  const DRAFT_DAYS = 7, REST_MS = 2000;
  const shelf = (field) => `draft:${document.body.dataset.staff}:${field.dataset.draft}`;
  const fields = (root) => all("textarea[data-draft], input[data-draft]", root);
  const read = (name) => { try { return JSON.parse(localStorage.getItem(name)); } catch { return null; } };
  const drop = (root) => fields(root).forEach((field) => localStorage.removeItem(shelf(field)));

  function keep(field, more = {}) {
    if (field.value === field.defaultValue) return localStorage.removeItem(shelf(field));
    const draft = { words: field.value, base: field.defaultValue, at: Date.now(), ...more };
    try { localStorage.setItem(shelf(field), JSON.stringify(draft)); } catch { return undefined; }
    const said = one("[data-saved]", field.form ?? field.parentElement);
    const time = new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hour12: false });
    if (said) said.textContent = said.dataset.saved.replace("#", time);
    return undefined;
  }

  function restore(root = document) {
    for (const field of fields(root)) {
      const draft = read(shelf(field));
      if (!draft || draft.base !== field.value) continue;
      field.value = draft.words;
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
  }

  function tidy() {
    const done = one("#says .say.ok");
    for (const name of Object.keys(localStorage).filter((key) => key.startsWith("draft:"))) {
      const draft = read(name);
      const old = !draft || Date.now() - draft.at > DRAFT_DAYS * 86400000;
      if (old || (draft.sent && done)) localStorage.removeItem(name);
    }
  }

  const resting = new Map();
  document.addEventListener("input", ({ target }) => {
    if (!target.matches("[data-draft]")) return;
    clearTimeout(resting.get(target));
    resting.set(target, setTimeout(keep, REST_MS, target));
  });
  document.addEventListener("focusout", ({ target }) => { if (target.matches?.("[data-draft]")) keep(target); });
  document.addEventListener("submit", ({ target }) => {
    fields(target).forEach((field) => { clearTimeout(resting.get(field)); keep(field, { sent: !target.hasAttribute("hx-post") }); });
  });
  addEventListener("pagehide", () => fields().forEach((field) => { if (!read(shelf(field))?.sent) keep(field); }));

  // --- htmx: what may be swapped when, and what follows ------------------------------------------------------
  const typing = (element) => element?.matches?.("textarea, select, input:not([type=radio], [type=checkbox]), [contenteditable=true]") ?? false;
  const ids = (root) => all("[data-item]", root).map((item) => item.dataset.item);

  function busy(target) {
    const focus = document.activeElement;
    if (target.contains(focus) && typing(focus)) return true;
    if (target.id !== "list") return false;
    return target.scrollTop > 0 || target.matches(":hover") || target.contains(focus);
  }

  /* Nothing moves under a pointer or a caret: what would, waits behind "3 new". */
  function hold(target, html) {
    const before = ids(target), after = ids(new DOMParser().parseFromString(html, "text/html"));
    if (target.id === "list" && before.every((id, place) => after[place] === id)) return false;
    const fresh = after.filter((id) => !before.includes(id)).length;
    const button = one("[data-fresh]", target);
    if (button && fresh) { one("[data-n]", button).textContent = fresh; button.hidden = false; }
    target.dataset.stale = "1";
    return true;
  }

  /* A menu that is open is being used. */
  const inUse = (target) => Boolean(one("details[open]", target));
  const freshen = (target) => { target.dataset.now = "1"; window.htmx?.trigger(target, "freshen"); };

  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    const { target, xhr } = detail;
    if (detail.requestConfig.elt !== target) return;
    if (inUse(target)) { detail.shouldSwap = false; return; }
    if (!target.hasAttribute?.("data-hold")) return;
    const now = target.dataset.now;
    delete target.dataset.now;
    delete target.dataset.stale;
    if (!now && busy(target) && hold(target, xhr.responseText)) detail.shouldSwap = false;
  });

  document.addEventListener("htmx:oobBeforeSwap", ({ detail }) => {
    if (inUse(detail.target)) detail.shouldSwap = false;
  });

  document.addEventListener("htmx:afterSettle", ({ target, detail }) => {
    mark();
    if (target.id === "opened") opened(detail.requestConfig?.elt, detail.xhr?.status ?? 200);
    if (target.id === "lines" && ended) bottom();
  });

  let ended = true;
  document.addEventListener("htmx:beforeRequest", () => {
    const thread = one("#thread");
    ended = !thread || thread.scrollHeight - thread.scrollTop - thread.clientHeight < 40;
  });

  const bottom = () => { const thread = one("#thread"); if (thread) thread.scrollTop = thread.scrollHeight; };

  function mark() {
    const open = one("[data-conversation]")?.dataset.conversation;
    for (const item of all(".list [data-item]")) {
      if (item.dataset.item === open) item.setAttribute("aria-current", "true");
      else item.removeAttribute("aria-current");
    }
  }

  function opened(by, status) {
    const place = one("[data-conversation]");
    one("#main").dataset.view = place ? "thread" : "list";
    if (place) document.title = place.dataset.title;
    bottom();
    restore(one("#opened"));
    if (status === 422) one(".reply textarea:is(:focus, *)")?.focus();
    else if (by?.matches("[data-item], [data-clears]") || document.activeElement === document.body) one("#head h2")?.focus({ preventScroll: true });
  }

  document.addEventListener("htmx:afterRequest", ({ detail }) => {
    const form = detail.requestConfig?.elt;
    if (detail.successful && form?.matches("form")) drop(form);
  });
  document.addEventListener("click", ({ target }) => {
    const button = target.closest?.("[data-fresh]");
    if (button) { freshen(button.closest("[data-hold]")); one("#list")?.scrollTo(0, 0); }
    for (const menu of all("details.menu[open]")) if (!menu.contains(target)) menu.open = false;
    const step = target.closest?.("[data-step]");
    if (step) walk(Number(step.dataset.step));
    const opener = target.closest?.("[data-opens]");
    if (opener) one(`#${opener.dataset.opens}`).showModal();
    const copier = target.closest?.("[data-copies]");
    if (copier) copy(one(`#${copier.dataset.copies}`), one("[data-done]", copier));
  });

  async function copy(field, said) {
    field.focus();
    field.select();
    try { await navigator.clipboard.writeText(field.value); } catch { return; } // it is selected: Ctrl+C does it
    said.textContent = said.dataset.done;
  }
  for (const [type, query] of [["mouseout", "#list"], ["focusout", "#lines"]]) {
    document.addEventListener(type, ({ target, relatedTarget }) => {
      const place = target.closest?.(query);
      if (place?.dataset.stale && !place.contains(relatedTarget) && !busy(place)) freshen(place);
    });
  }

  // --- the line to the server ---------------------------------------------------------------------------------
  let silence = 0;
  const line = (there) => { const band = one("#offline"); if (band) band.hidden = there; };
  document.addEventListener("htmx:sseOpen", () => { clearTimeout(silence); line(true); });
  document.addEventListener("htmx:sseError", () => { clearTimeout(silence); silence = setTimeout(line, 4000, false); });
  document.addEventListener("htmx:sendError", () => line(false));
  addEventListener("offline", () => line(false));
  addEventListener("online", () => line(true));

  setInterval(() => {
    for (const left of all("[data-seconds]")) {
      const seconds = Math.max(0, Number(left.textContent) - 1);
      left.textContent = seconds;
      if (!seconds) left.closest(".toast").hidden = true;
    }
  }, 1000);

  // --- keys ---------------------------------------------------------------------------------------------------
  const ROOMS = { i: ".r-inbox", p: ".r-publish", n: ".r-networks", r: ".r-record", m: ".r-measures" };
  let going = 0;

  /* The letter as printed, or, where the layout prints none (a Korean J gives ㅓ), the place of the key. */
  function nameOf({ key, code, shiftKey }) {
    const letter = /^[a-z]$/i.test(key) ? key.toLowerCase() : /^Key[A-Z]$/.test(code) && key.length === 1 && key > "~" ? code[3].toLowerCase() : key;
    return shiftKey && /^[a-z]$/.test(letter) ? `Shift+${letter.toUpperCase()}` : letter;
  }

  function walk(step) {
    const items = all("[data-item], [data-walk] a").filter(seen);
    if (!items.length) return;
    const place = items.indexOf(document.activeElement);
    const from = place >= 0 ? place : items.findIndex((item) => item.hasAttribute("aria-current"));
    const next = items[Math.min(items.length - 1, Math.max(0, from + step))];
    next.focus();
    next.scrollIntoView({ block: "nearest" });
  }

  function press(element) {
    if (element.getAttribute("aria-disabled") === "true") return;
    element.click();
    if (element.name === "box") one(`.${element.id.slice(4)}-form textarea`)?.focus();
    else if (element.matches("summary")) one("button", element.parentElement)?.focus();
    else if (typing(element)) element.focus();
  }

  function leave(event) {
    const menu = one("details.menu[open]");
    if (menu) { menu.open = false; one("summary", menu).focus(); }
    else if (typing(event.target)) event.target.blur();
    else if (!one("dialog[open]")) leaveThread();
  }

  /* Out of a conversation: to its place in the list, which a narrow screen has to bring back first. */
  function leaveThread() {
    const item = one(".list [data-item][aria-current]"), back = one("#head .btn.back");
    if (back && seen(back)) back.click();
    else if (item && seen(item)) item.focus();
  }

  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.defaultPrevented || event.keyCode === 229) return;
    if (event.key === "Escape") return void leave(event);
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.form) {
      event.preventDefault();
      const button = all('[aria-keyshortcuts="Control+Enter"]', event.target.form).find(seen);
      return void event.target.form.requestSubmit(button);
    }
    if (typing(event.target) || event.ctrlKey || event.metaKey || event.altKey || one("dialog[open]")) return;
    if (document.body.dataset.singleKeys === "off") return;
    act(event, nameOf(event));
  });

  function act(event, name) {
    const gone = Date.now() - going < 1500;
    going = 0;
    const found = gone && ROOMS[name] ? one(ROOMS[name]) : all(`[aria-keyshortcuts="${CSS.escape(name)}"]`).find((e) => seen(e) || e.name === "box");
    if (!gone && name === "g") going = Date.now();
    else if (name === "j" || name === "k") walk(name === "j" ? 1 : -1);
    else if (found) press(found);
    else if (name === "?") one("#keys")?.showModal();
    else return;
    event.preventDefault();
  }

  document.addEventListener("click", (event) => {
    if (event.target.name === "box" && event.detail > 0) one(`.${event.target.id.slice(4)}-form textarea`)?.focus();
  });

  addEventListener("DOMContentLoaded", () => {
    tidy();
    restore();
    if (!location.hash) bottom();
    if (/^#c-\d+$/.test(location.hash)) one(`${location.hash} [data-item]`)?.focus();
  });
})();
