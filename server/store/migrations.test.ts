import { afterEach, describe, expect, test } from 'vitest';
import { createEmptyDatabase } from '../../test/support/database.ts';
import { waitingRebuilds } from '../../migrations/202611301130-waiting-rebuilds.ts';
import { migrations } from '../../migrations/all.ts';
import type { Database } from './database.ts';
import { openDatabase } from './database.ts';

describe('the migrations', () => {
  const undo: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const step of undo.splice(0).reverse()) await step();
  });

  async function open(url: string): Promise<Database> {
    const database = await openDatabase(url);
    undo.push(() => database.close());
    return database;
  }

  async function createEmpty(): Promise<string> {
    const { url, drop } = await createEmptyDatabase();
    undo.push(drop);
    return url;
  }

  test('are taken once when two servers start at once', async () => {
    const url = await createEmpty();
    const [one, two] = [await open(url), await open(url)];
    const taken = await Promise.all([one.migrate(), two.migrate()]);
    expect(taken.map((names) => names.length).sort()).toEqual([0, migrations.length]);
    expect(taken.flat()).toEqual(migrations.map(({ name }) => name));
  });

  test('can be undone and taken again', async () => {
    const database = await open(await createEmpty());
    await database.migrate();
    await database.migrateDown();
    const left = await database.pool.query<{ name: string }>(
      "select table_name as name from information_schema.tables where table_schema = 'public'",
    );
    expect(left.rows).toEqual([{ name: 'schema_migrations' }]);
    expect(await database.migrate()).toHaveLength(migrations.length);
  });

  test('can be undone while a rebuild and another run of a project wait', async () => {
    const database = await open(await createEmpty());
    await database.migrate();
    await database.pool.query(`
      with project as (
        insert into projects (name, is_playground, owner_token, strategy)
        values ('Shapes', false, 'token', '{}') returning id
      ), version as (
        insert into model_versions
          (project_id, number, layers, backbone_id, head_key, categories, metrics)
        select id, 1, 'head', 'b', 'heads/1', '[]', '{}' from project returning id
      )
      insert into training_runs (project_id, layers, hyperparameters, progress, rebuild_of)
      select project.id, 'head', '{}', '{}', rebuild.of
      from project, (select id as of from version union all select null) rebuild`);
    const context = { query: (sql: string) => database.pool.query(sql) };
    await waitingRebuilds.down(context);
    const runs = await database.pool.query(
      'select state, rebuild_of is not null as "isRebuild" from training_runs order by state',
    );
    expect(runs.rows).toEqual([
      { state: 'cancelled', isRebuild: true },
      { state: 'queued', isRebuild: false },
    ]);
    await waitingRebuilds.up(context);
  });

  test('leave nothing behind when one of them fails', async () => {
    const database = await open(await createEmpty());
    // The third step fails on this table, which is not ours.
    await database.pool.query('create table embeddings (id int)');
    await expect(database.migrate()).rejects.toThrow('embeddings');
    const projects = await database.pool.query("select to_regclass('projects') as found");
    expect(projects.rows).toEqual([{ found: null }]);
  });

  test('index every column that points to another table', async () => {
    const database = await open(await createEmpty());
    await database.migrate();
    const unindexed = await database.pool.query(`
      select conrelid::regclass::text as "table", attname as "column"
      from pg_constraint join pg_attribute on attrelid = conrelid and attnum = conkey[1]
      where contype = 'f' and not exists (
        select 1 from pg_index where indrelid = conrelid and indkey[0] = conkey[1] and indpred is null
      )`);
    expect(unindexed.rows).toEqual([]);
  });
});
