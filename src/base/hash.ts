/** Fingerprints of columns. Fast and spread well; not meant against an adversary. */

/** Hash of a text and a seed to 32 bits (MurmurHash3's mixing steps). */
export function hashText(text: string, seed: number): number {
  let h = seed | 0
  for (let at = 0; at < text.length; at++) h = mix(h, text.charCodeAt(at))
  return finish(h ^ text.length)
}

/** A 64-bit fingerprint built word by word: two 32-bit lanes with different constants. */
export class Fingerprint {
  private a = 0x243f6a88
  private b = 0x13198a2e
  private words = 0

  /** Adds whole 32-bit words. About 1 ns a word. */
  addWords(words: Int32Array): void {
    let a = this.a
    let b = this.b
    for (let at = 0; at < words.length; at++) {
      const word = words[at]!
      a = Math.imul(a ^ word, 0x85ebca6b)
      a ^= a >>> 15
      b = Math.imul(b + word, 0xc2b2ae35)
      b = (b << 13) | (b >>> 19)
    }
    this.a = a | 0
    this.b = b | 0
    this.words += words.length
  }

  /** Adds any bytes; the tail is filled up with zeros. */
  addBytes(bytes: Uint8Array): void {
    const whole = bytes.byteLength & ~3
    if ((bytes.byteOffset & 3) === 0) {
      this.addWords(new Int32Array(bytes.buffer, bytes.byteOffset, whole >> 2))
    } else {
      this.addWords(new Int32Array(bytes.slice(0, whole).buffer))
    }
    if (whole === bytes.byteLength) return
    const tail = new Uint8Array(4)
    tail.set(bytes.subarray(whole))
    this.addWords(new Int32Array(tail.buffer))
  }

  addNumber(value: number): void {
    this.addWords(new Int32Array(new Float64Array([value]).buffer))
  }

  /** Sixteen hex digits. */
  digest(): string {
    const high = finish(this.a ^ this.words) >>> 0
    const low = finish(this.b + Math.imul(this.a, 31)) >>> 0
    return high.toString(16).padStart(8, '0') + low.toString(16).padStart(8, '0')
  }
}

function mix(h: number, value: number): number {
  let k = Math.imul(value, 0xcc9e2d51)
  k = (k << 15) | (k >>> 17)
  h ^= Math.imul(k, 0x1b873593)
  h = (h << 13) | (h >>> 19)
  return (Math.imul(h, 5) + 0xe6546b64) | 0
}

function finish(h: number): number {
  h ^= h >>> 16
  h = Math.imul(h, 0x85ebca6b)
  h ^= h >>> 13
  h = Math.imul(h, 0xc2b2ae35)
  return h ^ (h >>> 16)
}
