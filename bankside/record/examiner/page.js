// What a person does with the page: she drops or chooses files, and reads what was found.
// Nothing is sent anywhere: the page's own policy forbids every request.

const FILE_BYTES_MAX = 2 ** 31, LANGUAGES = { en: "English", ko: "한국어", "zh-Hans": "简体中文", nl: "Nederlands" };
const held = { trust: null, trustName: "", proof: null, leaf: null, kept: null, folder: null };
const here = (id) => document.getElementById(id);
let language = "en", shown = null, working = false;

/** A template in the reader's language, with its values. */
function say(template, values = {}) {
  const at = ["ko", "zh-Hans", "nl"].indexOf(language), told = at < 0 ? template : (WORDS[template] || [])[at] || template;
  return told.replace(/\{(\w+)\}/g, (_, name) => {
    const value = values[name];
    return typeof value === "number" && name !== "id" ? value.toLocaleString(language) : String(value);
  });
}

function made(name, text = "", attributes = {}, ...inside) {
  const element = document.createElement(name);
  if (text) element.textContent = text;
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...inside);
  return element;
}

// --- files ----------------------------------------------------------------------------------------------
/** What was dropped or chosen, as a list of path and file. */
async function dropped(transfer) {
  const items = [...transfer.items].filter((item) => item.kind === "file"), files = [...transfer.files];
  const handles = items.map((item) => (item.getAsFileSystemHandle ? item.getAsFileSystemHandle() : null));
  const entries = items.map((item) => (item.webkitGetAsEntry ? item.webkitGetAsEntry() : null));
  const found = [];
  for (let n = 0; n < items.length; n++) {
    const handle = await (handles[n] || Promise.resolve(null)).catch(() => null);
    if (handle) await walkHandle(handle, handle.name, found);
    else if (entries[n]) await walkEntry(entries[n], entries[n].name, found);
    else if (files[n]) found.push([files[n].name, files[n]]);
  }
  return found;
}

async function walkHandle(handle, path, found) {
  if (handle.kind === "file") found.push([path, await handle.getFile()]);
  else for await (const [name, inner] of handle.entries()) await walkHandle(inner, `${path}/${name}`, found);
}

async function walkEntry(entry, path, found) {
  if (entry.isFile) {
    found.push([path, await new Promise((done, failed) => entry.file(done, failed))]);
    return;
  }
  const reader = entry.createReader();
  for (;;) {
    const some = await new Promise((done, failed) => reader.readEntries(done, failed));
    if (!some.length) return;
    for (const inner of some) await walkEntry(inner, `${path}/${inner.name}`, found);
  }
}

/** Files of a folder, without the folder's own name, for the checks. */
function sourceOf(found) {
  const files = new Map(found.map(([path, file]) => [path.split("/").slice(1).join("/"), file]));
  const read = async (path) => {
    const file = files.get(path);
    return file === undefined ? null : bytesOf(file);
  };
  return { paths: [...files.keys()].sort(), read };
}

async function bytesOf(file) {
  if (file.size > FILE_BYTES_MAX) throw new Wrong("The file is too large to be read here.");
  return new Uint8Array(await file.arrayBuffer());
}

// --- what it is -----------------------------------------------------------------------------------------
/** Takes everything in: folders are checked at once, single files when they are complete. */
async function takeIn(found) {
  if (working || !found.length) return;
  working = true;
  here("zone").setAttribute("aria-busy", "true");
  try {
    const folders = new Map();
    let newKeys = false;
    for (const [path, file] of found) {
      const top = path.includes("/") ? path.split("/")[0] : "";
      if (top) folders.set(top, [...(folders.get(top) || []), [path, file]]);
      else newKeys = (await takeFile(file)) || newKeys;
    }
    if (folders.size) for (const folder of folders) shown = await checkFolder(...(held.folder = folder));
    else shown = newKeys && found.length === 1 && held.folder ? await checkFolder(...held.folder) : checkSingle();
  } catch (trouble) {
    shown = failed(trouble);
  }
  working = false;
  here("zone").removeAttribute("aria-busy");
  draw();
  here("result").focus();
}

