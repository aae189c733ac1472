import { randomUUID } from 'node:crypto';
import type { Stores } from '../../server/domain/domain.ts';
import type { ModelVersionRecord, RunRequest } from '../../server/domain/learning-ports.ts';
import type {
  CategoryRecord,
  ExampleRecord,
  NewExample,
  PageOf,
  ProjectRecord,
} from '../../server/domain/ports.ts';
import { AppError } from '../../shared/errors.ts';
import { givenOf } from '../../shared/given.ts';
import type { Feedback } from '../../shared/feedback.ts';
import type { Participant, Role } from '../../shared/participant.ts';
import type { Canvas } from '../../shared/project.ts';
import type { TrainingData } from '../../shared/training-strategy.ts';
import { DEFAULT_STRATEGY } from '../../shared/training-strategy.ts';
import type { TrainingRun } from '../../shared/training-run.ts';
import { INITIAL_PROGRESS } from '../../shared/training-run.ts';

/** Everything that was stored, for tests of the domain without a database. */
export class MemoryTables {
  readonly participants = new Map<string, Participant>();
  readonly projects = new Map<string, ProjectRecord>();
  readonly roles = new Map<string, Role>();
  readonly canvases = new Map<string, Canvas>();
  readonly categories = new Map<string, CategoryRecord>();
  readonly examples = new Map<string, ExampleRecord & { readonly createdOrder: number }>();
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

type RequestedRun = TrainingRun & {
  readonly requestedOrder: number;
  readonly requestedAt: Date;
  readonly isAutomatic: boolean;
};

const now = (): string => new Date(0).toISOString();

/** The stores of the domain over plain maps. */
export function memoryStores(tables: MemoryTables): Stores {
  return {
    participants: participantStore(tables),
    projects: projectStore(tables),
    canvases: canvasStore(tables),
    categories: categoryStore(tables),
    examples: exampleStore(tables),
    feedback: feedbackStore(tables),
    trainingRuns: trainingRunStore(tables),
    modelVersions: modelVersionStore(tables),
  };
}

function participantStore({ participants }: MemoryTables): Stores['participants'] {
  return {
    create: async (given) => put(participants, { ...given, id: randomUUID() }),
    find: async (id) => participants.get(id) ?? null,
    update: async (id, change) => put(participants, { ...getFrom(participants, id), ...change }),
  };
}

function projectStore(tables: MemoryTables): Stores['projects'] {
  const { projects, roles, canvases } = tables;
  const key = (projectId: string, participantId: string): string => `${projectId} ${participantId}`;
  const findBy = (is: (project: ProjectRecord) => boolean): ProjectRecord | null =>
    [...projects.values()].find(is) ?? null;
  return {
    create: async ({ name, isPlayground, ownerId, ownerToken, canvas }) => {
      const id = randomUUID();
      if (ownerId) roles.set(key(id, ownerId), 'owner');
      put(canvases, { id: randomUUID(), projectId: id, ...canvas, createdAt: now() });
      const strategy = DEFAULT_STRATEGY;
      return put(projects, {
        ...{ id, name, isPlayground, ownerToken, strategy },
        ...{ modelVersionId: null, createdAt: now() },
      });
    },
    find: async (id) => projects.get(id) ?? null,
    findPlayground: async () => findBy(({ isPlayground }) => isPlayground),
    findByOwnerToken: async (token) => findBy(({ ownerToken }) => ownerToken === token),
    list: async (participantId) =>
      onePage(
        [...projects.values()].filter(
          ({ id, isPlayground }) => isPlayground || roles.has(key(id, participantId)),
        ),
      ),
    update: async (id, { name, strategy }) =>
      put(projects, {
        ...getFrom(projects, id),
        ...(name !== undefined && { name }),
        strategy: { ...getFrom(projects, id).strategy, ...givenOf(strategy ?? {}) },
      }),
    remove: async (id) => void projects.delete(id),
    roleOf: async (projectId, participantId) => roles.get(key(projectId, participantId)) ?? null,
    grantRole: async (projectId, participantId, role) =>
      void roles.set(key(projectId, participantId), role),
  };
}

function canvasStore({ canvases }: MemoryTables): Stores['canvases'] {
  return {
    create: async (given) => put(canvases, { ...given, id: randomUUID(), createdAt: now() }),
    find: async (id) => canvases.get(id) ?? null,
    list: async (projectId) => onePage(ofProject(canvases, projectId)),
  };
}

function categoryStore({ categories, examples }: MemoryTables): Stores['categories'] {
  const counted = (category: CategoryRecord): CategoryRecord => ({
    ...category,
    preTaught: category.starterName !== null,
    examples: [...examples.values()].filter(
      ({ categoryId, isDeleted }) => categoryId === category.id && !isDeleted,
    ).length,
  });
  return {
    create: async ({ projectId, name, starterName }) => {
      const isTaken = ofProject(categories, projectId).some(
        (other) => other.name.toLowerCase() === name.toLowerCase(),
      );
      if (isTaken) throw new AppError('category.name_taken', 'Taken.');
      const id = randomUUID();
      const rest = { preTaught: starterName !== null, examples: 0, createdAt: now() };
      return put(categories, { id, projectId, name, starterName, ...rest });
    },
    find: async (id) => {
      const category = categories.get(id);
      return category ? counted(category) : null;
    },
    list: async (projectId) => ofProject(categories, projectId).map(counted),
    update: async (id, { name, starterName }) =>
      counted(
        put(categories, {
          ...getFrom(categories, id),
          ...(name !== undefined && { name }),
          ...(starterName !== undefined && { starterName }),
        }),
      ),
    remove: async (id) => {
      categories.delete(id);
      for (const example of examples.values())
        if (example.categoryId === id) examples.delete(example.id);
    },
  };
}

function exampleStore(tables: MemoryTables): Stores['examples'] {
  const { examples } = tables;
  const live = (projectId: string) =>
    ofProject(examples, projectId).filter(({ isDeleted }) => !isDeleted);
  return {
    add: async (given) => {
      if (tables.refusesExamples) throw new AppError('database.unavailable', 'Down.');
      return given.map((example) => put(examples, recordOf(example, tables.next())));
    },
    find: async (id) => examples.get(id) ?? null,
    list: async (projectId) => onePage(live(projectId)),
    update: async (id, { categoryId, isDeleted }) =>
      put(examples, {
        ...getFrom(examples, id),
        ...(categoryId !== undefined && { categoryId }),
        ...(isDeleted !== undefined && { isDeleted }),
      }),
    embeddings: async () => [],
    dataset: async (projectId) => ofProject(examples, projectId),
    embeddingsOf: async () => [],
    addEmbeddings: async () => undefined,
    removeEmbeddings: async () => undefined,
    countSince: async (projectId, since) =>
      live(projectId).filter(({ createdOrder }) => createdOrder > Number(since ?? 0)).length,
    unreferencedBlobKeys: async (keys) => {
      const used = new Set(
        [...examples.values()].flatMap(({ strokesKey, imageKey }) => [strokesKey, imageKey]),
      );
      return keys.filter((key) => !used.has(key));
    },
  };
}

function recordOf(
  example: NewExample,
  createdOrder: number,
): ExampleRecord & { readonly createdOrder: number } {
  const { id, projectId, categoryId, authorId, source, canvasId, sketchId } = example;
  const { strokesKey, imageKey } = example;
  return {
    ...{ id, projectId, categoryId, authorId, source, canvasId, sketchId },
    ...{ strokesKey, imageKey, split: 'train', createdAt: now(), isDeleted: false, createdOrder },
  };
}

function feedbackStore({ feedback }: MemoryTables): Stores['feedback'] {
  return {
    add: async (given) => put(feedback, { ...given, id: randomUUID(), createdAt: now() }),
    find: async (id) => feedback.get(id) ?? null,
    remove: async (id) => void feedback.delete(id),
  };
}

function trainingRunStore(tables: MemoryTables): Stores['trainingRuns'] {
  const { trainingRuns } = tables;
  const newestOf = (projectId: string): RequestedRun | undefined =>
    ofProject(trainingRuns, projectId)
      .filter(({ state, rebuildOf }) => state !== 'cancelled' && rebuildOf === null)
      .sort((a, b) => b.requestedOrder - a.requestedOrder)[0];
  return {
    request: async (request) => requestRun(tables, request, false),
    requestByStrategy: async (request, notSince) => {
      const isSince = ({ requestedAt }: RequestedRun): boolean =>
        notSince !== undefined && requestedAt > notSince;
      if (ofProject(trainingRuns, request.projectId).some(isSince)) return null;
      return requestRun(tables, request, true);
    },
    find: async (id) => trainingRuns.get(id) ?? null,
    list: async (projectId) => onePage(ofProject(trainingRuns, projectId)),
    cancel: async (id) => {
      const run = getFrom(trainingRuns, id);
      if (run.state !== 'queued' && run.state !== 'running') return null;
      return put(trainingRuns, { ...run, state: 'cancelled' as const });
    },
    lastRequestedAt: async (projectId) => {
      const newest = newestOf(projectId);
      return newest ? String(newest.requestedOrder) : null;
    },
    teachable: async (projectId, data) =>
      ofProject(tables.categories, projectId).map(({ id, name, starterName }) => ({
        ...{ name, preTaught: starterName !== null },
        examples: ofProject(tables.examples, projectId).filter(
          (example) => example.categoryId === id && isLearntFrom(example, data),
        ).length,
      })),
    datasetChanged: async (projectId) => void tables.changedOrders.set(projectId, tables.next()),
    dueOnSchedule: async (at) =>
      [...tables.projects.values()].filter((p) => isDue(tables, p, at)).map(({ id }) => id),
  };
}

function requestRun(tables: MemoryTables, request: RunRequest, isAutomatic: boolean): RequestedRun {
  const { trainingRuns } = tables;
  const queued = ofProject(trainingRuns, request.projectId).find(({ state }) => state === 'queued');
  const requested = { requestedOrder: tables.next(), requestedAt: tables.now };
  if (queued && isAutomatic && !queued.isAutomatic)
    return put(trainingRuns, { ...queued, ...requested });
  if (queued) return put(trainingRuns, { ...queued, ...request, ...requested, isAutomatic });
  return put(trainingRuns, {
    ...{ id: randomUUID(), ...request, state: 'queued', progress: INITIAL_PROGRESS },
    ...{ modelVersionId: null, reason: null, createdAt: now(), finishedAt: null },
    ...{ ...requested, isAutomatic },
  });
}

/** Without a time, all examples are new. */
function isLearntFrom(
  { split, isDeleted, source, authorId }: ExampleRecord,
  data: TrainingData,
): boolean {
  if (split !== 'train' || isDeleted) return false;
  if (data.kind === 'sources') return data.sources.includes(source);
  return data.kind !== 'authors' || data.authorIds.includes(authorId ?? '');
}

function isDue(tables: MemoryTables, { id, strategy }: ProjectRecord, at: Date): boolean {
  const { when } = strategy;
  if (when.kind !== 'on_schedule') return false;
  const runs = ofProject(tables.trainingRuns, id);
  const since = Math.max(0, ...runs.map(({ requestedOrder }) => requestedOrder));
  const isLong = runs.every(
    ({ requestedAt }) => at.getTime() - requestedAt.getTime() >= when.everyMinutes * 60_000,
  );
  return isLong && (runs.length === 0 || (tables.changedOrders.get(id) ?? 0) > since);
}

function modelVersionStore({ modelVersions, projects }: MemoryTables): Stores['modelVersions'] {
  return {
    find: async (id) => modelVersions.get(id) ?? null,
    list: async (projectId) => onePage(ofProject(modelVersions, projectId)),
    findPromoted: async (projectId) => {
      const { modelVersionId } = getFrom(projects, projectId);
      return modelVersionId ? getFrom(modelVersions, modelVersionId) : null;
    },
    confusionOf: async (id) => ({ categories: getFrom(modelVersions, id).categories, cells: [] }),
    promote: async (id) => {
      const version = getFrom(modelVersions, id);
      put(projects, { ...getFrom(projects, version.projectId), modelVersionId: id });
      return { ...version, isPromoted: true };
    },
  };
}

function put<T extends { readonly id: string }>(table: Map<string, T>, row: T): T {
  table.set(row.id, row);
  return row;
}

function getFrom<T>(table: ReadonlyMap<string, T>, id: string): T {
  const row = table.get(id);
  if (row === undefined) throw new Error(`No row ${id}.`);
  return row;
}

function ofProject<T extends { readonly projectId: string }>(
  table: ReadonlyMap<string, T>,
  projectId: string,
): T[] {
  return [...table.values()].filter((row) => row.projectId === projectId);
}

function onePage<T>(items: readonly T[]): PageOf<T> {
  return { items: [...items], nextCursor: null };
}
