/**
 * The sessions of the backbones in use: the starter model's for as long as the server runs, those
 * of fine-tuned versions while they are among the most recently used.
 */
import type { ModelVersionRecord } from '../domain/learning-ports.ts';
import type { Backbone } from './backbone.ts';

/** What a backbone is known by, and the blob it is in; null is the starter model's own. */
export type BackboneAddress = Pick<ModelVersionRecord, 'backboneId' | 'backboneKey'>;

/** A few MB each. */
const MAX_OPEN = 20;

/** What has to be known of a session to keep it. */
type Session = Pick<Backbone, 'backboneId' | 'close'>;

export interface BackbonesOptions<Open extends Session> {
  /** Always open, closed with the others at the end. */
  readonly starter: Open;
  readonly open: (address: BackboneAddress) => Promise<Open>;
  /** Told of a backbone that had to make room. */
  readonly onEvicted: (backboneId: string) => void;
  readonly onError: (error: unknown) => void;
  /** How many besides the starter's. */
  readonly max?: number;
}

interface Entry<Open> {
  readonly opening: Promise<Open>;
  isOpen: boolean;
  isEvicted: boolean;
  users: number;
}

/** Opens each backbone once however many ask for it; a failure is tried again by the next. */
export class Backbones<Open extends Session = Backbone> {
  readonly #options: BackbonesOptions<Open>;
  /** Least recently used first. */
  readonly #entries = new Map<string, Entry<Open>>();

  constructor(options: BackbonesOptions<Open>) {
    this.#options = options;
  }

  /** Whether it can be used without waiting for it to be read. */
  isOpen(backboneId: string): boolean {
    return (
      backboneId === this.#options.starter.backboneId ||
      this.#entries.get(backboneId)?.isOpen === true
    );
  }

  /** Lends a backbone, opened if need be; it is not closed before the work is done. */
  async use<T>(address: BackboneAddress, work: (backbone: Open) => Promise<T>): Promise<T> {
    const { starter } = this.#options;
    if (address.backboneId === starter.backboneId) return work(starter);
    const entry = this.#entries.get(address.backboneId) ?? this.#open(address);
    this.#touch(address.backboneId, entry);
    entry.users += 1;
    try {
      return await work(await entry.opening);
    } finally {
      entry.users -= 1;
      if (entry.isEvicted) this.#closeUnused(entry);
    }
  }

  async close(): Promise<void> {
    const entries = [...this.#entries.values()];
    this.#entries.clear();
    await Promise.all(
      entries.map(({ opening }) => opening.then((backbone) => backbone.close()).catch(() => null)),
    );
    await this.#options.starter.close();
  }

  #open(address: BackboneAddress): Entry<Open> {
    const opening = this.#options.open(address);
    const entry = { opening, isOpen: false, isEvicted: false, users: 0 };
    opening.then(
      () => (entry.isOpen = true),
      () => {
        if (this.#entries.get(address.backboneId) === entry)
          this.#entries.delete(address.backboneId);
      },
    );
    return entry;
  }

  #touch(backboneId: string, entry: Entry<Open>): void {
    this.#entries.delete(backboneId);
    this.#entries.set(backboneId, entry);
    const [oldest] = this.#entries;
    if (!oldest || this.#entries.size <= (this.#options.max ?? MAX_OPEN)) return;
    const [evictedId, evicted] = oldest;
    this.#entries.delete(evictedId);
    evicted.isEvicted = true;
    this.#closeUnused(evicted);
    this.#options.onEvicted(evictedId);
  }

  #closeUnused({ opening, users }: Entry<Open>): void {
    if (users > 0) return;
    // What could not be opened needs no closing; who asked for it was told.
    const opened = opening.catch(() => null);
    opened.then((backbone) => backbone?.close()).catch(this.#options.onError);
  }
}
