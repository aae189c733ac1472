/** Migrated once a run; nothing may stay connected to it, else it cannot be copied. */
export const TEMPLATE_DATABASE = 'tc_template';
