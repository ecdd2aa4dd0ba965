// Verifies entries of a log with sigstore-js (@sigstore/verify), and nothing of ours.
//
//   node verifier.cjs FOLDER-WITH-NODE_MODULES VKEY < samples
//
// One line for each line of JSON that is read: "accepted", or "rejected" and why.
"use strict";

const { createRequire } = require("node:module");
const { createInterface } = require("node:readline");
const { join } = require("node:path");

const [, , folder, vkey] = process.argv;
const sigstore = createRequire(join(folder, "package.json"));
const { verifyTLogInclusion } = sigstore("@sigstore/verify/dist/tlog");
const { crypto } = sigstore("@sigstore/core");

const SPKI_OF_ED25519 = Buffer.from("302a300506032b6570032100", "hex");
const [name, id, key] = vkey.split("+").length > 3
  ? [vkey.split("+")[0], vkey.split("+")[1], vkey.split("+").slice(2).join("+")]
  : vkey.split("+");
const log = {
  logID: Buffer.from(id, "hex"),
  baseURL: name,
  publicKey: crypto.createPublicKey(Buffer.concat([SPKI_OF_ED25519, Buffer.from(key, "base64").subarray(1)])),
  validFor: { start: new Date(0), end: new Date(8.64e15) },
};

function check(one) {
  const hashes = one.Path.map((hash) => Buffer.from(hash, "base64"));
  if (hashes.some((hash) => hash.length !== 32)) throw new Error("a hash has not 32 bytes");
  verifyTLogInclusion(
    {
      logIndex: String(one.Index),
      logId: { keyId: log.logID },
      canonicalizedBody: Buffer.from(one.Leaf, "base64"),
      inclusionProof: { logIndex: String(one.Index), hashes, checkpoint: { envelope: one.Checkpoint } },
    },
    [log],
  );
}

createInterface({ input: process.stdin }).on("line", (line) => {
  try {
    check(JSON.parse(line));
    console.log("accepted");
  } catch (error) {
    console.log("rejected", Buffer.from(String(error.message)).toString("base64"));
  }
});
