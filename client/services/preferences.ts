/** What this browser remembers for its person. */
export interface Preferences {
  /** `system` follows the device. */
  readonly theme: 'system' | 'light' | 'dark';
  readonly addsToDataset: boolean;
  readonly ink: 'ink' | 'own';
  readonly width: number;
}

const DEFAULTS: Preferences = { theme: 'system', addsToDataset: true, ink: 'ink', width: 6 };
const KEY = 'training-canvas';

/** Reads what is remembered; the defaults where nothing is, or storage is forbidden. */
export function readPreferences(): Preferences {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(KEY) ?? '{}');
    return { ...DEFAULTS, ...(stored as Partial<Preferences>) };
  } catch {
    return DEFAULTS;
  }
}

/** Remembers a change. */
export function changePreferences(change: Partial<Preferences>): Preferences {
  const next = { ...readPreferences(), ...change };
  try {
    localStorage.setItem(KEY, JSON.stringify(next));
  } catch {
    // A private window may forbid storage; the choice then lasts as long as the page.
  }
  return next;
}