/** Keeps a single file as what it is by its first bytes. */
async function takeFile(file) {
  const bytes = await bytesOf(file), begin = String.fromCharCode(...bytes.subarray(0, 500));
  if (begin.startsWith("c2sp.org/tlog-proof@") || begin.startsWith("old ")) held.proof = bytes;
  else if (begin.startsWith("{")) held.leaf = bytes;
  else if (/^[^\n]+\n[0-9]+\n[A-Za-z0-9+/=]{44}\n/.test(begin)) held.kept = bytes;
  else {
    held.trust = parseTrust(bytes);
    held.trustName = file.name;
    return true;
  }
  return false;
}

async function checkFolder(name, files) {
  const source = sourceOf(files), report = new Report(progress);
  const inner = source.paths.find((path) => path === "trust" || path.endsWith("/trust"));
  let trust = held.trust, beside = false;
  if (!trust && inner) {
    trust = parseTrust(await source.read(inner));
    beside = true;
    source.paths = source.paths.filter((path) => path !== inner || source.paths.includes(MANIFEST));
  } else if (!source.paths.includes(MANIFEST)) source.paths = source.paths.filter((path) => path !== inner);
  const isPackage = source.paths.includes(MANIFEST);
  await (isPackage ? checkPackage : checkLogs)(source, trust, report);
  if (beside) report.unchecked.push({ template: "Who wrote it: the keys lay beside it. They show damage; compare them with keys that you were given another way.", values: {} });
  return { kind: isPackage ? "package" : "log", name, report };
}

function checkSingle() {
  const report = new Report(), growth = held.proof && held.proof[0] === 111;
  const lacks = missing(growth);
  if (lacks) return { kind: "waiting", lacks, report };
  const kind = growth ? "growth" : held.proof ? "entry" : "head";
  let told = null;
  try {
    if (kind === "growth") told = checkGrowth(parseGrowth(held.proof), held.kept, held.trust);
    else if (kind === "entry") told = checkEntry(parseProof(held.proof), held.leaf, held.trust);
    else told = checkHead(held.kept, held.trust);
    report.heads.push({ head: told.head, signed: told.signed });
  } catch (trouble) {
    report.wrong("", trouble);
  }
  if (told) otherSignatures(told, report);
  Object.assign(held, { proof: null, leaf: null, folder: null });
  return { kind, name: "", report, fields: told && told.fields, old: told && told.old };
}

/** What is still needed before single files can be checked; empty when nothing is. */
function missing(growth) {
  if (!held.proof && !held.leaf && !held.kept) return ["A proof, a head, a log or a package"];
  const lacks = [];
  if (!held.trust) lacks.push("The file of keys that you trust");
  if (held.leaf && !held.proof) lacks.push("The proof (a file .tlog-proof)");
  if (held.proof && !growth && !held.leaf) lacks.push("The entry itself (its leaf, as one line of JSON)");
  if (growth && !held.kept) lacks.push("The head that you kept");
  return lacks.length ? lacks : null;
}

function otherSignatures(told, report) {
  const others = told.note.signatures.filter((one) => !told.signed.some(({ key }) => key.name === one.name && key.id === one.id));
  for (const one of others) report.unchecked.push({ template: "The signature of {name}: your file of keys does not have its key.", values: { name: one.name } });
}

function failed(trouble) {
  const report = new Report();
  if (trouble instanceof Wrong) report.wrong("", trouble);
  else report.add("", "The files could not be read by this browser. Use the button Choose a folder.");
  return { kind: "head", name: "", report };
}

async function progress(number) {
  here("progress").textContent = say("{number} checked", { number });
  await new Promise((done) => setTimeout(done));
}
