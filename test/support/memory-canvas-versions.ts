import { randomUUID } from 'node:crypto';
import type {
  CanvasDocuments,
  CanvasState,
  CanvasVersionStore,
  NewCanvasVersion,
} from '../../server/domain/ports.ts';
import type { CanvasVersion } from '../../shared/canvas-version.ts';
import { AppError } from '../../shared/errors.ts';
import { MAX_VERSIONS_PER_CANVAS } from '../../shared/limits.ts';
import type { MemoryTables } from './memory-tables.ts';
import { getFrom, now, onePage } from './memory-tables.ts';

interface Row {
  readonly version: CanvasVersion;
  readonly isAutomatic: boolean;
  readonly bytes: Uint8Array;
}

/** Versions of canvases over a plain map. */
export function memoryCanvasVersions({ canvases, participants }: MemoryTables): CanvasVersionStore {
  const rows = new Map<string, Row>();
  const ofCanvas = (canvasId: string): Row[] =>
    [...rows.values()].filter(({ version }) => version.canvasId === canvasId);
  return {
    create: async (given) => {
      if (!canvases.has(given.canvasId)) throw new AppError('canvas.unknown', 'Gone.');
      makePlace(rows, ofCanvas(given.canvasId), given.isAutomatic);
      const { canvasId, name, isAutomatic, state } = given;
      const version: CanvasVersion = {
        ...{ id: randomUUID(), canvasId, name, strokes: state.strokes, createdAt: now() },
        createdBy: authorOf(given, participants),
      };
      rows.set(version.id, { version, isAutomatic, bytes: state.bytes });
      return version;
    },
    find: async (id) => rows.get(id)?.version ?? null,
    list: async (canvasId) =>
      onePage(
        ofCanvas(canvasId)
          .map(({ version }) => version)
          .reverse(),
      ),
    readState: async (id) => {
      const row = rows.get(id);
      if (!row) throw new AppError('canvas_version.unknown', 'Gone.');
      return row.bytes;
    },
    remove: async (id) => void rows.delete(id),
  };
}

function makePlace(rows: Map<string, Row>, ofCanvas: readonly Row[], isAutomatic: boolean): void {
  if (ofCanvas.length < MAX_VERSIONS_PER_CANVAS) return;
  const oldest = isAutomatic ? ofCanvas.find((row) => row.isAutomatic) : undefined;
  if (!oldest) throw new AppError('canvas_version.too_many', 'Full.');
  rows.delete(oldest.version.id);
}

function authorOf(
  { createdBy }: NewCanvasVersion,
  participants: MemoryTables['participants'],
): CanvasVersion['createdBy'] {
  if (createdBy === null) return null;
  return { participantId: createdBy, nickname: getFrom(participants, createdBy).nickname };
}

/** Documents that are one number each: what a canvas shows. */
export class MemoryCanvasDocuments implements CanvasDocuments {
  readonly shown = new Map<string, number>();
  readonly renewed: string[] = [];

  async capture(canvasId: string): Promise<CanvasState> {
    const strokes = this.shown.get(canvasId) ?? 0;
    return { bytes: Uint8Array.of(strokes), strokes };
  }

  async restore(
    canvasId: string,
    state: Uint8Array,
    keep: (before: CanvasState) => Promise<void>,
  ): Promise<void> {
    await keep(await this.capture(canvasId));
    this.shown.set(canvasId, state[0] ?? 0);
  }

  async renew(canvasId: string, keep: (before: CanvasState) => Promise<void>): Promise<void> {
    await keep(await this.capture(canvasId));
    this.renewed.push(canvasId);
  }
}
