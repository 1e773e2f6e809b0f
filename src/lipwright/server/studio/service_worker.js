// The page opens without the server too, and then says that it does not answer. Only the page's own
// files are kept: never a picture, a sound, a video or anything else under /v1.

const CACHE = "lipwright-shell";
const FILES = [
  "./", "access.js", "api.js", "capture_worklet.js", "dialog.js", "dom.js", "history.js", "i18n.js",
  "jobs.js", "main.js", "messages.js", "microphone.js", "result.js", "state.js", "store.js",
  "theme.js", "voices.js", "manifest.webmanifest",
  "create/camera.js", "create/face.js", "create/face_boxes.js", "create/make.js",
  "create/preview.js", "create/recorder.js", "create/settings.js", "create/speech.js",
  "create/voice.js", "create/wav.js",
  "icons/icon.svg", "icons/icon-192.png", "icons/sprite.svg",
  "library/library.js",
  "live/connection.js", "live/packets.js", "live/pictures.js", "live/player_worklet.js",
  "live/session.js", "live/sound.js", "live/view.js",
  "strings/en.js", "strings/hi.js",
  "styles/base.css", "styles/controls.css", "styles/create.css", "styles/layout.css",
  "styles/library_live.css", "styles/notices.css",
];

self.addEventListener("install", (event) => {
  self.skipWaiting();
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(FILES)));
});

self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  const path = url.pathname.slice(1) || "./";
  const ours = url.origin === location.origin && (FILES.includes(path) || path === "index.html");
  if (request.method === "GET" && ours && !url.searchParams.has("token")) {
    event.respondWith(fresh(request));
  }
});

// The server's file wherever it answers, so that page and server are of one version.
async function fresh(request) {
  const cache = await caches.open(CACHE);
  try {
    const response = await fetch(request);
    if (response.ok && !response.redirected) await cache.put(request, response.clone());
    return response;
  } catch (error) {
    const kept = await cache.match(request, { ignoreSearch: true });
    if (kept) return kept;
    throw error;
  }
}
