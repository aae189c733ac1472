// npm run pretrain -- --data <folder> [--minutes 60] [--threads 1] [--out models/starter] [--from <folder>] [--resume]
//   [--blocks "32/2 64/2 64"] [--teacher <folder>] [--learning-rate 0.003] [--beginnings 0.5]
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const entry = fileURLToPath(new URL('../server/training/pretrain/main.ts', import.meta.url));
const child = spawn(process.execPath, ['--import', 'tsx', entry, ...process.argv.slice(2)], {
  stdio: 'inherit',
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
child.on('exit', (code) => {
  process.exitCode = code ?? 1;
});
