// Runs in the audio thread: a microphone's samples, resampled, in blocks of 20 ms.

const TAPS = 16; // to each side, in samples of the lower rate's sinc

class Capture extends AudioWorkletProcessor {
  constructor({ processorOptions }) {
    super();
    this.step = sampleRate / processorOptions.rate;
    this.cut = Math.min(1, 1 / this.step); // of the half rate of what comes in
    this.reach = Math.ceil(TAPS / this.cut);
    this.kept = new Float32Array(0);
    this.at = 0; // where in `kept` the next sample stands
    this.block = new Int16Array(Math.round(processorOptions.rate / 50));
    this.filled = 0;
    this.energy = 0;
  }

  process([input]) {
    const heard = input[0];
    if (!heard) return true;
    if (this.step === 1) for (const sample of heard) this.emit(sample);
    else this.resample(heard);
    return true;
  }

  resample(heard) {
    const all = new Float32Array(this.kept.length + heard.length);
    all.set(this.kept);
    all.set(heard, this.kept.length);
    while (this.at + this.reach < all.length) {
      this.emit(this.interpolate(all, this.at));
      this.at += this.step;
    }
    const passed = Math.max(0, Math.floor(this.at) - this.reach);
    this.kept = all.slice(passed);
    this.at -= passed;
  }

  // A sinc under a Hann window: without it, what lies above the new rate would fold back.
  interpolate(samples, at) {
    const first = Math.max(0, Math.ceil(at - this.reach));
    const last = Math.min(samples.length - 1, Math.floor(at + this.reach));
    let sum = 0;
    for (let i = first; i <= last; i++) {
      const x = i - at;
      const angle = Math.PI * x * this.cut;
      const sinc = x === 0 ? 1 : Math.sin(angle) / angle;
      sum += samples[i] * sinc * (0.5 + 0.5 * Math.cos((Math.PI * x) / this.reach));
    }
    return sum * this.cut;
  }

  emit(sample) {
    const held = Math.max(-1, Math.min(1, sample));
    this.block[this.filled++] = Math.round(held * 32767);
    this.energy += held * held;
    if (this.filled < this.block.length) return;
    const level = Math.sqrt(this.energy / this.filled);
    this.port.postMessage({ samples: this.block.slice(), level });
    this.filled = 0;
    this.energy = 0;
  }
}

registerProcessor("capture", Capture);
