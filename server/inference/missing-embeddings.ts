/**
 * An example is embedded for the backbone that is served when it comes. When another one is served
 * later, after a rollback say, a category that its head has not learnt has examples, but nothing that
 * a class mean could be made of. What is missing is embedded behind the predictions of the others,
 * one project after the other, and stored like all embeddings:
 *
 *   model read, examples lack embeddings -> a chunk of each category -> told: model read again ...
 *
 * until nothing is missing, or nothing of it can be read.
 */
import type { BlobStore, ExampleStore } from '../domain/ports.ts';
import type { BackboneAddress, Backbones } from './backbones.ts';
import { readStoredSketches } from './stored-sketches.ts';
import { embedViews } from './views.ts';

/** A mean of so many would hardly move with more of them. */
export const ENOUGH_EXAMPLES = 100;
/** Of a category at a time, so that all categories are known before any is known well. */
const CHUNK = 32;

/** Categories of a project that have examples which this backbone has not seen. */
export interface EmbeddingGap {
  readonly projectId: string;
  readonly backbone: BackboneAddress;
  readonly categoryIds: readonly string[];
}

export interface MissingEmbeddingsOptions {
  readonly examples: Pick<ExampleStore, 'list' | 'embeddingsOf' | 'addEmbeddings'>;
  readonly blobs: Pick<BlobStore, 'get'>;
  readonly backbones: Backbones;
  /** More is known of the project's categories than when its model was read. */
  readonly onEmbedded: (projectId: string) => void;
  readonly onFailed: (projectId: string, error: unknown) => void;
}

/** Fills the gaps that are told of, one after the other. */
export class MissingEmbeddings {
  readonly #options: MissingEmbeddingsOptions;
  readonly #underWay = new Set<string>();
  readonly #closing = new AbortController();
  #work: Promise<void> = Promise.resolve();

  constructor(options: MissingEmbeddingsOptions) {
    this.#options = options;
  }

  /** Does nothing for a gap that is being filled already. */
  fill(gap: EmbeddingGap): void {
    const key = `${gap.projectId} ${gap.backbone.backboneId}`;
    if (gap.categoryIds.length === 0 || this.#underWay.has(key)) return;
    this.#underWay.add(key);
    this.#work = this.#work.then(() => this.#fillGap(gap, key));
  }

  /** What is under way comes to an end; nothing is told any more. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#work;
  }

  /** Never throws: what goes wrong in one project does not stop the others. */
  async #fillGap(gap: EmbeddingGap, key: string): Promise<void> {
    const { onEmbedded, onFailed } = this.#options;
    const { signal } = this.#closing;
    try {
      signal.throwIfAborted();
      let embedded = 0;
      for (const categoryId of gap.categoryIds) embedded += await this.#embedSome(gap, categoryId);
      this.#underWay.delete(key);
      if (embedded > 0 && !signal.aborted) onEmbedded(gap.projectId);
    } catch (error) {
      this.#underWay.delete(key);
      if (!signal.aborted) onFailed(gap.projectId, error);
    }
  }

  /** The newest ones first; how many. */
  async #embedSome(gap: EmbeddingGap, categoryId: string): Promise<number> {
    const { examples } = this.#options;
    const limit = ENOUGH_EXAMPLES;
    const { items } = await examples.list(gap.projectId, { categoryId, limit });
    const ids = items.map(({ id }) => id);
    const cached = await examples.embeddingsOf(ids, gap.backbone.backboneId);
    const seen = new Set(cached.map(({ exampleId }) => exampleId));
    const missing = items.filter(({ id }) => !seen.has(id));
    for (let start = 0; start < missing.length; start += CHUNK) {
      const embedded = await this.#embed(gap, missing.slice(start, start + CHUNK));
      // Where none of them could be read, the next ones may be better.
      if (embedded > 0) return embedded;
    }
    return 0;
  }

  async #embed(
    { backbone }: EmbeddingGap,
    chunk: readonly { readonly id: string; readonly strokesKey: string }[],
  ): Promise<number> {
    const { blobs, backbones, examples } = this.#options;
    const { signal } = this.#closing;
    // The trainer, which misses them as much, writes them to the log.
    const onUnreadable = (): void => undefined;
    const sketches = await readStoredSketches(blobs, chunk, { signal, onUnreadable });
    const strokes = [...sketches.values()];
    const rows = await backbones.use(backbone, (open) => embedViews(open, strokes));
    const ids = [...sketches.keys()];
    const embedded = rows.flatMap((embeddings, i) => {
      const exampleId = ids[i];
      return exampleId === undefined ? [] : [{ exampleId, embeddings }];
    });
    await examples.addEmbeddings(backbone.backboneId, embedded);
    return embedded.length;
  }
}
