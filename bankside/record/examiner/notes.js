// Heads, signed notes, trust files and proofs: the same strictness as `bankside verify` and `bankside log check`.
// c2sp.org/signed-note, tlog-checkpoint, tlog-cosignature, tlog-policy, tlog-proof.

const LOG = 1, WITNESS = 4, WITNESS_FOR_LONG = 6;
const KEY_BYTES = { 1: 32, 4: 32, 6: 1312 };
const SIGNATURE_BYTES = { 1: 64, 4: 72, 6: 2428 };
const NOTE_BYTES_MAX = 262144, PROOF_BYTES_MAX = NOTE_BYTES_MAX + 131072, SIGNATURES_MAX = 64, HASHES_MAX = 63;
const KEY_NAME = /^[^\s+\x00-\x1f\x7f-\x9f]{1,255}$/u;

/** Something does not hold, or is not in its form. The message is a template of words.js and its values. */
class Wrong extends Error {
  constructor(template, values = {}) {
    super(template);
    this.values = values;
  }
}

function parseHead(text) {
  const lines = text.split("\n");
  if (lines.length !== 4 || lines[3]) throw new Wrong("The head has not exactly three lines.");
  const [origin, size, root] = lines, hash = bytesOfBase64(root);
  if (!/^[!-*,-~]{1,255}$/.test(origin)) throw new Wrong("Line 1 of the head is not the name of a log.");
  if (!/^(0|[1-9][0-9]{0,15})$/.test(size)) throw new Wrong("Line 2 of the head is not a size.");
  if (!hash || hash.length !== 32) throw new Wrong("Line 3 of the head is not a root.");
  if (Number(size) > Number.MAX_SAFE_INTEGER) throw new Wrong("Line 2 of the head is not a size.");
  return { origin, size: Number(size), root: hash };
}

/** Text and signature lines, strictly; nothing is checked yet. */
function parseNote(bytes) {
  const whole = bytes.length > NOTE_BYTES_MAX ? null : textOf(bytes);
  if (whole === null || /[\x00-\x09\x0b-\x1f\x7f]/.test(whole)) throw new Wrong("The head is not text in its form.");
  const at = whole.lastIndexOf("\n\n");
  if (at < 0 || !whole.endsWith("\n") || at + 2 >= whole.length) throw new Wrong("The head is not signed.");
  const signatures = whole.slice(at + 2, -1).split("\n").map(signatureOf);
  const named = new Set(signatures.map((one) => `${one.name}\n${one.id}`));
  if (signatures.length > SIGNATURES_MAX) throw new Wrong("The head has too many signatures.");
  if (named.size !== signatures.length) throw new Wrong("A key has signed the head twice.");
  return { text: whole.slice(0, at + 1), signatures };
}

function signatureOf(line, number) {
  const found = /^— ([^ ]+) ([A-Za-z0-9+/=]+)$/.exec(line);
  const raw = found && bytesOfBase64(found[2]);
  if (!raw || raw.length <= 4 || !KEY_NAME.test(found[1])) {
    throw new Wrong("Signature {number} is not in the form that signatures have.", { number: number + 1 });
  }
  return { name: found[1], id: hexOf(raw.subarray(0, 4)), raw: raw.subarray(4) };
}

/** The head of a signed note, or of three lines that nobody signed. */
function headOf(bytes) {
  const text = textOf(bytes);
  if (text === null) throw new Wrong("The head is not text in its form.");
  return parseHead(text.includes("\n\n") ? parseNote(bytes).text : text);
}

function parseKey(vkey) {
  const first = vkey.indexOf("+"), second = vkey.indexOf("+", first + 1);
  const name = vkey.slice(0, first), raw = second < 0 ? null : bytesOfBase64(vkey.slice(second + 1));
  if (first < 0 || !KEY_NAME.test(name) || !raw || raw.length - 1 !== KEY_BYTES[raw[0]]) {
    throw new Wrong("This is not the key of a log or a witness: {key}", { key: vkey.slice(0, 80) });
  }
  const id = hexOf(sha256(joined(utf8(`${name}\n`), raw)).subarray(0, 4));
  if (id !== vkey.slice(first + 1, second)) throw new Wrong("The key of {name} was not copied whole.", { name });
  return { name, kind: raw[0], key: raw.subarray(1), id };
}

