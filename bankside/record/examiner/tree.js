// Leaves and the tree over them: RFC 6962 hashes, paths, and the tiles of c2sp.org/tlog-tiles.

const INTEGER_MAX = Number.MAX_SAFE_INTEGER, LEAF_BYTES_MAX = 2048, HASH = 32, WIDE = 256;
const EMPTY_ROOT = sha256(new Uint8Array(0));
const nodeHash = (left, right) => sha256(joined(left, right), 1);

const HEX128 = /^[0-9a-f]{32}$/, HEX256 = /^[0-9a-f]{64}$/, STAFF = /^u:[0-9a-f]{32}$/, CLASS = /^[A-Z0-9-]{1,32}$/;
const OWN_TYPE = /^[a-z]{2,12}\.[a-z-]{2,32}$/;
const FIXED_TYPES = new Set(("post.in post.out edit delete approve reject read export erase hold verify config login "
  + "role restrict release gap recon key shard").split(" "));
const text = (form) => (value) => typeof value === "string" && form.test(value);
const whole = (value) => Number.isInteger(value) && value >= 0 && value <= INTEGER_MAX;
const listOf = (rule) => (value) => Array.isArray(value) && value.length > 0 && value.every(rule);
const rising = (rule) => (value) => listOf(rule)(value) && value.every((one, at) => !at || value[at - 1] < one);

