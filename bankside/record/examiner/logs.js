// A whole log from its files alone: bundles, tiles and head, as `bankside verify FOLDER` does it.
// A source has `paths` (a list) and `read(path)`, which promises the bytes or null.

const PROBLEMS_MAX = 1000, AHEAD_ENTRIES_MAX = 16384, CHECKPOINT = "checkpoint";
// A log that was opened because entries of the one before were lost: it says so, and is not at fault.
const OPENED_AGAIN = /\/log\/[0-9]+\/[0-9]{4}-[1-9]$/;

/** What was found: entries and files that were checked, which heads, and what does not agree, with its place. */
class Report {
  constructor(said = () => {}) {
    Object.assign(this, { entries: 0, files: 0, heads: [], problems: [], lost: [], unchecked: [], said });
  }

  add(place, template, values = {}) {
    if (this.problems.length < PROBLEMS_MAX) this.problems.push({ place, template, values });
  }

  wrong(place, trouble) {
    if (!(trouble instanceof Wrong)) throw trouble;
    this.add(place, trouble.message, trouble.values);
  }

  get holds() {
    return this.problems.length === 0;
  }
}

/** The folders of a source that hold a log, each with its closing slash; "" for the source itself. */
function logsIn(paths) {
  const found = new Set();
  for (const path of paths) {
    const parts = path.split("/"), tile = parts.indexOf("tile");
    const inside = tile < 0 ? parts.slice(0, -1) : parts.slice(0, tile);
    if ((parts.at(-1) === CHECKPOINT || tile >= 0) && !inside.includes(".new") && (tile < 0 || tile < parts.length - 1)) {
      found.add(inside.map((part) => `${part}/`).join(""));
    }
  }
  return [...found].sort();
}

/** Checks every log; `trust` null: who signed is not looked at, and the report says so. */
async function checkLogs(source, trust, report) {
  const heads = new Map(), ties = [];
  const places = logsIn(source.paths);
  for (const place of places) await new LogCheck(source, place, trust, report, heads, ties).run();
  if (!places.length) report.add("", "No log is here: a log has a file called checkpoint and a folder called tile.");
  for (const tie of ties) {
    const before = heads.get(tie.fields.log);
    if (before && before.size < tie.fields.size && OPENED_AGAIN.test(tie.origin)) {
      report.lost.push({ place: tie.place, template: "Of the {size} entries that were signed in {origin}, {here} are here.",
        values: { size: tie.fields.size, origin: tie.fields.log, here: before.size } });
    } else if (before && !(before.size === tie.fields.size && hexOf(before.root) === tie.fields.root)) {
      report.add(tie.place, "The log does not go on from the last head of {origin}.", { origin: tie.fields.log });
    }
  }
  if (!trust) report.unchecked.push({ template: "Who signed the heads: no file of keys was given.", values: {} });
  return report;
}

class LogCheck {
  constructor(source, place, trust, report, heads, ties) {
    Object.assign(this, { source, place, trust, report, heads, ties, edge: [], size: 0 });
    this.files = new Set(source.paths.filter((path) => path.startsWith(place)).map((path) => path.slice(place.length)));
  }

  async run() {
    const head = await this.head(), before = this.report.problems.length;
    if (!head) return;
    this.heads.set(head.origin, head);
    this.origin = head.origin;
    for (const part of partsOfLevel(-1, head.size)) {
      if (this.report.problems.length >= PROBLEMS_MAX) return;
      await this.bundle(part, head);
      if (part.number % 16 === 15) await this.report.said(this.report.entries);
    }
    for (let level = 1; level < this.edge.length; level++) await this.unfinished(level);
    await this.others(head);
    if (!same(this.root(this.edge), head.root) && this.report.problems.length === before) {
      this.add(CHECKPOINT, "The root of the head is not the one that the entries give.");
    }
  }

  add(path, template, values) {
    this.report.add(`${this.place}${path}`, template, values);
  }

  /** The bytes of a file that has to be there, and has to be so long. */
  async read(part) {
    const data = await this.source.read(this.place + part.path);
    if (data === null) {
      this.add(part.path, "The file is missing.");
      return null;
    }
    this.report.files++;
    if (part.level >= 0 && data.length !== part.width * HASH) {
      this.add(part.path, "The file has {size} bytes, not {wanted}.", { size: data.length, wanted: part.width * HASH });
      return null;
    }
    return data;
  }

  async head() {
    const data = await this.source.read(this.place + CHECKPOINT);
    if (data === null) return void this.add(CHECKPOINT, "The file is missing.");
    let head = null, signed = [];
    try {
      head = headOf(data);
      signed = this.trust ? this.signatures(data, head) : [];
    } catch (trouble) {
      this.report.wrong(this.place + CHECKPOINT, trouble);
    }
    if (!head) return null;
    const layout = /(?:^|\/)([0-9]+)\/([0-9]{4}(?:-[0-9])?)\/$/.exec(this.place);
    if (layout && !head.origin.endsWith(`/log/${layout[1]}/${layout[2]}`)) {
      this.add(CHECKPOINT, "The head names another log than its folder: {origin}.", { origin: head.origin });
    }
    if (head.size === 0 && !same(head.root, EMPTY_ROOT)) this.add(CHECKPOINT, "The root of the head is not the one that the entries give.");
    this.report.heads.push({ head, signed });
    return head;
  }

  /** Each must be of a trusted key and hold, one of them the log's, and as many as are asked for. */
  signatures(data, head) {
    const shown = checkHead(data, this.trust);
    for (const one of shown.note.signatures) {
      if (!shown.signed.some(({ key }) => key.name === one.name && key.id === one.id)) {
        this.add(CHECKPOINT, "The head is signed with a key that you do not trust: {name} {id}.", one);
      }
    }
    return shown.signed;
  }

