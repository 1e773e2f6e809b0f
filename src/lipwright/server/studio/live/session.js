// A live session: connection, sound, pictures and microphone together, and what to show of them.

import { t } from "../i18n.js";
import { sentence } from "../messages.js";
import { openMicrophone } from "../microphone.js";
import { createStore } from "../store.js";
import { Connection } from "./connection.js";
import { PICTURE } from "./packets.js";
import { Pictures } from "./pictures.js";
import { Sound } from "./sound.js";

const KEY = "lipwright.live"; // of the session's storage: a reload connects again
const RETRY_MS = [300, 1000, 2000, 4000];
const MICROPHONE_HZ = 16000;
const LOUD = 0.03;
const LOUD_BLOCKS = 6; // of 20 ms: somebody speaks, and it is no click
const ANSWER_MS = 1000;

/** phase: "off", "connecting", "on", "again"; state: "idle", "speaking", "listening". */
export const live = createStore({
  phase: "off", state: "idle", muted: false, microphone: false, error: null, said: [], width: 1, height: 1,
});

let canvas = null;
let wanted = null;
let connection = null;
let sound = null;
let pictures = null;
let microphone = null;
let failures = 0;
let stale = null; // timer: sound of before an interruption still arrives
let loud = 0;
let early = null; // packets that came before there was something to show them with

/** Return why this browser cannot show a live session, or null. */
export function lacking() {
  if (!globalThis.isSecureContext) return t("needs.https.live");
  if (!globalThis.VideoDecoder || !globalThis.AudioWorkletNode) return t("needs.webcodecs");
  return null;
}

/** Begin: the canvas to draw on, and which face and voice. */
export async function start(onto, choice) {
  canvas = onto;
  wanted = choice;
  failures = 0;
  live.set({ phase: "connecting", error: null, said: [] });
  remember(true);
  await connect();
}

/** Return whether the page was reloaded during a session. */
export function wasOn() {
  try {
    return sessionStorage.getItem(KEY) === "on";
  } catch {
    return false;
  }
}

function remember(on) {
  try {
    if (on) sessionStorage.setItem(KEY, "on");
    else sessionStorage.removeItem(KEY);
  } catch {
    // a reload then begins anew
  }
}

async function connect() {
  const mine = (connection = new Connection({
    ready: (message) => connection === mine && ready(message),
    state: ({ state }) => live.set({ state }),
    picture: (packet) => (early ? early.push(packet) : pictures?.push(packet)),
    sound: (packet) => (early ? early.push(packet) : hearPacket(packet)),
    interrupted: () => interrupted(),
    error: ({ detail }) => live.set({ error: detail }),
    lost: (final) => connection === mine && (final ? end(live.get().error ?? t("live.ended")) : lost()),
  }));
  try {
    await mine.open(wanted);
  } catch (error) {
    if (connection !== mine) return;
    if (error.status === 0) lost();
    else end(sentence(error));
  }
}

function hearPacket({ time, payload }) {
  if (stale === null) sound?.push(time, payload);
}

async function ready(message) {
  const mine = connection;
  early = [];
  await closeMedia();
  try {
    const opened = await Sound.open(message.rate);
    if (connection !== mine) return opened.close();
    sound = opened;
    const drawn = new Pictures(canvas, () => opened.heard(), () => connection === mine && again());
    await drawn.open(message);
    pictures = drawn;
  } catch {
    return end(t("needs.h264"));
  }
  const waited = early;
  early = null;
  for (const packet of waited) packet.kind === PICTURE ? pictures.push(packet) : hearPacket(packet);
  failures = 0;
  sound.onmuted(() => live.set({ muted: sound?.muted ?? false }));
  live.set({ phase: "on", state: "idle", error: null, muted: sound.muted, width: message.width, height: message.height });
  if (microphone) connection.send({ type: "microphone", rate: MICROPHONE_HZ });
}

function again() {
  connection?.close();
  lost();
}

function lost() {
  if (live.get().phase === "off") return;
  if (failures >= RETRY_MS.length) return end(t("live.lost"));
  live.set({ phase: "again" });
  setTimeout(() => live.get().phase === "again" && connect(), RETRY_MS[failures++]);
}

/** Let the face say a text. */
export function say(text) {
  sound?.unmute();
  connection?.send({ type: "say", text });
  live.set({ said: [...live.get().said.slice(-49), { text, stopped: false }], error: null });
}

/** Fall silent at once. */
export function interrupt() {
  if (!connection || live.get().phase !== "on") return;
  connection.send({ type: "interrupt" });
  clearTimeout(stale);
  stale = setTimeout(interrupted, ANSWER_MS);
  sound?.clear();
  pictures?.clear();
  const said = live.get().said;
  if (live.get().state === "speaking") {
    live.set({ said: said.map((one, i) => (i === said.length - 1 ? { ...one, stopped: true } : one)) });
  }
}

function interrupted() {
  clearTimeout(stale);
  stale = null;
  sound?.clear();
  pictures?.clear();
  pictures?.show();
}

/** Let the sound be heard, at a press. */
export const unmute = () => sound?.unmute();

/** Switch the microphone on or off; raises what a person should read. */
export async function switchMicrophone() {
  if (microphone) return closeMicrophone();
  microphone = await openMicrophone(hear, { rate: MICROPHONE_HZ, call: true });
  connection?.send({ type: "microphone", rate: MICROPHONE_HZ });
  live.set({ microphone: true });
}

function hear(samples, level) {
  connection?.sendSound(samples);
  loud = level > LOUD ? loud + 1 : 0;
  // Who speaks while the face speaks a text wants to be heard; what it repeats is no interruption.
  const { state, said } = live.get();
  if (loud === LOUD_BLOCKS && state === "speaking" && said.length > 0 && !said.at(-1).stopped) interrupt();
}

async function closeMicrophone() {
  const open = microphone;
  microphone = null;
  connection?.send({ type: "microphone", rate: 0 });
  live.set({ microphone: false });
  await open?.stop();
}

async function closeMedia() {
  if (!connection) early = null;
  pictures?.close();
  pictures = null;
  clearTimeout(stale);
  stale = null;
  const closing = sound;
  sound = null;
  await closing?.close();
}

/** End the session. */
export async function end(error = null) {
  remember(false);
  live.set({ phase: "off", state: "idle", error });
  if (microphone) await closeMicrophone();
  connection?.close();
  connection = null;
  await closeMedia();
}

/** What was shown so far, for those who measure. */
export const counts = () => ({ ...pictures?.counts, queued: sound?.queued ?? 0 });

// The server frees the session at once; it need not wait for a ping that does not come.
addEventListener("pagehide", () => connection?.close());
addEventListener("pageshow", (event) => {
  if (event.persisted && live.get().phase !== "off") again();
});
