// The checking part of the examiner's page, without a page: one JSON line in, one out.
// node checked.cjs SCRIPT...   in: {"kind", and bytes as base64, or "folder"}   out: {"holds", "problems", ...}
const fs = require("fs"), path = require("path"), readline = require("readline");

const NAMES = "Wrong, Report, parseTrust, parseProof, parseGrowth, checkEntry, checkGrowth, checkHead, checkLogs, "
  + "checkPackage, looked, sha256, sha512, hexOf, parseLeaf, textOf, subtreeOf, utf8";
const written = process.argv.slice(2).map((file) => fs.readFileSync(file, "utf8")).join("\n");
const page = new Function(`"use strict";\n${written}\nconst nothing = undefined;\nreturn { ${NAMES.split(", ").map(
  (name) => `${name}: typeof ${name} === "undefined" ? nothing : ${name}`).join(", ")} };`)();
const bytes = (base64) => new Uint8Array(Buffer.from(base64, "base64"));

/** A folder, with the bytes of some files given in their place (null: not there). */
function sourceOf(folder, instead = {}) {
  const found = new Set(fs.readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((one) => one.isFile()).map((one) => path.relative(folder, path.join(one.parentPath || one.path, one.name))));
  for (const [name, data] of Object.entries(instead)) data === null ? found.delete(name) : found.add(name);
  const read = async (name) => {
    if (!found.has(name)) return null;
    return instead[name] === undefined ? new Uint8Array(fs.readFileSync(path.join(folder, name))) : bytes(instead[name]);
  };
  return { paths: [...found].sort(), read };
}

async function answer(asked) {
  const report = new page.Report();
  let told = {};
  try {
    const trust = asked.trust ? page.parseTrust(bytes(asked.trust)) : null;
    if (asked.kind === "proof") told = page.checkEntry(page.parseProof(bytes(asked.proof)), bytes(asked.leaf), trust);
    if (asked.kind === "growth") told = page.checkGrowth(page.parseGrowth(bytes(asked.proof)), bytes(asked.old), trust);
    if (asked.kind === "head") told = page.checkHead(bytes(asked.head), trust);
    if (asked.kind === "leaf") page.parseLeaf(bytes(asked.leaf));
    if (asked.kind === "folder") await page.checkLogs(sourceOf(asked.folder, asked.instead), trust, report);
    if (asked.kind === "package") await page.checkPackage(sourceOf(asked.folder, asked.instead), trust, report);
  } catch (trouble) {
    if (!(trouble instanceof page.Wrong)) throw trouble;
    report.wrong("", trouble);
  }
  const signed = (told.signed || []).map((one) => ({ name: one.key.name, kind: one.key.kind, time: one.time }));
  return { holds: report.holds, entries: report.entries, files: report.files, problems: report.problems, lost: report.lost, signed };
}

(async () => {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    process.stdout.write(`${JSON.stringify(await answer(JSON.parse(line)))}\n`);
  }
})();
