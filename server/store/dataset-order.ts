/**
 * Whether a run has seen an example is told by two times: when the example joined the dataset, and
 * when the run was asked for. Both are written while the project is locked, so that a batch is there
 * before the request, for the run to see, or is counted as new after it.
 */
import type { Transaction } from 'sequelize';
import type { Database } from './database.ts';

/**
 * Until the transaction ends nobody else adds examples to the project, asks for a run of it or ends
 * one. It comes before every other lock, so that no two wait for each other. What is to be seen of
 * those who had the lock before has to be read by a later statement.
 */
export async function lockProject(
  { sequelize }: Database,
  projectId: string,
  transaction: Transaction,
): Promise<void> {
  await sequelize.query('select 1 from projects where id = $1 for no key update', {
    bind: [projectId],
    transaction,
  });
}

/**
 * Times are kept in ms: a request is put at the beginning of its ms and what joins at the end, so
 * that what joins right after a request is later than it. Not `now()`, which is when the transaction
 * began to wait for the lock.
 */
export const ASKED_AT = `date_trunc('milliseconds', clock_timestamp())`;
export const JOINED_AT = `${ASKED_AT} + interval '1 millisecond'`;
