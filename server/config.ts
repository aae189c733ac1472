import { availableParallelism } from 'node:os';
import { z } from 'zod';

/** Every variable the server reads, with its default. `.env.example` lists the same names. */
const ConfigSchema = z
  .object({
    PORT: z.coerce.number().int().min(0).max(65_535).default(3000),
    /** Address to listen on; the default lets other machines of the network in. */
    HOST: z.string().min(1).default('0.0.0.0'),
    /** Everything the server keeps: database, blobs, secrets, logs. */
    DATA_DIR: z.string().min(1).default('data'),
    /** Absent: the embedded PostgreSQL in DATA_DIR. */
    DATABASE_URL: z.url().optional(),
    /** Absent: blobs are files in DATA_DIR. */
    AZURE_STORAGE_CONNECTION_STRING: z.string().min(1).optional(),
    AZURE_STORAGE_CONTAINER: z.string().min(3).max(63).default('training-canvas'),
    /** `embedded`: a child of the server; `external`: started elsewhere; `none`: nobody trains. */
    TRAINER: z.enum(['embedded', 'external', 'none']).default('embedded'),
    /**
     * Which runs a trainer that is started by hand takes. A server's own trainers are two, so that a
     * correction never waits for a long training of another project.
     */
    TRAINER_RUNS: z.enum(['any', 'head', 'backbone']).default('any'),
    /** Origins besides the server's own that may use it, separated by commas. */
    ALLOWED_ORIGINS: z
      .string()
      .default('')
      .transform((list) =>
        list
          .split(',')
          .map((origin) => origin.trim())
          .filter(Boolean),
      ),
    /** Absent: generated into DATA_DIR. */
    SESSION_SECRET: z.string().min(16).optional(),
    /** Lets other machines read `/metrics`. Absent: only this one may. */
    METRICS_TOKEN: z.string().min(16).optional(),
    /** Behind how many proxies the server stands; their X-Forwarded headers are believed. */
    TRUSTED_PROXIES: z.coerce.number().int().min(0).max(10).default(0),
    /** New guests an address may bring in 10 minutes; a school is one address. */
    NEW_GUESTS_PER_ADDRESS: z.coerce.number().int().positive().default(200),
    /** How long a canvas stays in memory after the last person has left. */
    UNLOAD_AFTER_MS: z.coerce.number().int().positive().default(30_000),
    LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
    /** What trains backbones: `auto` takes the fastest, which is timed first. */
    TRAINING_DEVICE: z.enum(['auto', 'cpu', 'cuda', 'webgpu']).default('auto'),
    /** The most threads of a training step on the CPU; by default one core is left to the server. */
    TRAINING_THREADS: z.coerce
      .number()
      .int()
      .min(1)
      .max(Math.max(1, availableParallelism()))
      .default(Math.max(1, availableParallelism() - 1)),
  })
  .refine(
    (c) => c.TRAINER !== 'external' || (c.DATABASE_URL && c.AZURE_STORAGE_CONNECTION_STRING),
    {
      message:
        'TRAINER=external needs DATABASE_URL and AZURE_STORAGE_CONNECTION_STRING: another machine cannot reach the embedded ones.',
    },
  );

export type Config = Readonly<z.infer<typeof ConfigSchema>>;

/** The names of all variables, for the test that compares them with `.env.example`. */
export const CONFIG_NAMES: readonly string[] = Object.keys(ConfigSchema.shape);

/** Reads the configuration once, at start. Throws with every fault named, not the first one. */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  // An empty variable counts as absent: that is what `NAME=` in an env file means to people.
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const result = ConfigSchema.safeParse(given);
  if (!result.success) throw new Error(`Invalid configuration\n${z.prettifyError(result.error)}`);
  return Object.freeze(result.data);
}

/** The environment of a child of the server: the server's own with these variables on top. */
export function childEnvironment(
  variables: Readonly<Record<string, string | undefined>>,
): Record<string, string | undefined> {
  return { ...process.env, ...variables };
}
