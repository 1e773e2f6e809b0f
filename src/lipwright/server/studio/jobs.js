// Following a video while it is made, by server-sent events.

import * as api from "./api.js";

const FINAL = new Set(["done", "failed", "cancelled"]);
const RETRY_MS = [500, 1000, 2000, 4000, 8000];

export const isOver = (job) => FINAL.has(job.state);

/**
 * Follow a video until it is over.
 * @param {object} job what the server said last
 * @param {(job: object) => void} onchange
 * @returns {() => void} stops following; the video is made all the same
 */
export function follow(job, onchange) {
  let source = null;
  let timer = null;
  let failures = 0;

  function take(event) {
    failures = 0;
    const now = JSON.parse(event.data);
    if (isOver(now)) stop();
    onchange(now);
  }

  function open() {
    source = new EventSource(job.links?.events ?? `/v1/videos/${job.id}/events`);
    source.addEventListener("progress", take);
    source.addEventListener("state", take);
    source.onerror = () => {
      // A broken connection is taken up again by the browser, from the last event on.
      if (source.readyState === EventSource.CLOSED) again();
    };
  }

  // The server refused, such as while it starts anew: ask what became of the video, then follow on.
  function again() {
    const wait = RETRY_MS[Math.min(failures++, RETRY_MS.length - 1)];
    timer = setTimeout(async () => {
      try {
        const now = await api.video(job.id);
        onchange(now);
        if (!isOver(now)) open();
      } catch (error) {
        if (error.status === 404) onchange({ ...job, state: "cancelled" });
        else again();
      }
    }, wait);
  }

  function stop() {
    clearTimeout(timer);
    source?.close();
  }

  if (!isOver(job)) open();
  return stop;
}
