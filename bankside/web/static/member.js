/* The member's pages: installable, copying with a button. Every page works without this file. */
(() => {
  "use strict";
  const here = document.currentScript;
  const one = (query) => document.querySelector(query);

  // --- the service worker: its address passes through the Trusted Types policy `bankside` --------------------
  const worker = here?.dataset.worker;
  const ours = (address) => {
    if (address !== worker) throw new TypeError("Only the worker of these pages is started.");
    return address;
  };
  const policy = window.trustedTypes?.createPolicy("bankside", { createScriptURL: ours }) ?? { createScriptURL: ours };
  if (worker && "serviceWorker" in navigator) {
    navigator.serviceWorker.register(policy.createScriptURL(worker), { scope: "/m/" }).catch(() => {});
  }

  // --- the home screen: asked for only by who presses the button ---------------------------------------------
  let asked = null;
  const hint = one("#install");
  addEventListener("beforeinstallprompt", (event) => {
    event.preventDefault();
    asked = event;
    if (hint) hint.hidden = false;
  });
  addEventListener("appinstalled", () => { if (hint) hint.hidden = true; });
  one("[data-install]")?.addEventListener("click", () => { asked?.prompt(); hint.hidden = true; });

  // --- copying a line ----------------------------------------------------------------------------------------
  for (const button of document.querySelectorAll("[data-copies]")) {
    if (!navigator.clipboard) continue;
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(document.getElementById(button.dataset.copies).textContent.trim());
      button.querySelector("span").textContent = button.dataset.done;
    });
  }

  // --- a form is sent once -----------------------------------------------------------------------------------
  document.addEventListener("submit", ({ target }) => {
    if (target.dataset.sent) return;
    target.dataset.sent = "1";
    setTimeout(() => target.querySelectorAll("button[type=submit]").forEach((button) => { button.setAttribute("aria-disabled", "true"); }));
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest?.("[data-sent] button[aria-disabled=true]")) event.preventDefault();
  });
  addEventListener("pageshow", ({ persisted }) => { if (persisted) location.reload(); });
})();
