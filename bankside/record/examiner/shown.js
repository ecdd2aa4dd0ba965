// What the page shows: the verdict first, then the places that are wrong, what was checked, and what was not.

const VERDICTS = {
  log: ["The log holds.", "The log does not hold."],
  package: ["The package holds.", "The package does not hold."],
  entry: ["The entry is in the log.", "It is not shown that the entry is in the log."],
  growth: ["The log only grew since the head that you kept.", "It is not shown that the log only grew."],
  head: ["The head is signed by the keys that you trust.", "This does not hold."],
};
const PLACES_MAX = 200;

function draw() {
  document.documentElement.lang = language;
  for (const element of document.querySelectorAll("[data-say]")) element.textContent = say(element.dataset.say);
  document.title = say("Check a record without its desk");
  here("progress").textContent = "";
  here("keys-state").textContent = held.trust
    ? say("{name}: {logs} keys of logs, {witnesses} of witnesses, wanted witnesses: {quorum}", {
      name: held.trustName, logs: held.trust.logs.length, witnesses: held.trust.witnesses.size, quorum: held.trust.quorum })
    : say("None yet.");
  here("result").replaceChildren(...(shown ? drawn(shown) : []));
}

function drawn({ kind, name, report, lacks, fields, old }) {
  if (kind === "waiting") return [verdict("wait", say("Nothing was checked yet."), say("Still needed:")), list(lacks.map((one) => say(one)))];
  const parts = [verdict(report.holds ? "ok" : "no", say(VERDICTS[kind][report.holds ? 0 : 1]), name)];
  if (!report.holds) parts.push(made("h3", say("What is wrong, and where")), problems(report.problems));
  if (report.lost.length) parts.push(made("h3", say("What was lost, as the record says itself")), problems(report.lost));
  if (fields && report.holds) parts.push(made("h3", say("The entry")), drawnFields(fields));
  if (report.heads.length) parts.push(made("h3", say(report.holds ? "What was checked" : "What was looked at")), list(checkedLines(report, old)));
  if (report.unchecked.length) parts.push(made("h3", say("What was not checked")), list(report.unchecked.map((one) => say(one.template, one.values))));
  return parts;
}

function verdict(tone, words, under) {
  const mark = { ok: "✓", no: "✕", wait: "…" }[tone];
  return made("div", "", { class: `verdict ${tone}`, "data-tone": tone }, made("span", mark, { "aria-hidden": "true" }),
    made("div", "", {}, made("h2", words), ...(under ? [made("p", under)] : [])));
}

function problems(found) {
  const rows = found.slice(0, PLACES_MAX).map((one) =>
    made("li", "", {}, ...(one.place ? [made("code", one.place), " "] : []), say(one.template, one.values)));
  if (found.length > PLACES_MAX) rows.push(made("li", say("{number} places in all", { number: found.length })));
  return made("ul", "", { class: "problems" }, ...rows);
}

function list(lines) {
  return made("ul", "", {}, ...lines.map((line) => made("li", line)));
}

/** Each head once, with its signatures in words; then how much was read. */
function checkedLines(report, old) {
  const lines = [];
  for (const { head, signed } of report.heads) {
    lines.push(say("The head of {origin}: {size} entries, root {root}", {
      origin: head.origin, size: head.size, root: `${hexOf(head.root).slice(0, 16)}…` }));
    for (const one of signed) lines.push(signedLine(one));
  }
  if (old) lines.push(say("It begins with the {size} entries of the head that you kept.", { size: old.size }));
  const [entries, files] = report.holds ? ["{number} entries, each in its place", "{number} files, byte for byte"] : ["{number} entries", "{number} files"];
  if (report.entries) lines.push(say(entries, { number: report.entries }));
  if (report.files) lines.push(say(files, { number: report.files }));
  return lines;
}

function signedLine({ key, time }) {
  const at = time ? new Date(time * 1000).toISOString().replace(".000Z", "Z") : "";
  if (key.kind === LOG) return say("Signed by the log itself, {name} (Ed25519)", { name: key.name });
  const template = key.kind === WITNESS ? "Witnessed by {name} at {at} (Ed25519)" : "Witnessed by {name} at {at} (ML-DSA-44)";
  return say(template, { name: key.name, at });
}

function drawnFields(fields) {
  const called = { seq: "Number", t: "Time", type: "What", actor: "Who did it", obj: "About", subj: "Person", prev: "Version before" };
  const rows = Object.entries(called).filter(([name]) => fields[name] !== undefined)
    .flatMap(([name, words]) => [made("dt", say(words)), made("dd", "", {}, made("code", String(fields[name])))]);
  return made("dl", "", {}, ...rows);
}

// --- what she does --------------------------------------------------------------------------------------
function listen() {
  const zone = here("zone");
  for (const kind of ["dragenter", "dragover"]) document.addEventListener(kind, (event) => { event.preventDefault(); zone.classList.add("over"); });
  document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) zone.classList.remove("over"); });
  document.addEventListener("drop", async (event) => {
    event.preventDefault();
    zone.classList.remove("over");
    try {
      await takeIn(await dropped(event.dataTransfer));
    } catch (trouble) {
      shown = failed(trouble);
      draw();
    }
  });
  for (const name of ["keys", "files", "folder"]) {
    here(`${name}-button`).addEventListener("click", () => here(name).click());
    here(name).addEventListener("change", async (event) => {
      const chosen = [...event.target.files].map((file) => [file.webkitRelativePath || file.name, file]);
      event.target.value = "";
      await takeIn(chosen);
    });
  }
  here("language").append(...Object.entries(LANGUAGES).map(([code, name]) => made("option", name, { value: code, lang: code })));
  here("language").addEventListener("change", (event) => { language = event.target.value; draw(); });
}

function begin() {
  const wanted = navigator.languages.map((one) => (one.startsWith("zh") ? "zh-Hans" : one.slice(0, 2)));
  language = wanted.find((one) => one in LANGUAGES) || "en";
  listen();
  here("language").value = language;
  draw();
}

begin();