/** The signatures of known keys, each with its time; throws when one of them does not hold. */
function checkNote(note, keys) {
  const found = [];
  for (const one of note.signatures) {
    const key = keys.find((known) => known.name === one.name && known.id === one.id);
    if (key) found.push({ key, time: checkSignature(note.text, key, one.raw) });
  }
  return found;
}

function checkSignature(text, key, raw) {
  const wrong = new Wrong("The signature of {name} does not hold.", { name: key.name });
  if (raw.length !== SIGNATURE_BYTES[key.kind]) throw wrong;
  if (key.kind === LOG) {
    if (!ed25519Holds(key.key, raw, utf8(text))) throw wrong;
    return 0;
  }
  const time = bigOf(raw.subarray(0, 8)), signature = raw.subarray(8);
  if (time === 0n || time > (1n << 63n) - 1n) throw wrong;
  const holds = key.kind === WITNESS
    ? ed25519Holds(key.key, signature, utf8(`cosignature/v1\ntime ${time}\n${text}`))
    : mldsa44Holds(key.key, signature, subtreeOf(key.name, time, parseHead(text)));
  if (!holds) throw wrong;
  return Number(time);
}

/** What an ML-DSA-44 witness signs: the whole tree as a subtree from 0 to its size. */
function subtreeOf(name, time, head) {
  const cosigner = utf8(name), origin = utf8(head.origin);
  return joined(utf8("subtree/v1\n\0"), Uint8Array.of(cosigner.length), cosigner, bigEndian(time, 8),
    Uint8Array.of(origin.length), origin, new Uint8Array(8), bigEndian(head.size, 8), head.root);
}

// --- whom to believe ------------------------------------------------------------------------------------
function parseTrust(bytes) {
  const text = textOf(bytes);
  if (text === null || !text.endsWith("\n") || /[\x00-\x08\x0b-\x1f\x7f]/.test(text)) {
    throw new Wrong("The file of keys is not in its form.");
  }
  const trust = { logs: [], witnesses: new Map(), groups: new Map(), quorum: "" };
  text.slice(0, -1).split("\n").forEach((line, at) => {
    const words = line.split(/[ \t]/).filter(Boolean);
    if (words.length && !words[0].startsWith("#") && !taken(trust, words)) {
      throw new Wrong("Line {number} of the file of keys is not in its form.", { number: at + 1 });
    }
  });
  if (!trust.quorum) throw new Wrong("The file of keys does not say how many witnesses are enough.");
  return trust;
}

function taken(trust, words) {
  const [kind, name, ...rest] = words, free = (one) => one !== "none" && !trust.witnesses.has(one) && !trust.groups.has(one);
  if (kind === "log" && name && rest.length < 2) return added(parseKey(name), trust.logs, [LOG]);
  if (kind === "witness" && rest.length && rest.length < 3 && free(name)) {
    const key = parseKey(rest[0]), known = [...trust.witnesses.values()];
    return added(key, known, [WITNESS, WITNESS_FOR_LONG]) && Boolean(trust.witnesses.set(name, key));
  }
  if (kind === "group" && rest.length > 1 && free(name)) return grouped(trust, name, rest[0], rest.slice(1));
  if (kind === "quorum" && name && !rest.length && !trust.quorum && (name === "none" || !free(name))) {
    trust.quorum = name;
    return true;
  }
  return false;
}

function added(key, known, kinds) {
  if (!kinds.includes(key.kind) || known.some((one) => same(one.key, key.key))) return false;
  known.push(key);
  return true;
}

function grouped(trust, name, least, members) {
  const held = new Set([...trust.groups.values()].flatMap((group) => group.members));
  const known = (one) => trust.witnesses.has(one) || trust.groups.has(one);
  if (new Set(members).size !== members.length || members.some((one) => !known(one) || held.has(one))) return false;
  const number = least === "any" ? 1 : least === "all" ? members.length : /^[1-9][0-9]{0,3}$/.test(least) ? Number(least) : 0;
  if (!number || number > members.length) return false;
  trust.groups.set(name, { number, members });
  return true;
}

