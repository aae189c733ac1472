import type { Pool, PoolClient } from 'pg';

/** Runs the task in a transaction of the given mode: all of it happens, or nothing. */
export async function inTransaction<T>(
  pool: Pool,
  mode: string,
  task: (client: PoolClient) => Promise<T>,
): Promise<T> {
  const client = await pool.connect();
  let failure: Error | undefined;
  try {
    await client.query(`begin ${mode}`);
    const result = await task(client);
    await client.query('commit');
    return result;
  } catch (error) {
    await client.query('rollback').catch((broken: Error) => {
      failure = broken;
    });
    throw error;
  } finally {
    // A connection that cannot even roll back is thrown away.
    client.release(failure);
  }
}
