/** What ONNX Runtime executes the training step with. */
export type TrainingProvider = 'cpu' | 'cuda' | 'webgpu';

/** What a training step runs on. On a GPU `threads` and `spinning` matter little. */
export interface TrainingDevice {
  readonly provider: TrainingProvider;
  /** Threads of one operator on the CPU, the calling one included. */
  readonly threads: number;
  /** Whether threads without work wait for it awake: sooner at work, but a core is never idle. */
  readonly spinning: boolean;
}

/** Always there, and leaves all other cores to the server. */
export const ONE_CPU_THREAD: TrainingDevice = { provider: 'cpu', threads: 1, spinning: false };
