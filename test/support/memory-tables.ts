import type { ModelVersionRecord } from '../../server/domain/learning-ports.ts';
import type {
  CategoryRecord,
  ExampleRecord,
  PageOf,
  ProjectRecord,
} from '../../server/domain/ports.ts';
import type { Feedback } from '../../shared/feedback.ts';
import type { Participant, Role } from '../../shared/participant.ts';
import type { Canvas } from '../../shared/project.ts';
import type { TrainingRun } from '../../shared/training-run.ts';

/** Everything that was stored, for tests of the domain without a database. */
export class MemoryTables {
  readonly participants = new Map<string, Participant>();
  readonly projects = new Map<string, ProjectRecord>();
  readonly roles = new Map<string, Role>();
  readonly canvases = new Map<string, Canvas>();
  readonly categories = new Map<string, CategoryRecord>();
  readonly examples = new Map<string, StoredExample>();
  readonly feedback = new Map<string, Feedback>();
  readonly trainingRuns = new Map<string, RequestedRun>();
  /** By project: when its dataset changed without a run, in the order of things. */
  readonly changedOrders = new Map<string, number>();
  readonly modelVersions = new Map<string, ModelVersionRecord>();
  /** True: rows of examples cannot be written. */
  refusesExamples = false;
  /** When runs are requested, for schedules. */
  now = new Date(0);
  #order = 0;

  /** Rises with everything that is stored: time, for lists and counts. */
  next(): number {
    return (this.#order += 1);
  }
}

/** An example with what only its table knows of it. */
type StoredExample = ExampleRecord & {
  readonly createdOrder: number;
  readonly contentHash: string;
};

/** A run, and when and by whom it was asked for. */
export type RequestedRun = TrainingRun & {
  readonly requestedOrder: number;
  readonly requestedAt: Date;
  readonly isAutomatic: boolean;
};

/** Time stands still. */
export const now = (): string => new Date(0).toISOString();

/** Stores a row under its id. */
export function put<T extends { readonly id: string }>(table: Map<string, T>, row: T): T {
  table.set(row.id, row);
  return row;
}

/** The row that must be there. */
export function getFrom<T>(table: ReadonlyMap<string, T>, id: string): T {
  const row = table.get(id);
  if (row === undefined) throw new Error(`No row ${id}.`);
  return row;
}

/** The rows of a project, in order of creation. */
export function ofProject<T extends { readonly projectId: string }>(
  table: ReadonlyMap<string, T>,
  projectId: string,
): T[] {
  return [...table.values()].filter((row) => row.projectId === projectId);
}

/** A list that fits one page. */
export function onePage<T>(items: readonly T[]): PageOf<T> {
  return { items: [...items], nextCursor: null };
}
