type Given<T> = { [K in keyof T]: Exclude<T[K], undefined> };

/** The fields of a change that are given: an undefined one would be written as null. */
export function givenOf<T extends object>(change: T): Given<T> {
  const given = Object.entries(change).filter(([, value]) => value !== undefined);
  // What is left has lost its undefined values and nothing else.
  return Object.fromEntries(given) as Given<T>;
}
