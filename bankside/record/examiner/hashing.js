// Bytes as text, SHA-256 (FIPS 180-4, on whole words) and SHA-512 (on BigInt, for signatures alone).
// Own code, so that the page is the same in every browser and needs nothing that a browser may lack.

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function hexOf(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function bytesOfHex(hex) {
  return Uint8Array.from(hex.match(/../g) || [], (two) => parseInt(two, 16));
}

function utf8(text) {
  return new TextEncoder().encode(text);
}

/** The text of bytes; null when they are not UTF-8. */
function textOf(bytes) {
  try {
    return UTF8.decode(bytes);
  } catch {
    return null;
  }
}

/** Canonical base64 alone; null for anything else. */
function bytesOfBase64(text) {
  try {
    const raw = atob(text);
    return btoa(raw) === text ? Uint8Array.from(raw, (one) => one.charCodeAt(0)) : null;
  } catch {
    return null;
  }
}

function base64Of(bytes) {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}

function same(one, other) {
  if (one.length !== other.length) return false;
  for (let at = 0; at < one.length; at++) if (one[at] !== other[at]) return false;
  return true;
}

function joined(...parts) {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function bigEndian(number, width) {
  const bytes = new Uint8Array(width);
  for (let at = width - 1, left = BigInt(number); at >= 0; at--, left >>= 8n) bytes[at] = Number(left & 255n);
  return bytes;
}

function bigOf(bytes) {
  return bytes.length ? BigInt(`0x${hexOf(bytes)}`) : 0n;
}

// --- the constants: fractions of the roots of the first primes ------------------------------------------
function primes(count) {
  const found = [];
  for (let n = 2; found.length < count; n++) if (found.every((prime) => n % prime)) found.push(n);
  return found;
}

/** The whole part of the n-th root of a large number, by halving. */
function rootOfNumber(value, n) {
  let low = 0n, high = 1n << 72n;
  while (high - low > 1n) {
    const middle = (low + high) >> 1n;
    if (middle ** n <= value) low = middle;
    else high = middle;
  }
  return low;
}

const FIRST64 = (1n << 64n) - 1n;
const ROUND512 = primes(80).map((prime) => rootOfNumber(BigInt(prime) << 192n, 3n) & FIRST64);
const START512 = primes(8).map((prime) => rootOfNumber(BigInt(prime) << 128n, 2n) & FIRST64);
const ROUND256 = Int32Array.from(ROUND512.slice(0, 64), (one) => Number(one >> 32n) | 0);
const START256 = Int32Array.from(START512, (one) => Number(one >> 32n) | 0);

/** The message with its end: a one, noughts, and its length in bits. */
function padded(data, block, first) {
  const length = data.length + (first === undefined ? 0 : 1);
  const whole = new Uint8Array(Math.ceil((length + 1 + block / 8) / block) * block);
  if (first !== undefined) whole[0] = first;
  whole.set(data, length - data.length);
  whole[length] = 0x80;
  whole.set(bigEndian(BigInt(length) * 8n, 8), whole.length - 8);
  return whole;
}

const words256 = new Int32Array(64);

/** SHA-256 of the data, with one byte before it when `first` is given. */
function sha256(data, first) {
  const whole = padded(data, 64, first);
  const state = Int32Array.from(START256);
  for (let at = 0; at < whole.length; at += 64) block256(state, whole, at);
  const out = new Uint8Array(32);
  for (let n = 0; n < 8; n++) {
    out[4 * n] = state[n] >>> 24;
    out[4 * n + 1] = state[n] >>> 16;
    out[4 * n + 2] = state[n] >>> 8;
    out[4 * n + 3] = state[n];
  }
  return out;
}

function block256(state, whole, at) {
  const w = words256;
  for (let n = 0; n < 16; n++, at += 4) {
    w[n] = (whole[at] << 24) | (whole[at + 1] << 16) | (whole[at + 2] << 8) | whole[at + 3];
  }
  for (let n = 16; n < 64; n++) {
    const x = w[n - 15], y = w[n - 2];
    const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
    const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
    w[n] = (w[n - 16] + s0 + w[n - 7] + s1) | 0;
  }
  let a = state[0], b = state[1], c = state[2], d = state[3];
  let e = state[4], f = state[5], g = state[6], h = state[7];
  for (let n = 0; n < 64; n++) {
    const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const one = (h + s1 + ((e & f) ^ (~e & g)) + ROUND256[n] + w[n]) | 0;
    const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const two = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g; g = f; f = e; e = (d + one) | 0;
    d = c; c = b; b = a; a = (one + two) | 0;
  }
  state[0] += a; state[1] += b; state[2] += c; state[3] += d;
  state[4] += e; state[5] += f; state[6] += g; state[7] += h;
}

function sha512(data) {
  const whole = padded(data, 128);
  const turned = (x, n) => (x >> n) | ((x << (64n - n)) & FIRST64);
  const state = [...START512];
  for (let at = 0; at < whole.length; at += 128) {
    const w = [];
    for (let n = 0; n < 16; n++) w.push(bigOf(whole.subarray(at + 8 * n, at + 8 * n + 8)));
    for (let n = 16; n < 80; n++) {
      const x = w[n - 15], y = w[n - 2];
      const s0 = turned(x, 1n) ^ turned(x, 8n) ^ (x >> 7n);
      const s1 = turned(y, 19n) ^ turned(y, 61n) ^ (y >> 6n);
      w.push((w[n - 16] + s0 + w[n - 7] + s1) & FIRST64);
    }
    let [a, b, c, d, e, f, g, h] = state;
    for (let n = 0; n < 80; n++) {
      const s1 = turned(e, 14n) ^ turned(e, 18n) ^ turned(e, 41n);
      const one = h + s1 + ((e & f) ^ ((e ^ FIRST64) & g)) + ROUND512[n] + w[n];
      const s0 = turned(a, 28n) ^ turned(a, 34n) ^ turned(a, 39n);
      const two = s0 + ((a & b) ^ (a & c) ^ (b & c));
      [h, g, f, e, d, c, b, a] = [g, f, e, (d + one) & FIRST64, c, b, a, (one + two) & FIRST64];
    }
    [a, b, c, d, e, f, g, h].forEach((word, n) => { state[n] = (state[n] + word) & FIRST64; });
  }
  return joined(...state.map((word) => bigEndian(word, 8)));
}
