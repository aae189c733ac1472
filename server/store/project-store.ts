import { QueryTypes } from 'sequelize';
import { AppError } from '../../shared/errors.ts';
import type { Role } from '../../shared/participant.ts';
import { Role as RoleSchema } from '../../shared/participant.ts';
import type { TrainingStrategy } from '../../shared/training-strategy.ts';
import { DEFAULT_STRATEGY } from '../../shared/training-strategy.ts';
import type {
  Grant,
  NewProject,
  PageOf,
  PageRequest,
  ProjectRecord,
  ProjectStore,
} from '../domain/ports.ts';
import type { Whereabouts } from '../domain/standing.ts';
import type { Database } from './database.ts';
import type { ProjectModel } from './models/project-model.ts';
import { positionBefore, toPage } from './page.ts';
import { givenOf } from '../../shared/given.ts';
import { isUuid } from './uuid.ts';

/** Projects and the roles in them, in Postgres. */
export function createProjectStore(database: Database): ProjectStore {
  const { models } = database;
  const presentOrNull = (row: ProjectModel | null): ProjectRecord | null => row && present(row);
  return {
    create: (project) => createProject(database, project),
    find: async (projectId) => {
      if (!isUuid(projectId)) return null;
      return presentOrNull(await models.project.findByPk(projectId));
    },
    findPlayground: async () =>
      presentOrNull(await models.project.findOne({ where: { isPlayground: true } })),
    findByOwnerToken: async (ownerToken) =>
      presentOrNull(await models.project.findOne({ where: { ownerToken } })),
    list: (participantId, page) => listProjects(database, participantId, page),
    update: (projectId, change) => updateProject(database, projectId, change),
    remove: async (projectId) => {
      const removed = isUuid(projectId)
        ? await models.project.destroy({ where: { id: projectId } })
        : 0;
      if (removed === 0) throw unknownProject();
    },
    roleOf: async (projectId, participantId) => {
      if (!isUuid(projectId) || !isUuid(participantId)) return null;
      const row = await models.projectRole.findOne({ where: { projectId, participantId } });
      return row?.role ?? null;
    },
    grantRole: (projectId, participantId, role) =>
      grantRole(database, { projectId, participantId, role }),
    setRole: async (projectId, participantId, role) => {
      const key = { projectId, participantId };
      if (role) await models.projectRole.upsert({ ...key, role });
      else await models.projectRole.destroy({ where: key });
    },
    grantsOf: (whereabouts) => readGrants(database, whereabouts),
  };
}

/**
 * There is one Playground: when two servers make it at the same time, both get the one that came
 * first.
 */
async function createProject(
  { sequelize, models }: Database,
  { canvas, ownerId, ...project }: NewProject,
): Promise<ProjectRecord> {
  const row = await sequelize.transaction(async (transaction) => {
    const [created] = await sequelize.query<{ id: string }>(
      `insert into projects (name, is_playground, owner_token, strategy)
       values ($1, $2, $3, $4) on conflict (is_playground) where is_playground do nothing
       returning id`,
      {
        bind: [
          project.name,
          project.isPlayground,
          project.ownerToken,
          JSON.stringify(DEFAULT_STRATEGY),
        ],
        type: QueryTypes.SELECT,
        transaction,
      },
    );
    const projectId = created?.id;
    if (!projectId) return models.project.findOne({ where: { isPlayground: true }, transaction });
    await models.canvas.create({ projectId, ...canvas }, { transaction });
    if (ownerId !== null) {
      const owner = { projectId, participantId: ownerId, role: 'owner' } as const;
      await models.projectRole.create(owner, { transaction });
    }
    return models.project.findByPk(projectId, { transaction });
  });
  if (!row) throw unknownProject();
  return present(row);
}

/** One statement: of changes of a strategy that come at the same time, none undoes another. */
async function updateProject(
  { sequelize, models }: Database,
  projectId: string,
  { name, strategy }: Parameters<ProjectStore['update']>[1],
): Promise<ProjectRecord> {
  if (!isUuid(projectId)) throw unknownProject();
  await sequelize.query(
    `update projects set name = coalesce($2, name), strategy = strategy || $3::jsonb where id = $1`,
    { bind: [projectId, name ?? null, JSON.stringify(givenOf(strategy ?? {}))] },
  );
  const row = await models.project.findByPk(projectId);
  if (!row) throw unknownProject();
  return present(row);
}

interface ProjectRow {
  readonly id: string;
  readonly position: string;
  readonly name: string;
  readonly isPlayground: boolean;
  readonly ownerToken: string;
  readonly strategy: TrainingStrategy;
  readonly modelVersionId: string | null;
  readonly createdAt: Date;
}

/** The Playground's place in lists is the largest position but one, so it stands first. */
async function listProjects(
  { sequelize }: Database,
  participantId: string,
  page: PageRequest,
): Promise<PageOf<ProjectRecord>> {
  const rows = await sequelize.query<ProjectRow>(
    `select * from (
       select id, name, is_playground as "isPlayground", owner_token as "ownerToken", strategy,
         model_version_id as "modelVersionId", created_at as "createdAt",
         case when is_playground then 9223372036854775806 else position end as position
       from projects where is_playground
         or id in (select project_id from project_roles where participant_id = $1)
     ) mine
     where position < $2 order by position desc limit $3`,
    { bind: [participantId, positionBefore(page), page.limit + 1], type: QueryTypes.SELECT },
  );
  return toPage(rows, page.limit, present);
}

/** From the most to the least that a role may do. */
const ROLES = RoleSchema.options;

async function grantRole(
  { sequelize }: Database,
  grant: { projectId: string; participantId: string; role: Role },
): Promise<void> {
  await sequelize.query(
    `insert into project_roles as present (project_id, participant_id, role) values ($1, $2, $3)
     on conflict (project_id, participant_id) do update set role = excluded.role
     where array_position($4::text[], excluded.role) < array_position($4::text[], present.role)`,
    { bind: [grant.projectId, grant.participantId, grant.role, ROLES] },
  );
}

/** One statement for however many: it runs for everybody who is connected. */
async function readGrants(
  { sequelize }: Database,
  whereabouts: readonly Whereabouts[],
): Promise<(Grant | null)[]> {
  const places = whereabouts.map(({ place }) => place);
  const rows = await sequelize.query<Grant | { readonly projectId: null }>(
    `select p.id as "projectId", p.is_playground as "isPlayground", r.role
     from unnest($1::uuid[], $2::uuid[], $3::uuid[]) with ordinality
       as asked (canvas_id, project_id, participant_id, nth)
     left join canvases c on c.id = asked.canvas_id
     left join projects p on p.id = coalesce(asked.project_id, c.project_id)
     left join project_roles r
       on r.project_id = p.id and r.participant_id = asked.participant_id
     order by asked.nth`,
    {
      bind: [
        places.map((place) => ('canvasId' in place ? place.canvasId : null)),
        places.map((place) => ('projectId' in place ? place.projectId : null)),
        whereabouts.map(({ participantId }) => participantId),
      ],
      type: QueryTypes.SELECT,
    },
  );
  return rows.map((row) => (row.projectId === null ? null : row));
}

function present(row: Omit<ProjectRow, 'position'>): ProjectRecord {
  return {
    id: row.id,
    name: row.name,
    isPlayground: row.isPlayground,
    ownerToken: row.ownerToken,
    strategy: row.strategy,
    modelVersionId: row.modelVersionId,
    createdAt: row.createdAt.toISOString(),
  };
}

function unknownProject(): AppError {
  return new AppError('project.unknown', 'There is no such project.');
}
