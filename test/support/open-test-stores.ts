import type { Database } from '../../server/store/database.ts';
import { openDatabase } from '../../server/store/database.ts';
import type { Stores } from '../../server/store/stores.ts';
import { openStores } from '../../server/store/stores.ts';
import { createTestDatabase } from './database.ts';

/** The stores on a real, empty database of a test's own. */
export interface TestStores {
  readonly database: Database;
  readonly stores: Stores;
  /** Closes the connections and removes the database. */
  close(): Promise<void>;
}

export async function openTestStores(): Promise<TestStores> {
  const { url, drop } = await createTestDatabase();
  const database = await openDatabase(url);
  return {
    database,
    stores: openStores(database),
    close: async () => {
      await database.close();
      await drop();
    },
  };
}
