// Ed25519 (RFC 8032) and ML-DSA-44 (FIPS 204): checking alone, with nothing secret, so speed is all that
// differs from the textbook. Written out here because not every browser has both.

const P = (1n << 255n) - 19n;
const ORDER = (1n << 252n) + 27742317777372353535851937790883648493n;
const mod = (x) => { const left = x % P; return left < 0n ? left + P : left; };

function power(base, exponent) {
  let result = 1n;
  for (let left = exponent, square = base; left > 0n; left >>= 1n, square = mod(square * square)) {
    if (left & 1n) result = mod(result * square);
  }
  return result;
}

const D = mod(-121665n * power(121666n, P - 2n));
const I = power(2n, (P - 1n) / 4n);
const BASE = pointOf(littleEndian(mod(4n * power(5n, P - 2n))));
const NOWHERE = [0n, 1n, 1n, 0n];

function littleEndian(number) {
  return bigEndian(number, 32).reverse();
}

/** The point of 32 bytes in coordinates X, Y, Z, T; null when there is none. */
function pointOf(bytes) {
  const number = bigOf(Uint8Array.from(bytes).reverse());
  const y = number & ((1n << 255n) - 1n), odd = number >> 255n;
  if (y >= P) return null;
  const u = mod(y * y - 1n), v = mod(D * y * y + 1n);
  let x = mod(u * power(v, 3n) * power(mod(u * power(v, 7n)), (P - 5n) / 8n));
  const back = mod(v * x * x);
  if (back === mod(-u)) x = mod(x * I);
  else if (back !== u) return null;
  if (x === 0n && odd) return null;
  if ((x & 1n) !== odd) x = mod(-x);
  return [x, y, 1n, mod(x * y)];
}

function plus([x1, y1, z1, t1], [x2, y2, z2, t2]) {
  const a = mod((y1 - x1) * (y2 - x2)), b = mod((y1 + x1) * (y2 + x2));
  const c = mod(2n * t1 * D * t2), d = mod(2n * z1 * z2);
  const e = b - a, f = d - c, g = d + c, h = b + a;
  return [mod(e * f), mod(g * h), mod(f * g), mod(e * h)];
}

/** Whether 64 bytes are the signature of a message under a public key of 32 bytes. */
function ed25519Holds(key, signature, message) {
  const a = pointOf(key);
  const s = bigOf(signature.slice(32, 64).reverse());
  if (signature.length !== 64 || a === null || s >= ORDER) return false;
  const k = bigOf(sha512(joined(signature.subarray(0, 32), key, message)).reverse()) % ORDER;
  const minus = [mod(-a[0]), a[1], 1n, mod(-a[3])];
  const both = plus(BASE, minus);
  let sum = NOWHERE;
  for (let bit = 252n; bit >= 0n; bit--) {
    sum = plus(sum, sum);
    const one = (s >> bit) & 1n, other = (k >> bit) & 1n;
    if (one || other) sum = plus(sum, one && other ? both : one ? BASE : minus);
  }
  const inverse = power(sum[2], P - 2n);
  const x = mod(sum[0] * inverse), y = mod(sum[1] * inverse);
  return same(littleEndian(y | ((x & 1n) << 255n)), signature.subarray(0, 32));
}

// --- SHAKE ----------------------------------------------------------------------------------------------
const KECCAK = (() => {
  const rounds = [], turns = new Array(25).fill(0n), goes = new Array(25).fill(0);
  for (let round = 0, bits = 1; round < 24; round++) {
    let word = 0n;
    for (let j = 0; j < 7; j++) {
      if (bits & 1) word |= 1n << ((1n << BigInt(j)) - 1n);
      bits = (bits << 1) ^ (bits & 0x80 ? 0x171 : 0);
    }
    rounds.push(word);
  }
  for (let t = 0, x = 1, y = 0; t < 24; t++) {
    turns[x + 5 * y] = BigInt((((t + 1) * (t + 2)) / 2) % 64);
    [x, y] = [y, (2 * x + 3 * y) % 5];
  }
  for (let x = 0; x < 5; x++) for (let y = 0; y < 5; y++) goes[x + 5 * y] = y + 5 * ((2 * x + 3 * y) % 5);
  return { rounds, turns, goes };
})();

function keccak(a) {
  const turned = (x, n) => ((x << n) & FIRST64) | (x >> (64n - n));
  for (const round of KECCAK.rounds) {
    const c = [0, 1, 2, 3, 4].map((x) => a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20]);
    const b = new Array(25);
    for (let n = 0; n < 25; n++) {
      const x = n % 5, d = c[(x + 4) % 5] ^ turned(c[(x + 1) % 5], 1n);
      b[KECCAK.goes[n]] = turned(a[n] ^ d, KECCAK.turns[n]);
    }
    for (let n = 0; n < 25; n++) {
      const row = n - (n % 5), x = n % 5;
      a[n] = b[n] ^ ((b[row + ((x + 1) % 5)] ^ FIRST64) & b[row + ((x + 2) % 5)]);
    }
    a[0] ^= round;
  }
}

/** SHAKE128 (rate 168) or SHAKE256 (rate 136) as a source of bytes, one after another. */
function shake(rate, data) {
  const state = new Array(25).fill(0n);
  const whole = new Uint8Array(Math.floor(data.length / rate) * rate + rate);
  whole.set(data);
  whole[data.length] ^= 0x1f;
  whole[whole.length - 1] ^= 0x80;
  for (let at = 0; at < whole.length; at += rate) {
    for (let n = 0; n < rate / 8; n++) state[n] ^= bigOf(whole.slice(at + 8 * n, at + 8 * n + 8).reverse());
    keccak(state);
  }
  let block = [], at = 0, first = true;
  return () => {
    if (at === block.length) {
      if (!first) keccak(state);
      first = false;
      block = state.slice(0, rate / 8).flatMap((word) => [...bigEndian(word, 8).reverse()]);
      at = 0;
    }
    return block[at++];
  };
}

