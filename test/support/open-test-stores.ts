import { randomUUID } from 'node:crypto';
import type { Database } from '../../server/store/database.ts';
import { openDatabase } from '../../server/store/database.ts';
import type { Stores } from '../../server/store/stores.ts';
import { openStores } from '../../server/store/stores.ts';
import { createTestDatabase } from './database.ts';

/** The stores on a real, empty database of a test's own. */
export interface TestStores {
  readonly database: Database;
  readonly stores: Stores;
  /** A project of nobody's, with one canvas; its id. */
  createProject(name?: string): Promise<string>;
  /** Closes the connections and removes the database. */
  close(): Promise<void>;
}

export async function openTestStores(): Promise<TestStores> {
  const { url, drop } = await createTestDatabase();
  const database = await openDatabase(url);
  const stores = openStores(database);
  return {
    database,
    stores,
    createProject: async (name = 'Shapes') => {
      const owner = { isPlayground: false, ownerId: null, ownerToken: randomUUID() };
      const canvas = { name: 'Canvas', mode: 'free' } as const;
      return (await stores.projects.create({ name, ...owner, canvas })).id;
    },
    close: async () => {
      await database.close();
      await drop();
    },
  };
}