function isTime(value) {
  const form = /^(\d{4})-(\d\d)-(\d\d)T([01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/.exec(typeof value === "string" ? value : "");
  if (!form || form[1] === "0000") return false;
  const [year, month, day] = form.slice(1, 4).map(Number), leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return month >= 1 && month <= 12 && day >= 1 && day <= [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1];
}

const FIELDS = {
  v: (value) => value === 1, seq: whole, id: text(HEX128), obj: text(HEX128), prev: text(HEX128),
  t: isTime, src_t: isTime, type: (value) => typeof value === "string" && (FIXED_TYPES.has(value) || OWN_TYPE.test(value)),
  actor: text(/^(u:[0-9a-f]{32}|s:[a-z0-9.-]{1,40})$/), subj: text(HEX128), ct: text(HEX256), cm: text(HEX256),
  att: listOf(text(HEX256)), ret: text(CLASS), pol: text(HEX256), red: rising(text(CLASS)),
  basis: text(/^[A-Za-z0-9.:/-]{1,64}$/), count: whole, by: (value) => rising(text(STAFF))(value) && value.length === 2,
  log: text(/^[!#-*,-[\]-~]{1,255}$/), size: whole, root: text(HEX256),
};
const REQUIRED = ["v", "seq", "id", "t", "type", "actor", "ret", "pol"];
const OWN = { erase: ["basis", "count", "by"], shard: ["log", "size", "root"] };

/** The fields of a leaf that is valid and byte for byte its own canonical form. */
function parseLeaf(bytes) {
  const said = bytes.length > LEAF_BYTES_MAX ? null : textOf(bytes);
  let fields = null;
  try {
    fields = JSON.parse(said);
  } catch {
    throw new Wrong("The entry is not JSON.");
  }
  if (said === null || fields === null || typeof fields !== "object" || Array.isArray(fields)) {
    throw new Wrong("The entry is not JSON.");
  }
  for (const [name, value] of Object.entries(fields)) {
    if (!Object.hasOwn(FIELDS, name) || !FIELDS[name](value)) {
      throw new Wrong("The field {field} of the entry is not as the format says.", { field: name.slice(0, 40) });
    }
  }
  if (!fieldsGoTogether(fields)) throw new Wrong("The entry does not have the fields that its type has.");
  const sorted = Object.fromEntries(Object.keys(fields).sort().map((name) => [name, fields[name]]));
  if (JSON.stringify(sorted) !== said) throw new Wrong("The entry is not in canonical form.");
  return fields;
}

function fieldsGoTogether(fields) {
  const has = (name) => Object.hasOwn(fields, name), kind = fields.type;
  const own = Object.entries(OWN).every(([owner, names]) => names.every((name) => has(name) === (kind === owner)));
  const about = kind === "shard" || (kind === "erase" ? has("subj") : has("obj"));
  return REQUIRED.every(has) && has("ct") === has("cm") && own && about;
}

// --- paths ----------------------------------------------------------------------------------------------
function step(at) {
  if (at.sn === 0n) throw new Wrong("The path is too long.");
  const left = (at.fn & 1n) === 1n || at.fn === at.sn;
  if (left) while ((at.fn & 1n) === 0n && at.fn !== 0n) { at.fn >>= 1n; at.sn >>= 1n; }
  at.fn >>= 1n;
  at.sn >>= 1n;
  return left;
}

function verifyInclusion(leafHash, index, size, path, root) {
  if (!(index >= 0 && index < size)) throw new Wrong("The log has {size} entries, none of this number.", { size });
  const at = { fn: BigInt(index), sn: BigInt(size) - 1n };
  let reached = leafHash;
  for (const hash of path) reached = step(at) ? nodeHash(hash, reached) : nodeHash(reached, hash);
  if (at.sn !== 0n || !same(reached, root)) throw new Wrong("The path does not lead from the entry to the root.");
}

function verifyConsistency(old, size, oldRoot, root, path) {
  const wrong = new Wrong("The newer log is not shown to begin with the older one.");
  if (old > size) throw wrong;
  if (old === 0 || old === size) {
    if (path.length || (old === size && !same(oldRoot, root)) || (old === 0 && !same(oldRoot, EMPTY_ROOT))) throw wrong;
    return;
  }
  if (!path.length) throw wrong;
  const hashes = (BigInt(old) & (BigInt(old) - 1n)) === 0n ? [oldRoot, ...path] : path;
  const at = { fn: BigInt(old) - 1n, sn: BigInt(size) - 1n };
  while (at.fn & 1n) { at.fn >>= 1n; at.sn >>= 1n; }
  let older = hashes[0], newer = hashes[0];
  for (const hash of hashes.slice(1)) {
    if (step(at)) { older = nodeHash(hash, older); newer = nodeHash(hash, newer); } else newer = nodeHash(newer, hash);
  }
  if (at.sn !== 0n || !same(older, oldRoot) || !same(newer, root)) throw wrong;
}

/** MTH over hashes that lie one after another. */
function rootOf(hashes) {
  let row = [];
  for (let at = 0; at < hashes.length; at += HASH) row.push(hashes.subarray(at, at + HASH));
  if (!row.length) return EMPTY_ROOT;
  while (row.length > 1) {
    const above = [];
    for (let n = 0; n < row.length; n += 2) above.push(n + 1 < row.length ? nodeHash(row[n], row[n + 1]) : row[n]);
    row = above;
  }
  return row[0];
}

// --- tiles ----------------------------------------------------------------------------------------------
function tilePath(level, number, width = WIDE) {
  let digits = String(number);
  digits = digits.padStart(Math.ceil(digits.length / 3) * 3, "0");
  const groups = digits.match(/.../g), last = groups.pop();
  const end = width === WIDE ? "" : `.p/${width}`;
  return `tile/${level < 0 ? "entries" : level}/${groups.map((one) => `x${one}/`).join("")}${last}${end}`;
}

/** The tile or bundle that a file is by its name; null when it is none. */
function partAt(path) {
  const form = /^tile\/(?:entries|([0-9]|[1-5][0-9]|6[0-3]))\/((?:x[0-9]{3}\/){0,5}[0-9]{3})(?:\.p\/([1-9][0-9]{0,2}))?$/.exec(path);
  if (!form) return null;
  const level = form[1] === undefined ? -1 : Number(form[1]), number = Number(form[2].replace(/[x/]/g, ""));
  const part = { path, level, number, width: form[3] ? Number(form[3]) : WIDE };
  return path === tilePath(level, number, part.width) && part.width <= WIDE ? part : null;
}

/** Every tile and bundle of a log of `size` entries, the bundles first. */
function* partsOf(size) {
  yield* partsOfLevel(-1, size);
  for (let level = 0, count = size; count; level++, count = Math.floor(count / WIDE)) yield* partsOfLevel(level, count);
}

function* partsOfLevel(level, count) {
  for (let number = 0; number * WIDE < count; number++) {
    const width = Math.min(WIDE, count - number * WIDE);
    yield { path: tilePath(level, number, width), level, number, width };
  }
}

/** The leaves of a bundle that has to hold exactly so many. */
function unpack(bundle, width) {
  const leaves = [];
  let at = 0;
  for (let place = 0; place < width; place++) {
    const end = at + 2 + (bundle[at] << 8) + bundle[at + 1];
    if (!(end > at + 2 && end <= bundle.length && end - at - 2 <= LEAF_BYTES_MAX)) {
      throw new Wrong("Entry {place} of the bundle has a wrong length.", { place });
    }
    leaves.push(bundle.subarray(at + 2, end));
    at = end;
  }
  if (at !== bundle.length) throw new Wrong("The bundle has bytes after its last entry.");
  return leaves;
}
