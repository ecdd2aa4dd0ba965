// A package: its list of files, the entry of the record that names that list, and every entry in it.
// A package has manifest.json, manifest.leaf, manifest.tlog-proof, entries.jsonl, proofs/ and heads/.

const MANIFEST = "manifest.json", MANIFEST_LEAF = "manifest.leaf", MANIFEST_PROOF = "manifest.tlog-proof";
const OUTSIDE = new Set([MANIFEST, MANIFEST_LEAF, MANIFEST_PROOF]);
const ENTRIES = "entries.jsonl", SAID_EVERY = 200, HMAC_BLOCK = 64;
const LINE = "fact,key,lane,leaf,n,natives,number,page,plaintext,proof,state,text,year";
const WORDLESS = ["erased", "restricted", "damaged", "wordless"], WRITTEN = ["title", "text", "seen", "alt", "reason", "evidence", "note"];
const FILE_PATH = /^(?!.*(?:^|\/)\.)[A-Za-z0-9._-]+(?:\/[A-Za-z0-9._-]+)*$/;

async function checkPackage(source, trust, report) {
  const list = await checkManifest(source, trust, report);
  if (list) await checkFiles(source, list.files, report);
  await checkHeads(source, trust, report);
  await checkEntries(source, trust, report);
  if (list && list.about.entries !== report.entries) {
    report.add(ENTRIES, "The file has {number} entries, the list says {wanted}.", { number: report.entries, wanted: list.about.entries });
  }
  if (!trust) report.unchecked.push({ template: "Who signed the heads: no file of keys was given.", values: {} });
  report.unchecked.push({ template: "That tables, pages and load files say the same as entries.jsonl; they are the files that the record names.", values: {} });
  return report;
}

/** The listed files by path and what the package is, or null when the list itself cannot be read. */
async function checkManifest(source, trust, report) {
  const data = await source.read(MANIFEST);
  if (data === null) return void report.add(MANIFEST, "The file is missing.");
  await checkVouched(source, trust, report, hexOf(sha256(data)));
  try {
    return listedIn(textOf(data));
  } catch (trouble) {
    report.wrong(MANIFEST, trouble);
    return null;
  }
}

function listedIn(text) {
  const lines = text === null ? [] : text.split("\n"), listed = new Map();
  if (lines[0] !== '{"files":[' || lines.pop() !== "" || !lines.at(-1).startsWith('],"package":')) {
    throw new Wrong("The list of files is not in its form.");
  }
  let before = "";
  lines.slice(1, -1).forEach((line, at) => {
    const wrong = new Wrong("Line {number} of the list is not in its form.", { number: at + 2 });
    const last = at === lines.length - 3, told = !last && line.endsWith(",") ? line.slice(0, -1) : line;
    const file = parsed(told, wrong);
    const right = FILE_PATH.test(file.path) && HEX256.test(file.sha256) && whole(file.size) && file.path > before
      && !OUTSIDE.has(file.path) && told === JSON.stringify({ path: file.path, sha256: file.sha256, size: file.size });
    if (!right || (!last && told === line)) throw wrong;
    before = file.path;
    listed.set(file.path, file);
  });
  const end = lines.at(-1), body = end.slice('],"package":'.length, -1);
  const wrong = new Wrong("The list of files is not in its form.");
  const about = parsed(body, wrong);
  if (!end.endsWith("}") || JSON.stringify(inOrder(about)) !== body) throw wrong;
  return { files: listed, about };
}

function inOrder(value) {
  if (Array.isArray(value)) return value.map(inOrder);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.keys(value).sort().map((name) => [name, inOrder(value[name])]));
}

function parsed(text, wrong) {
  try {
    const found = JSON.parse(text);
    if (found !== null && typeof found === "object") return found;
  } catch {
    // told below
  }
  throw wrong;
}

