import { createHash, randomUUID } from 'node:crypto';
import { AppError } from '../../shared/errors.ts';
import type { StrokeColumns } from '../../shared/stroke.ts';
import type { BlobStore, ExampleStore } from './ports.ts';

/** Draws strokes as a picture for people: dark ink on white, PNG. */
export type DrawPicture = (strokes: readonly StrokeColumns[]) => Uint8Array;

/** A sketch whose strokes and picture are in the blob store. */
export interface StoredSketch {
  readonly id: string;
  /** SHA-256 of the strokes, hex. */
  readonly contentHash: string;
  readonly strokesKey: string;
  readonly imageKey: string;
}

const FOLDER = 'examples/';
/** So many are drawn and written before others have a turn. */
const CHUNK = 16;
/** Blobs younger than this may belong to an example whose row is just being written. */
const SWEEP_AFTER_MS = 60 * 60 * 1_000;
const SWEEP_CHUNK = 500;

/** The pictures and strokes of examples. They are written before the rows that point at them. */
export class ExampleBlobs {
  readonly #blobs: BlobStore;
  readonly #drawPicture: DrawPicture;

  constructor(ports: { readonly blobs: BlobStore; readonly drawPicture: DrawPicture }) {
    this.#blobs = ports.blobs;
    this.#drawPicture = ports.drawPicture;
  }

  /** Writes all, in order; throws when one could not be written, with none left behind. */
  async put(
    projectId: string,
    sketches: readonly (readonly StrokeColumns[])[],
  ): Promise<StoredSketch[]> {
    const stored: StoredSketch[] = [];
    for (let start = 0; start < sketches.length; start += CHUNK) {
      const puts = await Promise.allSettled(
        sketches.slice(start, start + CHUNK).map((strokes) => this.#putOne(projectId, strokes)),
      );
      for (const put of puts) if (put.status === 'fulfilled') stored.push(put.value);
      const failed = puts.find((put) => put.status === 'rejected');
      if (failed) {
        await this.remove(stored);
        throw failed.reason;
      }
    }
    return stored;
  }

  /** Tidies up after rows that could not be stored. What resists is left to the sweep. */
  async remove(stored: readonly StoredSketch[]): Promise<void> {
    const keys = stored.flatMap(({ strokesKey, imageKey }) => [strokesKey, imageKey]);
    await Promise.allSettled(keys.map((key) => this.#blobs.delete(key)));
  }

  /** Throws `example.unknown` when the blob is gone with its example. */
  async get(key: string): Promise<Uint8Array> {
    const bytes = await this.#blobs.get(key);
    if (!bytes) throw new AppError('example.unknown', 'This example is no longer there.');
    return bytes;
  }

  async #putOne(projectId: string, strokes: readonly StrokeColumns[]): Promise<StoredSketch> {
    const id = randomUUID();
    const json = JSON.stringify({ strokes: strokes.map((stroke) => stroke.map(toArray)) });
    const strokesKey = `${FOLDER}${projectId}/${id}/strokes.json`;
    const imageKey = `${FOLDER}${projectId}/${id}/image.png`;
    const stored = { id, contentHash: sha256(json), strokesKey, imageKey };
    const puts = await Promise.allSettled([
      this.#blobs.put(strokesKey, new TextEncoder().encode(json), 'application/json'),
      this.#blobs.put(imageKey, this.#drawPicture(strokes), 'image/png'),
    ]);
    const failed = puts.find((put) => put.status === 'rejected');
    if (!failed) return stored;
    await this.remove([stored]);
    throw failed.reason;
  }
}

export interface SweepPorts {
  readonly blobs: BlobStore;
  readonly examples: ExampleStore;
}

/** Everything that is a blob before it is a row, and checkpoints, which never are. */
const SWEPT_FOLDERS = [
  ...[FOLDER, 'heads/', 'backbones/', 'snapshots/', 'checkpoints/'],
  // Large states of canvases.
  'canvases/',
];

/**
 * Deletes blobs that no row points at: what a crash between blob and row has left, and what belonged
 * to projects that are gone.
 */
export async function sweepBlobs(ports: SweepPorts, now: Date): Promise<number> {
  let swept = 0;
  for (const folder of SWEPT_FOLDERS) swept += await sweepFolder(ports, folder, now);
  return swept;
}

async function sweepFolder(
  { blobs, examples }: SweepPorts,
  folder: string,
  now: Date,
): Promise<number> {
  const listed = await blobs.list(folder);
  const old = listed.filter(
    ({ modifiedAt }) => now.getTime() - modifiedAt.getTime() > SWEEP_AFTER_MS,
  );
  let swept = 0;
  for (let start = 0; start < old.length; start += SWEEP_CHUNK) {
    const keys = old.slice(start, start + SWEEP_CHUNK).map(({ key }) => key);
    const orphans = await examples.unreferencedBlobKeys(keys);
    await Promise.all(orphans.map((key) => blobs.delete(key)));
    swept += orphans.length;
  }
  return swept;
}

function toArray(column: ArrayLike<number> | undefined): number[] {
  return Array.from(column ?? []);
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
