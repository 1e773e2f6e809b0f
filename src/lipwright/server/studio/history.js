// Undo and redo of some keys of a store.

const PAUSE_MS = 1000; // typing without such a pause is undone in one step
const MOST = 200;

export class History {
  #store;
  #keys;
  #typed;
  #past = [];
  #future = [];
  #last = { key: null, at: 0 };
  #listeners = new Set();

  /**
   * @param {object} store what `createStore` made
   * @param {string[]} keys what can be undone
   * @param {string} typed the key that changes letter by letter
   */
  constructor(store, keys, typed) {
    this.#store = store;
    this.#keys = keys;
    this.#typed = typed;
  }

  get canUndo() {
    return this.#past.length > 0;
  }

  get canRedo() {
    return this.#future.length > 0;
  }

  /** Call back when what can be undone may have changed. */
  watch(callback) {
    this.#listeners.add(callback);
    callback();
  }

  /** Remember the state before these changes. */
  remember(changes) {
    const now = this.#store.get();
    if (Object.keys(changes).every((key) => Object.is(now[key], changes[key]))) return;
    const key = Object.keys(changes).length === 1 ? Object.keys(changes)[0] : null;
    const at = performance.now();
    const goesOn = key === this.#typed && key === this.#last.key && at - this.#last.at < PAUSE_MS;
    if (!goesOn) {
      this.#past.push(this.#snapshot());
      if (this.#past.length > MOST) this.#past.shift();
    }
    this.#future = [];
    this.#last = { key, at };
    this.#tell();
  }

  undo() {
    this.#step(this.#past, this.#future);
  }

  redo() {
    this.#step(this.#future, this.#past);
  }

  #step(from, to) {
    const wanted = from.pop();
    if (!wanted) return;
    to.push(this.#snapshot());
    this.#last = { key: null, at: 0 };
    this.#store.set(wanted);
    this.#tell();
  }

  #snapshot() {
    const state = this.#store.get();
    return Object.fromEntries(this.#keys.map((key) => [key, state[key]]));
  }

  #tell() {
    for (const listener of this.#listeners) listener();
  }
}
