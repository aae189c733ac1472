const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Whether a text can be an id at all. What cannot be one is looked up as unknown, not refused. */
export function isUuid(text: string): boolean {
  return UUID.test(text);
}
