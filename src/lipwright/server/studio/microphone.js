// The microphone: blocks of int16 samples at a rate of one's choice.

import { t } from "./i18n.js";

/**
 * Open the microphone; it is asked for only now.
 * @param {(samples: Int16Array, level: number) => void} onblock 20 ms each, level in [0, 1]
 * @param {{rate?: number, call?: boolean}} options `rate` in Hz, else the device's own; `call`
 *   takes out what the loudspeaker plays, as telephone programs do
 * @returns {Promise<{rate: number, stop: () => Promise<void>}>}
 */
export async function openMicrophone(onblock, { rate, call = false } = {}) {
  if (!navigator.mediaDevices?.getUserMedia || !globalThis.AudioWorkletNode) {
    throw new Error(t("needs.https.microphone"));
  }
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({
      audio: { channelCount: 1, echoCancellation: call, noiseSuppression: call, autoGainControl: call },
    });
  } catch (error) {
    throw new Error(t(error.name === "NotAllowedError" ? "needs.microphone.allowed" : "needs.microphone"));
  }
  // The device's own rate, resampled below: some browsers refuse a stream at another one.
  const context = new AudioContext({ latencyHint: "interactive" });
  const wanted = rate ?? context.sampleRate;
  await context.audioWorklet.addModule("capture_worklet.js");
  const capture = new AudioWorkletNode(context, "capture", {
    numberOfOutputs: 0,
    channelCount: 1,
    channelCountMode: "explicit",
    processorOptions: { rate: wanted },
  });
  capture.port.onmessage = ({ data }) => onblock(data.samples, data.level);
  context.createMediaStreamSource(stream).connect(capture);
  await context.resume();
  return {
    rate: wanted,
    async stop() {
      capture.port.onmessage = null;
      for (const track of stream.getTracks()) track.stop();
      await context.close();
    },
  };
}
