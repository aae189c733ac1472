import { randomUUID } from 'node:crypto';
import type { Domain } from '../../server/domain/domain.ts';
import { createDomain } from '../../server/domain/domain.ts';
import type { Predictor } from '../../server/domain/learning-ports.ts';
import type { Announcer, BlobStore, SketchInk } from '../../server/domain/ports.ts';
import { AppError } from '../../shared/errors.ts';
import type { Score } from '../../shared/prediction.ts';
import type { StrokeColumns } from '../../shared/stroke.ts';
import { MemoryCanvasDocuments, memoryCanvasVersions } from './memory-canvas-versions.ts';
import { memoryStores } from './memory-stores.ts';
import { MemoryTables } from './memory-tables.ts';

/** A domain on ports in memory, and what its ports have been told. */
export interface BuiltDomain {
  readonly domain: Domain;
  readonly tables: MemoryTables;
  readonly blobs: MemoryBlobs;
  readonly predictor: Predictor;
  /** What would have been sent to the page. */
  readonly announced: string[];
  /** Projects whose models were forgotten. */
  readonly forgotten: string[];
  /** What the model guesses, best first. */
  readonly guesses: Score[];
  /** The sketches on canvases, by id. */
  readonly sketches: Map<string, SketchInk>;
  /** Who was said to show what; null when taken back. */
  readonly confirmed: Map<string, string | null>;
  readonly closedCanvases: string[];
  readonly documents: MemoryCanvasDocuments;
  guest(): Promise<string>;
}

/** The names that the starter model knows, as far as these tests go. */
const STARTER_NAMES = ['cat', 'dog', 'house'];
const ALIASES: Readonly<Record<string, string>> = { kitty: 'cat' };

export function buildDomain(): BuiltDomain {
  const tables = new MemoryTables();
  const blobs = new MemoryBlobs();
  const announced: string[] = [];
  const forgotten: string[] = [];
  const guesses: Score[] = [];
  const sketches = new Map<string, SketchInk>();
  const confirmed = new Map<string, string | null>();
  const closedCanvases: string[] = [];
  const documents = new MemoryCanvasDocuments();
  const predictor = memoryPredictor(guesses, forgotten);
  const domain = createDomain({
    stores: memoryStores(tables),
    blobs,
    predictor,
    drawPicture: () => new Uint8Array([1]),
    announcer: memoryAnnouncer(announced),
    canvasInk: {
      findSketch: async (_, sketchId) => sketches.get(sketchId) ?? null,
      confirmSketch: async (_, sketchId, categoryId) => void confirmed.set(sketchId, categoryId),
    },
    openCanvases: { forgetCanvas: async (canvasId) => void closedCanvases.push(canvasId) },
    canvasDocuments: documents,
    canvasVersions: memoryCanvasVersions(tables),
  });
  const guest = async (): Promise<string> => (await domain.participants.welcomeGuest()).id;
  return {
    ...{ domain, tables, blobs, predictor, announced, forgotten, guesses, sketches },
    ...{ confirmed, closedCanvases, documents, guest },
  };
}

/** A sketch of one stroke from corner to corner. */
export function lineSketch(): StrokeColumns[] {
  return [
    [
      [0, 50, 100],
      [0, 20, 100],
    ],
  ];
}

export class MemoryBlobs implements BlobStore {
  readonly blobs = new Map<string, { readonly bytes: Uint8Array; readonly modifiedAt: Date }>();
  /** Keys with this ending cannot be written. */
  refusesEnding: string | null = null;
  /** When blobs are written, for the sweep. */
  now = new Date(0);

  async put(key: string, bytes: Uint8Array): Promise<void> {
    if (this.refusesEnding && key.endsWith(this.refusesEnding))
      throw new AppError('blobs.unavailable', 'The store is down.');
    this.blobs.set(key, { bytes, modifiedAt: this.now });
  }

  async get(key: string): Promise<Uint8Array | null> {
    return this.blobs.get(key)?.bytes ?? null;
  }

  async delete(key: string): Promise<void> {
    this.blobs.delete(key);
  }

  async list(prefix: string): Promise<{ key: string; modifiedAt: Date }[]> {
    return [...this.blobs]
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, { modifiedAt }]) => ({ key, modifiedAt }));
  }

  async check(): Promise<void> {
    return Promise.resolve();
  }
}

function memoryPredictor(guesses: readonly Score[], forgotten: string[]): Predictor {
  return {
    predict: async (_, asked) =>
      asked.map(() => ({
        modelVersion: null,
        label: guesses[0]?.name ?? null,
        scores: [...guesses],
        milliseconds: 0,
      })),
    embed: async (_, asked) =>
      asked.map(() => ({
        backboneId: 'backbone',
        raster: new Uint8Array(),
        embeddings: new Float32Array(),
      })),
    findStarterCategory: (name) => {
      const known = name.toLowerCase();
      return STARTER_NAMES.includes(known) ? known : (ALIASES[known] ?? null);
    },
    forget: (projectId) => void forgotten.push(projectId),
    assertServable: async () => undefined,
    exportOnnx: async () => new Uint8Array([0]),
  };
}

function memoryAnnouncer(announced: string[]): Announcer {
  return {
    categoriesChanged: () => void announced.push('category:changed'),
    exampleAdded: (_, count) => void announced.push(`example:added ${count}`),
    exampleRemoved: (_, count) => void announced.push(`example:removed ${count}`),
    followUpFailed: () => void announced.push('follow-up failed'),
  };
}

/** An id that nobody has. */
export function unknownId(): string {
  return randomUUID();
}
