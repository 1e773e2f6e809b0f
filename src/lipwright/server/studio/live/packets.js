// The live connection's binary messages.

const HEAD = 16; // bytes: kind, flags, two of nothing, number (uint32), time (float64)
export const PICTURE = 1;
export const SOUND = 2;

/**
 * Read one message.
 * @param {ArrayBuffer} buffer
 * @returns {{kind: number, keyframe: boolean, number: number, time: number, payload: Uint8Array}|null}
 *   null for what is too short to be one
 */
export function parsePacket(buffer) {
  if (buffer.byteLength < HEAD) return null;
  const view = new DataView(buffer);
  return {
    kind: view.getUint8(0),
    keyframe: (view.getUint8(1) & 1) === 1,
    number: view.getUint32(4, true),
    time: view.getFloat64(8, true),
    payload: new Uint8Array(buffer, HEAD),
  };
}