function shake256(data, length) {
  return Uint8Array.from({ length }, shake(136, data));
}

// --- ML-DSA-44 ------------------------------------------------------------------------------------------
const Q = 8380417, GAMMA2 = (Q - 1) / 88;
const ZETAS = Array.from({ length: 256 }, (_, n) => {
  let turned = 0, value = 1;
  for (let bit = 0; bit < 8; bit++) if (n & (1 << bit)) turned |= 128 >> bit;
  for (let times = 0; times < turned; times++) value = (value * 1753) % Q;
  return value;
});

function transformed(polynomial) {
  const w = polynomial.map((one) => ((one % Q) + Q) % Q);
  for (let length = 128, m = 0; length >= 1; length >>= 1) {
    for (let start = 0; start < 256; start += 2 * length) {
      const zeta = ZETAS[++m];
      for (let j = start; j < start + length; j++) {
        const t = (zeta * w[j + length]) % Q;
        w[j + length] = (w[j] + Q - t) % Q;
        w[j] = (w[j] + t) % Q;
      }
    }
  }
  return w;
}

function transformedBack(polynomial) {
  const w = [...polynomial];
  for (let length = 1, m = 256; length < 256; length <<= 1) {
    for (let start = 0; start < 256; start += 2 * length) {
      const zeta = Q - ZETAS[--m];
      for (let j = start; j < start + length; j++) {
        const t = w[j];
        w[j] = (t + w[j + length]) % Q;
        w[j + length] = (zeta * ((t + Q - w[j + length]) % Q)) % Q;
      }
    }
  }
  return w.map((one) => (one * 8347681) % Q);
}

/** Numbers of so many bits each, the lowest first. */
function unpacked(bytes, bits) {
  const found = [];
  for (let at = 0; at < bytes.length * 8; at += bits) {
    let value = 0;
    for (let bit = 0; bit < bits; bit++) if (bytes[(at + bit) >> 3] & (1 << ((at + bit) & 7))) value += 2 ** bit;
    found.push(value);
  }
  return found;
}

function matrixPart(rho, row, column) {
  const next = shake(168, joined(rho, Uint8Array.of(column, row)));
  const found = [];
  while (found.length < 256) {
    const value = next() + (next() << 8) + ((next() & 127) << 16);
    if (value < Q) found.push(value);
  }
  return found;
}

/** A polynomial with 39 ones and minus ones. */
function ball(seed) {
  const next = shake(136, seed), c = new Array(256).fill(0);
  const signs = Array.from({ length: 8 }, next);
  for (let i = 217; i < 256; i++) {
    let j = next();
    while (j > i) j = next();
    const n = i - 217;
    c[i] = c[j];
    c[j] = signs[n >> 3] & (1 << (n & 7)) ? -1 : 1;
  }
  return c;
}

/** Which places are corrected, by polynomial; null when they are not written in the one way. */
function hints(bytes) {
  const found = [];
  let at = 0;
  for (let row = 0; row < 4; row++) {
    const end = bytes[80 + row], places = bytes.subarray(at, end);
    if (end < at || end > 80 || places.some((place, n) => n && place <= places[n - 1])) return null;
    found.push(new Set(places));
    at = end;
  }
  return bytes.subarray(at, 80).every((byte) => byte === 0) ? found : null;
}

function corrected(value, hinted) {
  let low = value % (2 * GAMMA2), high;
  if (low > GAMMA2) low -= 2 * GAMMA2;
  if (value - low === Q - 1) { high = 0; low -= 1; } else high = (value - low) / (2 * GAMMA2);
  return hinted ? (high + (low > 0 ? 1 : 43)) % 44 : high;
}

/** Whether 2,420 bytes are the ML-DSA-44 signature of a message (empty context) under 1,312 bytes of key. */
function mldsa44Holds(key, signature, message) {
  if (key.length !== 1312 || signature.length !== 2420) return false;
  const seed = signature.subarray(0, 32), hinted = hints(signature.subarray(2336));
  const z = [0, 1, 2, 3].map((n) =>
    unpacked(signature.subarray(32 + 576 * n, 608 + 576 * n), 18).map((one) => 131072 - one));
  if (hinted === null || z.flat().some((one) => Math.abs(one) >= 131072 - 78)) return false;
  const c = transformed(ball(seed)), zt = z.map(transformed), packed = [];
  for (let row = 0; row < 4; row++) {
    const t = transformed(unpacked(key.subarray(32 + 320 * row, 352 + 320 * row), 10).map((one) => one * 8192));
    const w = new Array(256).fill(0);
    for (let column = 0; column < 4; column++) {
      const a = matrixPart(key.subarray(0, 32), row, column);
      for (let n = 0; n < 256; n++) w[n] = (w[n] + a[n] * zt[column][n]) % Q;
    }
    const back = transformedBack(w.map((one, n) => (one + Q - ((c[n] * t[n]) % Q)) % Q));
    const high = back.map((one, n) => corrected(one, hinted[row].has(n)));
    for (let n = 0; n < 256; n += 4) {
      const four = high[n] | (high[n + 1] << 6) | (high[n + 2] << 12) | (high[n + 3] << 18);
      packed.push(four & 255, (four >> 8) & 255, four >> 16);
    }
  }
  const mu = shake256(joined(shake256(key, 64), Uint8Array.of(0, 0), message), 64);
  return same(shake256(joined(mu, Uint8Array.from(packed)), 32), seed);
}