function keysFor(trust, origin) {
  return [...trust.logs.filter((key) => key.name === origin), ...trust.witnesses.values()];
}

function isEnough(trust, signed) {
  const have = new Set();
  for (const [name, key] of trust.witnesses) if (signed.some((one) => one.key === key)) have.add(name);
  for (const [name, group] of trust.groups) {
    if (group.members.filter((one) => have.has(one)).length >= group.number) have.add(name);
  }
  return trust.quorum === "none" || have.has(trust.quorum);
}

/** The head that the log itself, and as many witnesses as are asked for, have signed. */
function checkHead(bytes, trust) {
  const note = parseNote(bytes), head = parseHead(note.text);
  const signed = checkNote(note, keysFor(trust, head.origin));
  if (!signed.some((one) => one.key.kind === LOG)) {
    throw new Wrong("No key that you trust has signed the head of {origin}.", { origin: head.origin });
  }
  if (!isEnough(trust, signed)) throw new Wrong("Fewer witnesses have signed than your file of keys asks for.");
  return { head, signed, note };
}

// --- proofs ---------------------------------------------------------------------------------------------
function parseProof(bytes) {
  const split = splitProof(bytes), lines = split.lines;
  if (lines[0] !== "c2sp.org/tlog-proof@v1") throw new Wrong("The file is not a proof in its form.");
  const at = lines.length > 1 && lines[1].startsWith("extra ") ? 2 : 1;
  const extra = at === 2 ? bytesOfBase64(lines[1].slice(6)) : null;
  const index = /^index (0|[1-9][0-9]{0,15})$/.exec(lines[at] || "");
  if (!index || (at === 2 && (extra === null || extra.length > 65536))) {
    throw new Wrong("Line {number} of the proof is not in its form.", { number: at + 1 });
  }
  return { index: Number(index[1]), path: hashesOf(lines.slice(at + 1)), checkpoint: split.checkpoint };
}

function parseGrowth(bytes) {
  const split = splitProof(bytes), old = /^old (0|[1-9][0-9]{0,15})$/.exec(split.lines[0]);
  if (!old) throw new Wrong("The file is not a proof in its form.");
  return { old: Number(old[1]), path: hashesOf(split.lines.slice(1)), checkpoint: split.checkpoint };
}

function splitProof(bytes) {
  let at = 0;
  while (at + 1 < bytes.length && !(bytes[at] === 10 && bytes[at + 1] === 10)) at++;
  const lines = textOf(bytes.subarray(0, at));
  if (bytes.length > PROOF_BYTES_MAX || at + 1 >= bytes.length || lines === null || !/^[\x00-\x7f]*$/.test(lines)) {
    throw new Wrong("The file is not a proof in its form.");
  }
  return { lines: lines.split("\n"), checkpoint: bytes.subarray(at + 2) };
}

function hashesOf(lines) {
  const path = lines.map(bytesOfBase64);
  if (path.length > HASHES_MAX || path.some((hash) => hash === null || hash.length !== 32)) {
    throw new Wrong("The path of the proof is not in its form.");
  }
  return path;
}

/** Checks that this leaf is in the log as the proof says. */
function checkEntry(proof, leaf, trust) {
  const shown = checkHead(proof.checkpoint, trust), fields = parseLeaf(leaf);
  if (fields.seq !== proof.index) {
    throw new Wrong("The entry is number {seq}, the proof is of number {index}.", { seq: fields.seq, index: proof.index });
  }
  verifyInclusion(sha256(leaf, 0), proof.index, shown.head.size, proof.path, shown.head.root);
  return { ...shown, fields };
}

/** Checks that the signed head of a proof begins with a head that one kept. */
function checkGrowth(growth, kept, trust) {
  const shown = checkHead(growth.checkpoint, trust), old = checkHead(kept, trust).head;
  if (old.origin !== shown.head.origin || old.size !== growth.old) {
    throw new Wrong("The proof does not begin with the head that you kept.");
  }
  verifyConsistency(old.size, shown.head.size, old.root, shown.head.root, growth.path);
  return { ...shown, old };
}
