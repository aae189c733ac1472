import type { Transaction } from 'sequelize';
import { QueryTypes } from 'sequelize';
import type { Hyperparameters } from '../../shared/hyperparameters.ts';
import type { ModelMetrics, ModelVersion, PromotionReason } from '../../shared/model-version.ts';
import type { TrainingData } from '../../shared/training-strategy.ts';
import type { ModelVersionRecord } from '../domain/learning-ports.ts';
import { CHANNELS } from './database-news.ts';
import type { Database } from './database.ts';

interface ModelVersionRow {
  readonly id: string;
  readonly position: string;
  readonly projectId: string;
  readonly number: number;
  readonly layers: string;
  readonly trainingRunId: string | null;
  readonly isPromoted: boolean;
  readonly hyperparameters: Hyperparameters;
  readonly data: TrainingData;
  readonly promotionReason: PromotionReason;
  readonly backboneId: string;
  readonly backboneKey: string | null;
  readonly headKey: string;
  readonly snapshotKey: string | null;
  readonly categories: { id: string; name: string }[];
  readonly metrics: ModelMetrics;
  readonly createdAt: Date;
}

/** A version with its place in lists. */
type PlacedVersion = ModelVersionRecord & { readonly position: string };

/** The versions that match a condition on `version` and its `project`, newest first. */
export async function selectVersions(
  { sequelize }: Database,
  query: {
    readonly where: string;
    readonly bind: readonly unknown[];
    readonly limit?: number;
    readonly transaction?: Transaction;
  },
): Promise<PlacedVersion[]> {
  const { where, bind, limit = 1, transaction } = query;
  const rows = await sequelize.query<ModelVersionRow>(
    `select version.id, version.position, version.project_id as "projectId", version.number,
       version.layers, version.training_run_id as "trainingRunId",
       project.model_version_id is not distinct from version.id as "isPromoted",
       version.hyperparameters, version.data, version.promotion_reason as "promotionReason",
       version.backbone_id as "backboneId", version.backbone_key as "backboneKey",
       version.head_key as "headKey", version.snapshot_key as "snapshotKey", version.categories,
       version.metrics, version.created_at as "createdAt"
     from model_versions version join projects project on project.id = version.project_id
     where ${where} order by version.position desc limit ${limit}`,
    { bind: [...bind], type: QueryTypes.SELECT, ...(transaction && { transaction }) },
  );
  return rows.map((row) => ({ ...row, createdAt: row.createdAt.toISOString() }));
}

/** Makes it its project's served version and tells every server; false where there is none. */
export async function promoteVersion(
  { sequelize }: Database,
  modelVersionId: string,
  transaction?: Transaction,
): Promise<boolean> {
  const promoted = await sequelize.query(
    `with promoted as (
       update projects set model_version_id = version.id, promoted_at = now()
       from model_versions version
       where version.id = $1 and projects.id = version.project_id
       returning projects.id, projects.model_version_id
     )
     select pg_notify('${CHANNELS.modelVersionPromoted}', id::text || ' ' || model_version_id::text)
     from promoted`,
    { bind: [modelVersionId], type: QueryTypes.SELECT, ...(transaction && { transaction }) },
  );
  return promoted.length > 0;
}

/** Without what only servers need to know. */
export function toVersion(row: ModelVersionRecord): ModelVersion {
  return {
    id: row.id,
    projectId: row.projectId,
    number: row.number,
    layers: row.layers,
    hyperparameters: row.hyperparameters,
    data: row.data,
    trainingRunId: row.trainingRunId,
    isPromoted: row.isPromoted,
    promotionReason: row.promotionReason,
    categories: row.categories,
    metrics: row.metrics,
    createdAt: row.createdAt,
  };
}