  async bundle(part, head) {
    const below = { path: tilePath(0, part.number, part.width), level: 0, number: part.number, width: part.width };
    const tile = await this.read(below), leaves = this.leaves(part, await this.read(part));
    let hashes = leaves && joined(...leaves.map((leaf) => sha256(leaf, 0)));
    if (hashes && tile && !same(hashes, tile)) hashes = await this.which(part, head, hashes, tile);
    this.report.entries += leaves ? leaves.length : 0;
    await this.extend(hashes || tile || new Uint8Array(part.width * HASH));
  }

  leaves(part, data) {
    if (data === null) return null;
    let leaves;
    try {
      leaves = unpack(data, part.width);
    } catch (trouble) {
      this.report.wrong(this.place + part.path, trouble);
      return null;
    }
    leaves.forEach((leaf, place) => this.leaf(part, part.number * WIDE + place, leaf));
    return leaves;
  }

  leaf(part, index, leaf) {
    const place = `${this.place}${part.path} #${index}`;
    try {
      const fields = parseLeaf(leaf);
      if (fields.seq !== index) this.report.add(place, "The entry says that it is number {seq}.", { seq: fields.seq });
      if (fields.type === "shard") this.ties.push({ place, fields, origin: this.origin });
    } catch (trouble) {
      this.report.wrong(place, trouble);
    }
  }

  /** Leaf and tile disagree: names the one that does not lead to the hash above, or both. */
  async which(part, head, hashes, tile) {
    const vouched = await this.vouched(part, head, hashes), other = await this.vouched(part, head, tile);
    for (const place of differing(hashes, tile)) {
      const index = part.number * WIDE + place;
      if (!vouched) this.add(`${part.path} #${index}`, "The entry is not the one that was published.");
      if (vouched || !other) this.add(`${tilePath(0, part.number, part.width)} #${index}`, "The hash is not that of the entry.");
    }
    return vouched ? hashes : tile;
  }

  async vouched(part, head, hashes) {
    if (part.width < WIDE) return same(this.root([hashes, ...this.edge.slice(1)]), head.root);
    const number = Math.floor(part.number / WIDE), place = part.number % WIDE;
    const width = Math.min(WIDE, Math.floor(head.size / WIDE) - number * WIDE);
    const above = await this.source.read(this.place + tilePath(1, number, width));
    return above !== null && same(above.subarray(place * HASH, (place + 1) * HASH), rootOf(hashes));
  }

  /** Carries the hashes of one bundle upward; full tiles are compared on the way. */
  async extend(hashes) {
    for (let level = 0, number = Math.floor(this.size / WIDE); ; level++, number = Math.floor(number / WIDE)) {
      const edge = joined(this.edge[level] || new Uint8Array(0), hashes);
      if (level === 0) this.size += hashes.length / HASH;
      this.edge[level] = edge;
      if (edge.length < WIDE * HASH) return;
      if (level) await this.tile({ path: tilePath(level, number), level, number, width: WIDE }, edge);
      this.edge[level] = new Uint8Array(0);
      hashes = rootOf(edge);
    }
  }

  async unfinished(level) {
    const edge = this.edge[level], width = edge.length / HASH, number = Math.floor(this.size / WIDE ** (level + 1));
    if (width) await this.tile({ path: tilePath(level, number, width), level, number, width }, edge);
  }

  async tile(part, expected) {
    const tile = await this.read(part);
    for (const place of tile ? differing(expected, tile) : []) {
      this.add(`${part.path} #${part.number * WIDE + place}`, "The hash is not that of the tile below.");
    }
  }

  root(edge) {
    let below = new Uint8Array(0);
    for (const hashes of edge) if (hashes.length || below.length) below = rootOf(joined(hashes, below));
    return below.length ? below : EMPTY_ROOT;
  }

  /** Nothing else may lie there but unfinished tiles of older heads, and files of the next head. */
  async others(head) {
    const expected = new Set([...partsOf(head.size)].map((part) => part.path));
    const newest = new Map([...expected].map((path) => [path.split(".p/")[0], path]));
    for (const path of [...this.files].sort()) {
      if (expected.has(path) || path === CHECKPOINT) continue;
      const part = partAt(path), promised = newest.get(path.split(".p/")[0]);
      if (!part || !(promised || isAhead(part, head))) this.add(path, "The file does not belong here.");
      else if (!(await this.agrees(part, promised))) this.add(path, "The file does not agree with the newer tile.");
    }
  }

  async agrees(part, promised) {
    const data = await this.source.read(this.place + part.path);
    const all = promised ? (await this.source.read(this.place + promised)) || new Uint8Array(0) : new Uint8Array(0);
    const length = Math.min(data.length, all.length);
    if (!same(data.subarray(0, length), all.subarray(0, length))) return false;
    if (part.level >= 0) return data.length === part.width * HASH;
    try {
      return unpack(data, part.width).length === part.width;
    } catch {
      return false;
    }
  }
}

/** Whether a tile lies behind what the head promises, and no further than the next head can reach. */
function isAhead(part, head) {
  const entries = (part.number * WIDE + part.width) * WIDE ** Math.max(part.level, 0);
  return head.size < entries && entries <= head.size + AHEAD_ENTRIES_MAX;
}

function differing(one, other) {
  const found = [];
  for (let at = 0; at < one.length; at += HASH) {
    if (!same(one.subarray(at, at + HASH), other.subarray(at, at + HASH))) found.push(at / HASH);
  }
  return found;
}
