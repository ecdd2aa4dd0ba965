/* A shop's code by the camera or out of a picture, read on the phone: its text alone is sent, as if it were typed.
   Where the browser reads no codes, or without this file, the field for the text is there. */
(() => {
  "use strict";
  const LOOK_MS = 200, LOOKS_MAX = 600;
  const form = document.querySelector("[data-scan]");
  if (!form || !("BarcodeDetector" in window)) return;
  const part = (query) => form.querySelector(query);
  const box = part("[data-camera]"), video = part("video"), button = part("[data-stop]");
  const picture = part("input[type=file]"), said = part("[role=status]"), start = button.textContent;
  let detector = null, stream = null, turn = 0;

  // --- the camera is on from the button until a code is seen, the button, or the page is left ----------------
  const off = (words = "") => {
    turn += 1;
    for (const track of stream?.getTracks() ?? []) track.stop();
    stream = video.srcObject = null;
    video.hidden = true;
    button.textContent = start;
    said.textContent = words;
  };
  const on = async () => {
    const mine = ++turn;
    said.textContent = said.dataset.looking;
    const made = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } }).catch(() => null);
    if (!made) return mine === turn && off(said.dataset.refused);
    if (mine !== turn) return made.getTracks().forEach((track) => track.stop());
    stream = video.srcObject = made;
    video.hidden = false;
    button.textContent = button.dataset.stop;
    await video.play().catch(() => {});
    await look(mine);
  };
  const look = async (mine) => {
    for (let looks = 0; mine === turn && looks < LOOKS_MAX; looks += 1) {
      const text = await read(video);
      if (mine === turn && text) return take(text);
      await new Promise((go) => setTimeout(go, LOOK_MS));
    }
    if (mine === turn) off(said.dataset.none);
  };

  // --- what was read is what would have been pasted ----------------------------------------------------------
  const read = async (source) => (await detector.detect(source).catch(() => []))[0]?.rawValue ?? "";
  const take = (text) => {
    off();
    part("textarea").value = text;
    form.requestSubmit();
  };
  const chosen = async () => {
    off();
    const bitmap = picture.files[0] && await createImageBitmap(picture.files[0]).catch(() => null);
    const text = bitmap ? await read(bitmap) : "";
    picture.value = "";
    if (text) take(text); else said.textContent = said.dataset.none;
  };

  button.addEventListener("click", () => (stream ? off() : on()));
  picture.addEventListener("change", chosen);
  addEventListener("pagehide", () => off());
  document.addEventListener("visibilitychange", () => { if (document.hidden) off(); });
  BarcodeDetector.getSupportedFormats().then((formats) => {
    if (!formats.includes("qr_code")) return;
    detector = new BarcodeDetector({ formats: ["qr_code"] });
    button.hidden = !navigator.mediaDevices?.getUserMedia;
    box.hidden = false;
    part("[type=submit]").classList.remove("act");
  }).catch(() => {});
})();
