// WAV files, and a microphone's samples.

/**
 * Make a WAV of mono 16-bit samples.
 * @param {Int16Array[]} blocks
 * @param {number} rate Hz
 */
export function wav(blocks, rate) {
  const bytes = 2 * blocks.reduce((sum, block) => sum + block.length, 0);
  const head = new DataView(new ArrayBuffer(44));
  const text = (at, word) => [...word].forEach((letter, i) => head.setUint8(at + i, letter.charCodeAt(0)));
  text(0, "RIFF");
  head.setUint32(4, 36 + bytes, true);
  text(8, "WAVEfmt ");
  head.setUint32(16, 16, true); // length of what follows
  head.setUint16(20, 1, true); // PCM
  head.setUint16(22, 1, true); // channels
  head.setUint32(24, rate, true);
  head.setUint32(28, 2 * rate, true); // bytes per second
  head.setUint16(32, 2, true); // bytes per sample of all channels
  head.setUint16(34, 16, true); // bits
  text(36, "data");
  head.setUint32(40, bytes, true);
  return new Blob([head, ...blocks], { type: "audio/wav" });
}
