// The session's sound, and with it the clock that the pictures follow.

const STALE_S = 0.5;
const DELAY_S = 0.1; // how far the clock without sound stays behind what arrives

export class Sound {
  #context;
  #node;
  #rate;
  #report = null; // what the audio thread last said: {position, at, playing}
  #silent = null; // the clock where the browser plays nothing yet: {time, at}

  /** @param {number} rate Hz of the session's sample clock */
  static async open(rate) {
    const sound = new Sound();
    sound.#rate = rate;
    sound.#context = new AudioContext({ sampleRate: rate, latencyHint: "interactive" });
    await sound.#context.audioWorklet.addModule("live/player_worklet.js");
    sound.#node = new AudioWorkletNode(sound.#context, "player", {
      numberOfInputs: 0,
      outputChannelCount: [1],
    });
    sound.#node.port.onmessage = ({ data }) => (sound.#report = data);
    sound.#node.connect(sound.#context.destination);
    sound.#context.resume().catch(() => {}); // without a press it may have to wait for one
    return sound;
  }

  /** Whether the browser waits for a press before it plays anything. */
  get muted() {
    return this.#context.state !== "running";
  }

  /** Call back when it begins or ceases to be muted. */
  onmuted(callback) {
    this.#context.onstatechange = callback;
  }

  /** Play, now that there was a press. */
  unmute() {
    return this.#context.resume();
  }

  /** Queue sound: little-endian int16 samples that begin at `time` s of the session. */
  push(time, bytes) {
    const count = bytes.byteLength >> 1;
    const view = new DataView(bytes.buffer, bytes.byteOffset, 2 * count);
    const samples = Float32Array.from({ length: count }, (_, i) => view.getInt16(2 * i, true) / 32768);
    const now = performance.now() / 1000;
    const expected = this.#silent && this.#silent.time + now - this.#silent.at;
    if (expected === null || Math.abs(time - DELAY_S - expected) > STALE_S) {
      this.#silent = { time: time - DELAY_S, at: now };
    }
    if (this.muted) return;
    this.#node.port.postMessage({ start: Math.round(time * this.#rate), samples }, [samples.buffer]);
  }

  /** Fall silent at once. */
  clear() {
    this.#node.port.postMessage({ clear: true });
    this.#report = null;
    this.#silent = null;
  }

  /** Return which second of the session is heard now; null before there is any. */
  heard() {
    if (this.muted || !this.#report) {
      return this.muted && this.#silent
        ? this.#silent.time + performance.now() / 1000 - this.#silent.at
        : null;
    }
    const { position, at, playing } = this.#report;
    const latency = this.#context.outputLatency || this.#context.baseLatency || 0;
    const since = playing ? Math.min(0.2, this.#context.currentTime - at) : 0;
    return position / this.#rate + since - latency;
  }

  /** How many seconds of sound wait to be played. */
  get queued() {
    return (this.#report?.queued ?? 0) / this.#rate;
  }

  close() {
    return this.#context.close();
  }
}
