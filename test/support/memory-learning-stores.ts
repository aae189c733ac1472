import { randomUUID } from 'node:crypto';
import type { Stores } from '../../server/domain/domain.ts';
import type { RunRequest } from '../../server/domain/learning-ports.ts';
import type { ExampleRecord, ProjectRecord } from '../../server/domain/ports.ts';
import type { TrainingData } from '../../shared/training-strategy.ts';
import { INITIAL_PROGRESS } from '../../shared/training-run.ts';
import type { MemoryTables, RequestedRun } from './memory-tables.ts';
import { getFrom, now, ofProject, onePage, put } from './memory-tables.ts';

/** Training runs over plain maps. */
export function trainingRunStore(tables: MemoryTables): Stores['trainingRuns'] {
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
  const isRebuild = request.rebuildOf !== null;
  const queued = ofProject(trainingRuns, request.projectId).find(
    ({ state, rebuildOf }) => state === 'queued' && (rebuildOf !== null) === isRebuild,
  );
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

/** Model versions over plain maps. */
export function modelVersionStore({
  modelVersions,
  projects,
}: MemoryTables): Stores['modelVersions'] {
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