/** The entry that names the list, proved under a signed head. */
async function checkVouched(source, trust, report, digest) {
  const leaf = await source.read(MANIFEST_LEAF), proof = await source.read(MANIFEST_PROOF);
  for (const [path, data] of [[MANIFEST_LEAF, leaf], [MANIFEST_PROOF, proof]]) {
    if (data === null) report.add(path, "The file is missing.");
  }
  if (leaf === null || proof === null) return;
  try {
    const { type, att } = parseLeaf(leaf);
    if (type !== "export" || !att || att.length !== 1 || att[0] !== digest) report.add(MANIFEST, "The list is not the one that the record names.");
  } catch (trouble) {
    report.wrong(MANIFEST_LEAF, trouble);
  }
  try {
    shownBy(proof, leaf, trust, report);
  } catch (trouble) {
    report.wrong(MANIFEST_PROOF, trouble);
  }
}

/** Checks a proof; without keys, its path alone. A head is checked once, however many proofs stand under it. */
function shownBy(data, leaf, trust, report) {
  const proof = parseProof(data), name = base64Of(proof.checkpoint);
  report.known = report.known || new Map();
  if (!report.known.has(name)) report.known.set(name, shownHead(proof.checkpoint, trust, report));
  const { head, wrong } = report.known.get(name), fields = parseLeaf(leaf);
  if (wrong) throw wrong;
  if (fields.seq !== proof.index) {
    throw new Wrong("The entry is number {seq}, the proof is of number {index}.", { seq: fields.seq, index: proof.index });
  }
  verifyInclusion(sha256(leaf, 0), proof.index, head.size, proof.path, head.root);
  return proof.checkpoint;
}

function shownHead(checkpoint, trust, report) {
  try {
    const found = trust ? strictHead(checkpoint, trust) : { head: headOf(checkpoint), signed: [] };
    report.heads.push({ head: found.head, signed: found.signed });
    return found;
  } catch (trouble) {
    if (!(trouble instanceof Wrong)) throw trouble;
    return { wrong: trouble };
  }
}

/** A head whose every signature is of a key that is trusted. */
function strictHead(checkpoint, trust) {
  const shown = checkHead(checkpoint, trust);
  const other = shown.note.signatures.find((one) => !shown.signed.some(({ key }) => key.name === one.name && key.id === one.id));
  if (other) throw new Wrong("The head is signed with a key that you do not trust: {name} {id}.", other);
  return shown;
}

async function checkFiles(source, listed, report) {
  for (const path of source.paths) {
    if (!OUTSIDE.has(path) && !listed.has(path)) report.add(path, "The file is not in the list.");
  }
  for (const file of listed.values()) {
    const data = await source.read(file.path);
    if (data === null) report.add(file.path, "The file is missing.");
    else if (data.length !== file.size || hexOf(sha256(data)) !== file.sha256) {
      report.add(file.path, "The file is not the one in the list.");
    }
    if (++report.files % SAID_EVERY === 0) await report.said(report.files);
  }
}

async function checkHeads(source, trust, report) {
  for (const path of source.paths.filter((one) => /^heads\/[^/]+\.checkpoint$/.test(one))) {
    try {
      const data = await source.read(path);
      if (trust) strictHead(data, trust);
      else headOf(data);
    } catch (trouble) {
      report.wrong(path, trouble);
    }
  }
}

async function checkEntries(source, trust, report) {
  const data = await source.read(ENTRIES);
  if (data === null) return void report.add(ENTRIES, "The file is missing.");
  let unproved = 0, wordless = 0, number = 0, start = 0;
  for (let end = data.indexOf(10); end >= 0; start = end + 1, end = data.indexOf(10, start)) {
    const place = `${ENTRIES} #${++number}`;
    try {
      const entry = lineOf(data.subarray(start, end), number);
      if (!(await checkProofOf(source, entry, trust, report, place))) unproved++;
      if (!(await checkWords(source, entry))) wordless++;
    } catch (trouble) {
      report.wrong(place, trouble);
    }
    if (report.problems.length >= PROBLEMS_MAX) return;
    if (++report.entries % SAID_EVERY === 0) await report.said(report.files + report.entries);
  }
  if (start !== data.length) report.add(ENTRIES, "The last line is cut off.");
  if (unproved) report.unchecked.push({ template: "Whether {number} entries are in the log: they have no proof, because they were not published yet.", values: { number: unproved } });
  if (wordless) report.unchecked.push({ template: "The words of {number} entries: they are erased, restricted, or there never were any.", values: { number: wordless } });
}

