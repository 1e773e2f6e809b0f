// The whole state of the studio, in one frozen object that is replaced and never changed.

/**
 * Make a store.
 * @param {object} initial
 */
export function createStore(initial) {
  let state = Object.freeze({ ...initial });
  const listeners = new Set();

  function set(changes) {
    const before = state;
    if (Object.keys(changes).every((key) => Object.is(before[key], changes[key]))) return;
    state = Object.freeze({ ...before, ...changes });
    for (const listener of [...listeners]) listener(state, before);
  }

  return {
    get: () => state,
    set,
    /** Call back after each change that touches one of these keys, and once now. */
    watch(keys, callback) {
      listeners.add((now, before) => {
        if (keys.some((key) => now[key] !== before[key])) callback(now, before);
      });
      callback(state, state);
    },
  };
}
