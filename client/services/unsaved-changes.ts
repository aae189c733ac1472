/**
 * Which changes of this page are not known to be on the server's disk. The server acknowledges by
 * the number of a message; a change made without a connection travels in the next step 2.
 */
export class UnsavedChanges {
  /** The number of the message that each change went out with; null: with none yet. */
  #messages: (number | null)[] = [];

  get count(): number {
    return this.#messages.length;
  }

  /** Somebody has drawn, erased or undone something. */
  add(message: number | null): void {
    this.#messages.push(message);
  }

  /** The server has everything up to this message, of which `step2` told what came before. */
  acknowledge(message: number, step2: number | null): void {
    if (step2 === null) return;
    this.#messages = this.#messages.filter((each) => (each ?? step2) > message);
  }

  /** The connection is gone, and with it the numbers: what was on its way may not have arrived. */
  disconnect(): void {
    this.#messages = this.#messages.map(() => null);
  }
}