/** The line of an entry: exactly its fields, in their types, with its own number. */
function lineOf(bytes, number) {
  const wrong = new Wrong("The line is not that of an entry."), entry = parsed(textOf(bytes), wrong);
  const form = (name) => (name === "natives" ? Array.isArray(entry.natives)
    : name === "lane" || name === "year" ? Number.isInteger(entry[name]) : typeof entry[name] === "string");
  if (Object.keys(entry).sort().join() !== LINE || !LINE.split(",").every(form)) throw wrong;
  if (!/^[0-9]+$/.test(entry.number) || Number(entry.number) !== number) throw wrong;
  return entry;
}

async function checkProofOf(source, entry, trust, report, place) {
  const leaf = utf8(String(entry.leaf));
  if (!entry.proof) {
    parseLeaf(leaf);
    return false;
  }
  const proof = FILE_PATH.test(entry.proof) ? await source.read(entry.proof) : null;
  if (proof === null) {
    report.add(place, "The proof of the entry is missing.");
    return true;
  }
  try {
    const checkpoint = shownBy(proof, leaf, trust, report), kept = await source.read(`heads/${entry.lane}-${entry.year}.checkpoint`);
    if (kept === null || !same(checkpoint, kept)) report.add(entry.proof, "The proof is not under the head that lies in heads/.");
  } catch (trouble) {
    report.wrong(entry.proof, trouble);
  }
  return true;
}

/** Whether the words are those that the leaf commits to; false when there are none to check. */
async function checkWords(source, entry) {
  const { cm } = parseLeaf(utf8(entry.leaf));
  if (entry.state !== "readable" && entry.state !== "held") {
    const given = entry.plaintext || entry.key || entry.text || entry.natives.length;
    if (!WORDLESS.includes(entry.state) || given) throw new Wrong("The entry gives words that its state does not allow.");
    return false;
  }
  const right = HEX256.test(entry.key) && cm !== undefined && hexOf(hmac256(bytesOfHex(entry.key), utf8(entry.plaintext))) === cm;
  if (!right) throw new Wrong("The words are not those that the entry commits to.");
  const said = parsed(entry.plaintext, new Wrong("The words are not JSON."));
  const text = utf8(textOfWords(said)), file = FILE_PATH.test(entry.text) ? await source.read(entry.text) : null;
  if (said.fact !== entry.fact || !same(text, file || new Uint8Array(0))) throw new Wrong("The file of words is not that of the entry.");
  for (const one of entry.natives) {
    const speaks = HEX256.test(one.sha256) && String(one.path).includes(`/${one.sha256}.`) && entry.plaintext.includes(one.sha256);
    if (!speaks) throw new Wrong("The entry does not speak of its file {path}.", { path: String(one.path) });
  }
  return true;
}

/** What people wrote in a fact, as plain text: the words of these fields, an empty line between them. */
function textOfWords(said) {
  const parts = [];
  const walk = (value, name, depth) => {
    if (Array.isArray(value) && depth) value.forEach((inner) => walk(inner, "", depth - 1));
    else if (value !== null && typeof value === "object" && depth) {
      for (const [key, inner] of Object.entries(value)) walk(inner, key.slice(key.lastIndexOf(".") + 1), depth - 1);
    } else if (typeof value === "string" && value && WRITTEN.includes(name)) parts.push(value.replace(/\r\n?/g, "\n"));
  };
  walk(said.data, "", 64);
  return parts.length ? `${parts.join("\n\n")}\n` : "";
}

function hmac256(key, message) {
  const inner = new Uint8Array(HMAC_BLOCK).fill(0x36), outer = new Uint8Array(HMAC_BLOCK).fill(0x5c);
  key.forEach((byte, at) => { inner[at] ^= byte; outer[at] ^= byte; });
  return sha256(joined(outer, sha256(joined(inner, message))));
}
