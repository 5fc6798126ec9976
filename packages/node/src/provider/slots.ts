/** So many at a time; nobody waits in here: who gets none asks again later. */
export class Slots {
  #free: number;

  constructor(count: number) {
    this.#free = count;
  }

  /** Null: none is free. The returned function gives it back, once. */
  tryTake(): (() => void) | null {
    if (this.#free === 0) return null;
    this.#free -= 1;
    let isBack = false;
    return () => {
      if (!isBack) this.#free += 1;
      isBack = true;
    };
  }
}
