import type { Sequelize, Transaction } from 'sequelize';
import { QueryTypes } from 'sequelize';
import type { UmzugStorage } from 'umzug';
import { Umzug } from 'umzug';
import { migrations } from '../../migrations/all.ts';
import type { Migration, MigrationContext } from '../../migrations/migration.ts';

/** Any number, the same on every server: who holds this lock migrates, the others wait. */
const MIGRATION_LOCK = 7_203_114;

/** Brings the schema up to date, all or nothing; resolves with the names of the steps taken. */
export function migrateUp(sequelize: Sequelize): Promise<string[]> {
  return inOneTransaction(sequelize, async (umzug) => {
    const taken = await umzug.up();
    return taken.map(({ name }) => name);
  });
}

/** Undoes every step, the newest first. */
export function migrateDown(sequelize: Sequelize): Promise<void> {
  return inOneTransaction(sequelize, async (umzug) => {
    await umzug.down({ to: 0 });
  });
}

function inOneTransaction<T>(
  sequelize: Sequelize,
  task: (umzug: Umzug<MigrationContext>) => Promise<T>,
): Promise<T> {
  return sequelize.transaction(async (transaction) => {
    await sequelize.query(`select pg_advisory_xact_lock(${MIGRATION_LOCK})`, { transaction });
    const context: MigrationContext = { query: (sql) => sequelize.query(sql, { transaction }) };
    return task(
      new Umzug({
        migrations: migrations.map((migration) => asStep(migration, context)),
        context,
        storage: await openStorage(sequelize, transaction),
        logger: undefined,
      }),
    );
  });
}

function asStep({ name, up, down }: Migration, context: MigrationContext) {
  return { name, up: () => up(context), down: () => down(context) };
}

/** Which steps are taken, kept in the same transaction as the steps. */
async function openStorage(
  sequelize: Sequelize,
  transaction: Transaction,
): Promise<UmzugStorage<MigrationContext>> {
  const table = 'schema_migrations';
  await sequelize.query(`create table if not exists ${table} (name text primary key)`, {
    transaction,
  });
  return {
    executed: async () => {
      const select = `select name from ${table} order by name`;
      const options = { transaction, type: QueryTypes.SELECT } as const;
      const rows = await sequelize.query<{ name: string }>(select, options);
      return rows.map(({ name }) => name);
    },
    logMigration: async ({ name }) => {
      await sequelize.query(`insert into ${table} values ($1)`, { bind: [name], transaction });
    },
    unlogMigration: async ({ name }) => {
      await sequelize.query(`delete from ${table} where name = $1`, { bind: [name], transaction });
    },
  };
}
