import { AppError } from '../../shared/errors.ts';
import type { Confusion } from '../../shared/model-version.ts';
import type { ModelVersionRecord, ModelVersionStore } from '../domain/learning-ports.ts';
import type { Database } from './database.ts';
import { promoteVersion, selectVersions, toVersion } from './model-version-rows.ts';
import { positionBefore, toPage } from './page.ts';
import { isUuid } from './uuid.ts';

/** Model versions in Postgres; their weights are blobs. */
export function createModelVersionStore(database: Database): ModelVersionStore {
  return {
    find: (modelVersionId) => findVersion(database, 'version.id = $1', modelVersionId),
    list: async (projectId, page) => {
      const rows = await selectVersions(database, {
        where: 'version.project_id = $1 and version.position < $2',
        bind: [projectId, positionBefore(page)],
        limit: page.limit + 1,
      });
      return toPage(rows, page.limit, toVersion);
    },
    findPromoted: (projectId) =>
      findVersion(database, 'project.id = $1 and version.id = project.model_version_id', projectId),
    confusionOf: (modelVersionId) => findConfusion(database, modelVersionId),
    promote: async (modelVersionId) => {
      const isThere = isUuid(modelVersionId) && (await promoteVersion(database, modelVersionId));
      const version = isThere && (await findVersion(database, 'version.id = $1', modelVersionId));
      if (!version) {
        throw new AppError('model_version.unknown', 'There is no such model version.');
      }
      return toVersion(version);
    },
  };
}

async function findVersion(
  database: Database,
  where: string,
  id: string,
): Promise<ModelVersionRecord | null> {
  if (!isUuid(id)) return null;
  const [version] = await selectVersions(database, { where, bind: [id] });
  if (!version) return null;
  const { backboneId, backboneKey, headKey, snapshotKey } = version;
  return { ...toVersion(version), backboneId, backboneKey, headKey, snapshotKey };
}

async function findConfusion(
  { models }: Database,
  modelVersionId: string,
): Promise<Confusion | null> {
  if (!isUuid(modelVersionId)) return null;
  const attributes = ['categories', 'confusion'];
  const row = await models.modelVersion.findByPk(modelVersionId, { attributes });
  return row && { categories: row.categories, cells: row.confusion };
}
