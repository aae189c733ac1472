/** Runs statements inside the migration's transaction. */
export interface MigrationContext {
  query(sql: string): Promise<unknown>;
}

/** One step of the schema; `down` undoes `up`. A step that has been released is never changed. */
export interface Migration {
  readonly name: string;
  up(context: MigrationContext): Promise<unknown>;
  down(context: MigrationContext): Promise<unknown>;
}
