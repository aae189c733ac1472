import { eventually } from './eventually.ts';
import type { BreakableServer } from './breakable-server.ts';
import { APPEND_STATEMENT } from './breakable-server.ts';

/** A way in which a server or its database ends, and how it comes back. */
export interface Fault {
  /** Lets it happen; resolves when it has. */
  strike(server: BreakableServer): Promise<void>;
  heal(server: BreakableServer): Promise<void>;
}

const restart = (server: BreakableServer): Promise<void> => server.restart();
const restore = (server: BreakableServer): Promise<void> => server.proxy.restore();
const comesBackByItself = async (): Promise<void> => undefined;

/** The faults of the kill test by name. */
export const FAULTS: Readonly<Record<string, Fault>> = {
  'the server is killed': { strike: ({ server }) => server.kill(), heal: restart },
  'the backends are terminated': { strike: terminateBackends, heal: comesBackByItself },
  'a backend is killed, and PostgreSQL restarts': { strike: killBackend, heal: comesBackByItself },
  'the connection breaks before the INSERT has arrived': {
    strike: async (server) => {
      const trap = server.proxy.setTrap(APPEND_STATEMENT, 'request');
      await trap.caught;
      await server.proxy.cut();
      trap.open();
    },
    heal: restore,
  },
  'the connection breaks between INSERT and its answer': {
    strike: async (server) => {
      const trap = await holdAnswer(server);
      await server.proxy.cut();
      trap.open();
    },
    heal: restore,
  },
  'the server is killed before the INSERT has arrived': {
    strike: async (server) => {
      const trap = server.proxy.setTrap(APPEND_STATEMENT, 'request');
      await trap.caught;
      await killAndCut(server);
      trap.open();
    },
    heal: restoreAndRestart,
  },
  'the server is killed between INSERT and its answer': {
    strike: async (server) => {
      const trap = await holdAnswer(server);
      await killAndCut(server);
      trap.open();
    },
    heal: restoreAndRestart,
  },
};

/** Stops the answer to an INSERT whose commit has happened. */
async function holdAnswer(server: BreakableServer): Promise<{ open(): void }> {
  const before = await server.countRows();
  const trap = server.proxy.setTrap(APPEND_STATEMENT, 'answer');
  await trap.caught;
  await eventually(async () => {
    if ((await server.countRows()) <= before) throw new Error('The INSERT has not been committed.');
  });
  return trap;
}

/** Kills the server; what was stopped on its way never arrives. */
export async function killAndCut({ server, proxy }: BreakableServer): Promise<void> {
  await server.kill();
  await proxy.cut();
}

export async function restoreAndRestart(server: BreakableServer): Promise<void> {
  await server.proxy.restore();
  await server.restart();
}

async function terminateBackends(server: BreakableServer): Promise<void> {
  const pids = await server.backends();
  await server.ask('select pg_terminate_backend(pid) from unnest($1::int[]) as pid', [pids]);
}

async function killBackend(server: BreakableServer): Promise<void> {
  const [writing] = await server.backends();
  if (writing === undefined) throw new Error('The server has no connection to the database.');
  process.kill(writing, 'SIGKILL');
}
