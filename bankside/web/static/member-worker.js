/* Keeps the files of the pages and the page without a line (KEPT, under NAME). Nothing personal is ever kept:
   a page of a member is asked for each time, and is not there without a line. */
"use strict";

const plain = (request) => request.method === "GET" && new URL(request.url).origin === location.origin;
const place = (request) => { const url = new URL(request.url); return url.pathname + url.search; };

addEventListener("install", (event) => {
  event.waitUntil(caches.open(NAME).then((cache) => cache.addAll(KEPT)).then(() => skipWaiting()));
});

addEventListener("activate", (event) => {
  const older = (names) => names.filter((name) => name.startsWith("card-") && name !== NAME);
  event.waitUntil(caches.keys().then((names) => Promise.all(older(names).map((name) => caches.delete(name)))).then(() => clients.claim()));
});

addEventListener("fetch", (event) => {
  const { request } = event;
  if (!plain(request)) return;
  if (request.mode === "navigate") {
    event.respondWith(fetch(request).catch(() => caches.match(KEPT[0])));
  } else if (KEPT.includes(place(request))) {
    event.respondWith(caches.match(request).then((kept) => kept ?? fetch(request)));
  }
});
