import { execFileSync } from 'node:child_process';

export interface RunningProcess {
  readonly pid: number;
  readonly parentPid: number;
  readonly command: string;
}

/** All processes of the machine, as `ps` tells them. */
export function runningProcesses(): RunningProcess[] {
  const table = execFileSync('ps', ['-axo', 'pid=,ppid=,stat=,command='], { encoding: 'utf8' });
  return table
    .split('\n')
    .map((row) => /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(row))
    .filter((match) => match !== null)
    .filter(([, , , state]) => !state?.startsWith('Z'))
    .map(([, pid, parentPid, , command = '']) => ({
      pid: Number(pid),
      parentPid: Number(parentPid),
      command,
    }));
}

/** The PostgreSQL servers whose cluster lies in the folder. */
export function postmastersIn(folder: string): RunningProcess[] {
  return runningProcesses().filter(
    ({ command }) => /postgres(\.exe)?["']?\s/.test(command) && command.includes(folder),
  );
}

/** The trainer processes that a server started. */
export function trainersOf(serverPid: number): RunningProcess[] {
  return runningProcesses().filter(
    ({ parentPid, command }) => parentPid === serverPid && command.includes('trainer.js'),
  );
}

/** Whether a process is there still. */
export function isRunning(pid: number): boolean {
  return runningProcesses().some((process) => process.pid === pid);
}

/** Memory that a process holds now (resident set), in megabytes. */
export function megabytesOf(pid: number | undefined): number {
  if (pid === undefined) throw new Error('There is no such process.');
  const kilobytes = execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' });
  return Math.round(Number(kilobytes) / 1_024);
}
