// Every video made here: watch, save, share, delete with undo.

import * as api from "../api.js";
import { openDialog } from "../dialog.js";
import { find, h, icon } from "../dom.js";
import { clock, date, number, t } from "../i18n.js";
import { follow, isOver } from "../jobs.js";
import { showError, toast } from "../messages.js";
import { downloadLink, player, posterOf, shareButton, titleOf } from "../result.js";
import { store } from "../state.js";

let videos = [];
let next = null;
let ready = false;
const leaving = new Map(); // videos that will be deleted unless somebody undoes it
const following = new Map();

function setUp() {
  find("library-more").addEventListener("click", () => load(next));
  store.watch(["language"], draw);
  addEventListener("hashchange", rest);
  addEventListener("pagehide", () => {
    for (const remove of leaving.values()) remove();
  });
}

/** Show the newest videos. */
export async function openLibrary() {
  if (!ready) setUp();
  ready = true;
  await load(null);
}

/** Nobody looks: what is made need not be followed. */
function rest() {
  if (!find("view-library").hidden) return;
  for (const stop of following.values()) stop();
  following.clear();
}

async function load(after) {
  try {
    const page = await api.videos(after);
    videos = after ? [...videos, ...page.videos] : page.videos;
    next = page.next ?? null;
    showError("library-error", null);
  } catch (error) {
    showError("library-error", error);
  }
  draw();
}

function draw() {
  const shown = videos.filter((video) => !leaving.has(video.id));
  find("cards").replaceChildren(...shown.map(card));
  find("library-empty").hidden = shown.length > 0;
  find("library-lead").hidden = shown.length === 0;
  find("library-more").hidden = !next;
  if (!find("view-library").hidden) for (const video of shown) watch(video);
}

function watch(video) {
  if (isOver(video) || following.has(video.id)) return;
  following.set(video.id, follow(video, (now) => {
    if (isOver(now)) following.delete(now.id);
    replace(now);
  }));
}

function replace(now) {
  videos = videos.map((video) => (video.id === now.id ? now : video));
  const old = document.getElementById(`video-${now.id}`);
  if (!old) return;
  const held = old.contains(document.activeElement) && document.activeElement.className;
  const fresh = card(now);
  old.replaceWith(fresh);
  if (held) [...fresh.querySelectorAll("button, a")].find((one) => one.className === held)?.focus();
}

function card(video) {
  const title = titleOf(video);
  const details = [date(video.created), video.height ? `${video.height}p` : ""].filter(Boolean);
  const text = h("div", { class: "card-text" }, h("h2", {}, title), h("p", { class: "hint" }, details.join(" · ")));
  if (video.state === "failed") text.append(h("p", { class: "error" }, video.error ?? t("make.failed")));
  return h("li", { class: "card", id: `video-${video.id}` }, poster(video, title), text, tools(video, title));
}

function poster(video, title) {
  if (video.state !== "done") {
    const percent = t("percent", { n: number(Math.floor(100 * (video.progress ?? 0))) });
    const words = { queued: t("make.queued"), running: percent, failed: t("library.failed"), cancelled: t("library.cancelled") };
    return h("div", { class: "button poster" }, words[video.state]);
  }
  const image = h("img", { src: posterOf(video), alt: "", loading: "lazy" });
  const length = clock(video.duration);
  const name = `${length} · ${t("library.watch", { title })}`;
  return h("button", { type: "button", class: "poster", "aria-label": name, onclick: () => show(video) },
    image, h("span", { class: "length" }, length));
}

function tools(video, title) {
  const row = h("div", { class: "card-tools" });
  if (video.state === "done") row.append(downloadLink(video, true));
  if (["failed", "cancelled"].includes(video.state)) {
    row.append(h("button", { type: "button", class: "quiet retry", onclick: () => retry(video) }, t("library.retry")));
  }
  if (!isOver(video)) {
    row.append(h("button", { type: "button", class: "quiet cancel", onclick: () => cancel(video) }, t("make.cancel")));
  } else {
    const name = t("library.delete", { title });
    row.append(h("button", { type: "button", class: "quiet icon remove", "aria-label": name, title: t("library.deleteShort"), onclick: () => remove(video) }, icon("trash")));
  }
  return row;
}

function show(video) {
  const buttons = [shareButton(video), downloadLink(video)].filter(Boolean);
  const film = player(video, { autoplay: true });
  openDialog({ title: titleOf(video), body: [film, h("div", { class: "row" }, ...buttons)] });
}

async function retry(video) {
  await act(() => api.retryVideo(video.id));
}

async function cancel(video) {
  await act(() => api.cancelVideo(video.id));
}

async function act(ask) {
  try {
    const now = await ask();
    showError("library-error", null);
    replace(now);
    watch(now);
  } catch (error) {
    showError("library-error", error);
  }
}

function remove(video) {
  const cards = [...find("cards").children];
  const place = cards.findIndex((one) => one.id === `video-${video.id}`);
  const close = toast(t("library.deleted"), {
    label: t("edit.undo"),
    seconds: 8,
    act: () => (leaving.delete(video.id), draw()),
    end: () => reallyRemove(),
  });
  async function reallyRemove() {
    if (!leaving.has(video.id)) return;
    try {
      await api.removeVideo(video.id);
      videos = videos.filter((one) => one.id !== video.id);
      leaving.delete(video.id);
      if (store.get().job?.id === video.id) store.set({ job: null });
    } catch (error) {
      leaving.delete(video.id);
      showError("library-error", error);
      draw();
    }
  }
  leaving.set(video.id, () => (close(false), reallyRemove()));
  draw();
  const rest = [...find("cards").querySelectorAll(".remove")];
  (rest[Math.min(place, rest.length - 1)] ?? find("library-empty").querySelector("a"))?.focus();
}
