/** Letters, digits, `-`, `.`, and `/` between folders; no part begins with a dot. */
const KEY = /^[A-Za-z0-9-][A-Za-z0-9.-]*(\/[A-Za-z0-9-][A-Za-z0-9.-]*)*$/;
const MAX_KEY_CHARACTERS = 200;

/** Keys are made by the project, never by people: a wrong one is a bug. */
export function assertBlobKey(key: string): void {
  if (key.length > MAX_KEY_CHARACTERS || !KEY.test(key)) {
    throw new Error(`Not a key of a blob: ${JSON.stringify(key.slice(0, MAX_KEY_CHARACTERS))}`);
  }
}
