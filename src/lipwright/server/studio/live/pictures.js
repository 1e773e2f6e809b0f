// The session's pictures: decoded, and each shown when the sound of its time is heard.

const MOST = 24; // decoded pictures that wait; more are memory, and late anyway
const SLOW = 12; // pictures the decoder has not come to: too slow, go on from the next keyframe
const HALF_FRAME_S = 0.02;

export class Pictures {
  #canvas;
  #paper;
  #heard;
  #onbroken;
  #decoder = null;
  #config = null;
  #waiting = []; // decoded frames in the order of their time
  #needsKey = true;
  #hidden = false; // what still comes of before an interruption is decoded, and not shown
  #frame = 0;
  counts = { shown: 0, dropped: 0, behind: 0 };

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {() => number|null} heard which second of the session is heard now
   * @param {() => void} onbroken the decoder gave up
   */
  constructor(canvas, heard, onbroken) {
    this.#canvas = canvas;
    this.#paper = canvas.getContext("2d", { alpha: false, desynchronized: true });
    this.#heard = heard;
    this.#onbroken = onbroken;
  }

  /** Make ready for a session; raises where the browser cannot decode it. */
  async open({ codec, width, height }) {
    this.#config = { codec, codedWidth: width, codedHeight: height, optimizeForLatency: true };
    const { supported } = await VideoDecoder.isConfigSupported(this.#config);
    if (!supported) throw new Error(codec);
    this.#canvas.width = width;
    this.#canvas.height = height;
    this.#start();
    this.#frame = requestAnimationFrame(() => this.#draw());
  }

  #start() {
    this.#needsKey = true;
    this.#decoder = new VideoDecoder({
      output: (frame) => this.#keep(frame),
      error: () => {
        this.#decoder = null;
        this.#onbroken();
      },
    });
    this.#decoder.configure(this.#config);
  }

  /** Decode a picture of a packet. */
  push({ time, keyframe, payload }) {
    if (!this.#decoder || payload.length === 0) return;
    if (this.#decoder.decodeQueueSize > SLOW) this.#needsKey = true;
    if (this.#needsKey && !keyframe) {
      this.counts.dropped += 1;
      return;
    }
    this.#needsKey = false;
    const type = keyframe ? "key" : "delta";
    this.#decoder.decode(new EncodedVideoChunk({ type, timestamp: Math.round(time * 1e6), data: payload }));
  }

  /** Forget what waits; nothing is shown until `show`. */
  clear() {
    this.#hidden = true;
    this.#forget();
  }

  show() {
    this.#hidden = false;
  }

  #forget() {
    for (const frame of this.#waiting) frame.close();
    this.#waiting = [];
  }

  #keep(frame) {
    if (this.#hidden) return frame.close();
    this.#waiting.push(frame);
    while (this.#waiting.length > MOST) this.#drop();
  }

  #drop() {
    this.#waiting.shift().close();
    this.counts.dropped += 1;
  }

  #draw() {
    this.#frame = requestAnimationFrame(() => this.#draw());
    const heard = this.#heard();
    if (heard === null) return;
    const due = (heard + HALF_FRAME_S) * 1e6;
    while (this.#waiting.length > 1 && this.#waiting[1].timestamp <= due) this.#drop();
    if (this.#waiting.length === 0 || this.#waiting[0].timestamp > due) return;
    const frame = this.#waiting.shift();
    this.counts.behind = heard - frame.timestamp / 1e6;
    this.#paper.drawImage(frame, 0, 0, this.#canvas.width, this.#canvas.height);
    frame.close();
    this.counts.shown += 1;
  }

  close() {
    cancelAnimationFrame(this.#frame);
    this.#forget();
    if (this.#decoder && this.#decoder.state !== "closed") this.#decoder.close();
    this.#decoder = null;
  }
}
