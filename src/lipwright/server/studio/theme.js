// Runs before the page is drawn, so that a dark page never flashes white.
(() => {
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");

  function stored(key) {
    try {
      return localStorage.getItem(key);
    } catch {
      return null; // a browser that stores nothing
    }
  }

  function apply() {
    const theme = stored("lipwright.theme") ?? (dark.matches ? "dark" : "light");
    root.dataset.theme = theme;
    const meta = document.querySelector('meta[name="theme-color"]');
    meta?.setAttribute("content", theme === "dark" ? "#151314" : "#faf8f6");
    root.dispatchEvent(new Event("themechange"));
  }

  root.lang = stored("lipwright.language") ?? (navigator.language?.startsWith("hi") ? "hi" : "en");
  dark.addEventListener("change", apply);
  root.addEventListener("themewanted", apply);
  apply();
})();
