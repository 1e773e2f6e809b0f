// Runs in the audio thread: plays queued blocks, each at its place on the session's sample clock.

const BEGIN_S = 0.06; // so much is queued before it begins, and again after a gap
const MOST_S = 0.35; // more than that is delay: quiet blocks are left out until it is less
const FAR_TOO_MUCH_S = 1.2; // the oldest blocks are left out, quiet or not
const QUIET = 0.004;
const REPORT_EVERY = 4; // quanta of 128 samples

class Player extends AudioWorkletProcessor {
  constructor() {
    super();
    this.clear();
    this.quanta = 0;
    this.port.onmessage = ({ data }) => (data.clear ? this.clear() : this.push(data));
  }

  clear() {
    this.blocks = [];
    this.offset = 0; // samples of the first block that were played
    this.queued = 0;
    this.position = null; // the sample of the session that is played next
    this.playing = false;
  }

  push(block) {
    this.blocks.push(block);
    this.queued += block.samples.length;
    while (this.queued > FAR_TOO_MUCH_S * sampleRate) this.drop();
    while (this.queued > MOST_S * sampleRate && this.isQuiet()) this.drop();
  }

  isQuiet() {
    return this.blocks[0].samples.every((sample) => Math.abs(sample) < QUIET);
  }

  drop() {
    this.queued -= this.blocks.shift().samples.length - this.offset;
    this.offset = 0;
  }

  process(_, [[output]]) {
    if (!this.playing) this.playing = this.queued >= BEGIN_S * sampleRate;
    if (this.playing) this.fill(output);
    if (++this.quanta % REPORT_EVERY === 0 && this.position !== null) this.report();
    return true;
  }

  fill(output) {
    let filled = 0;
    while (filled < output.length && this.blocks.length > 0) {
      const { start, samples } = this.blocks[0];
      const part = samples.subarray(this.offset, this.offset + output.length - filled);
      output.set(part, filled);
      filled += part.length;
      this.offset += part.length;
      this.queued -= part.length;
      this.position = start + this.offset;
      if (this.offset === samples.length) {
        this.blocks.shift();
        this.offset = 0;
      }
    }
    if (filled < output.length) this.playing = false; // ran dry: wait until there is enough again
  }

  report() {
    const at = (currentFrame + 128) / sampleRate; // when `position` is reached
    this.port.postMessage({ position: this.position, at, playing: this.playing, queued: this.queued });
  }
}

registerProcessor("player", Player);
