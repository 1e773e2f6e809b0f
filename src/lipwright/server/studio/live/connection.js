// One live session's WebSocket, from its ticket to its end.

import * as api from "../api.js";
import { parsePacket, PICTURE, SOUND } from "./packets.js";

const PING_MS = 2000;
const ANSWER_MS = 8000; // without a word for so long the connection counts as lost
// The server has ended it for a reason that it told; 1001 and 1006 are broken connections.
const isFinal = (code) => code >= 1000 && ![1001, 1006, 1012].includes(code);
const MOST_WAITING = 65536; // bytes of microphone that wait to be sent; more are dropped

export class Connection {
  #socket = null;
  #timer = null;
  #heard = 0;
  #on;
  session = null;

  /** @param {object} on ready, state, picture, sound, interrupted, error, lost */
  constructor(on) {
    this.#on = on;
  }

  /** Take a ticket for this face and voice and connect; raises what the server refuses. */
  async open(wanted) {
    const { ticket, url } = await api.liveTicket({ ...wanted, transport: "websocket" });
    const given = new URL(url ?? `/v1/live/websocket?ticket=${encodeURIComponent(ticket)}`, location.href);
    // The host of this page, not the one that the server knows itself by: there may be a proxy.
    const address = new URL(given.pathname + given.search, location.href);
    address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    const socket = (this.#socket = new WebSocket(address));
    socket.binaryType = "arraybuffer";
    socket.onmessage = ({ data }) => this.#take(data);
    socket.onclose = ({ code }) => this.#lost(socket, code);
    await new Promise((resolve, reject) => {
      socket.onopen = resolve;
      socket.onerror = () => reject(new api.ApiError("", 0));
    });
    this.#heard = performance.now();
    this.#timer = setInterval(() => this.#ping(), PING_MS);
  }

  /** Send one of the protocol's messages. */
  send(message) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  /** Send microphone samples. */
  sendSound(samples) {
    if (this.#socket?.readyState !== WebSocket.OPEN || this.#socket.bufferedAmount > MOST_WAITING) return;
    this.#socket.send(samples);
  }

  /** End the session, also while the page goes away. */
  close() {
    const socket = this.#socket;
    this.#socket = null;
    clearInterval(this.#timer);
    if (this.session) navigator.sendBeacon(`/v1/live/${this.session}/leave`);
    this.session = null;
    socket?.close();
  }

  #ping() {
    if (performance.now() - this.#heard > ANSWER_MS) this.#socket?.close();
    else this.send({ type: "ping", time: performance.now() });
  }

  #lost(socket, code) {
    if (this.#socket !== socket) return; // closed by us
    clearInterval(this.#timer);
    this.#socket = null;
    this.session = null;
    this.#on.lost(isFinal(code));
  }

  #take(data) {
    this.#heard = performance.now();
    if (typeof data !== "string") {
      const packet = parsePacket(data);
      if (packet?.kind === PICTURE) this.#on.picture(packet);
      if (packet?.kind === SOUND) this.#on.sound(packet);
      return;
    }
    const message = JSON.parse(data);
    if (message.type === "ready") this.session = message.session;
    this.#on[message.type]?.(message);
  }
}
