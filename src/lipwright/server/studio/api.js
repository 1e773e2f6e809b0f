// The server's HTTP interface: one function for each thing that is asked of it.

/** What went wrong, in the server's own sentence. */
export class ApiError extends Error {
  /**
   * @param {string} sentence
   * @param {number} status of HTTP; 0 where no answer came
   * @param {string} [option] which option the sentence is about
   */
  constructor(sentence, status, option) {
    super(sentence);
    this.status = status;
    this.option = option;
  }
}

let askForToken = null;
const reachListeners = new Set();

/** Say who asks the person for a token; it resolves when one was accepted. */
export const onTokenNeeded = (ask) => (askForToken = ask);

/** Call back with whether the server answered, after each request. */
export const onReach = (listener) => reachListeners.add(listener);

async function send(path, init) {
  let response;
  try {
    response = await fetch(path, { credentials: "same-origin", ...init });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    for (const listener of reachListeners) listener(false);
    throw new ApiError("", 0);
  }
  for (const listener of reachListeners) listener(true);
  return response;
}

async function problem(response) {
  let body = {};
  try {
    body = await response.json();
  } catch {
    // something before the server answered, in a form of its own
  }
  const sentence = typeof body.detail === "string" ? body.detail : body.title;
  return new ApiError(sentence ?? `${response.status} ${response.statusText}`, response.status, body.option);
}

/** Send a request and return the response; raise ApiError for all but success. */
export async function request(method, path, { json, body, headers, signal, keepalive } = {}) {
  const init = { method, signal, keepalive, headers: { ...headers }, body };
  if (json !== undefined) {
    init.headers["Content-Type"] = "application/json";
    init.body = JSON.stringify(json);
  }
  let response = await send(path, init);
  if (response.status === 401 && askForToken && path !== "/v1/login") {
    await askForToken();
    response = await send(path, init);
  }
  if (!response.ok) throw await problem(response);
  return response;
}

const get = async (path, more) => (await request("GET", path, more)).json();
const post = async (path, json, more) => (await request("POST", path, { json, ...more })).json();

export const login = (token) => request("POST", "/v1/login", { json: { token } });
export const info = () => get("/v1/info");
export const options = async () => (await get("/v1/options")).options;
export const voices = async () => (await get("/v1/voices")).voices;

/** Upload a File, or a Blob under a name. */
export async function upload(blob, name = blob.name ?? "file", signal = undefined) {
  const body = new FormData();
  body.append("file", blob, name);
  return (await request("POST", "/v1/assets", { body, signal })).json();
}

export const asset = (id) => get(`/v1/assets/${id}`);
export const faces = (id, signal) => get(`/v1/assets/${id}/faces`, { signal });
export const contentOf = (asset) => `/v1/assets/${asset.id}/content`;

/** Fetch a still with the mouth at "rest", "open" or "round". */
export async function preview(id, sound, speaker, signal) {
  const query = new URLSearchParams({ sound, speaker, quality: "low" });
  return (await request("GET", `/v1/assets/${id}/preview?${query}`, { signal })).blob();
}

/** Speak a text; returns a WAV. */
export async function speech(text, voice, rate, signal) {
  return (await request("POST", "/v1/speech", { json: { text, voice, rate }, signal })).blob();
}

/** Begin a video. The key makes a repeated request harmless. */
export const createVideo = (wanted, key) =>
  post("/v1/videos", wanted, { headers: { "Idempotency-Key": key } });
export const video = (id) => get(`/v1/videos/${id}`);
export const videos = (after) =>
  get(`/v1/videos?${new URLSearchParams({ limit: 24, ...(after ? { after } : {}) })}`);
export const cancelVideo = (id) => post(`/v1/videos/${id}/cancel`);
export const retryVideo = (id) => post(`/v1/videos/${id}/retry`);
export const removeVideo = (id) => request("DELETE", `/v1/videos/${id}`, { keepalive: true });
export const liveTicket = (wanted) => post("/v1/live/tickets", wanted);

/** Return a key that nobody else makes; also where `crypto.randomUUID` needs HTTPS. */
export function uniqueKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
