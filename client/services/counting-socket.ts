import * as decoding from 'lib0/decoding';
import { MESSAGE_SYNC, SYNC_STEP_1, SYNC_STEP_2 } from '../../shared/sync-protocol.ts';

/**
 * A WebSocket that counts what the server acknowledges: the step-2 and update messages sent on
 * this connection.
 */
export class CountingSocket extends WebSocket {
  /** How many messages were sent that the server will acknowledge. */
  countedMessages = 0;
  /** Which of them was the step 2, which tells all that came before this connection; null: not yet. */
  step2: number | null = null;

  override send(message: string | ArrayBufferLike | Blob | ArrayBufferView<ArrayBuffer>): void {
    const step = message instanceof Uint8Array ? syncStepOf(message) : null;
    if (step !== null && step !== SYNC_STEP_1) this.countedMessages += 1;
    if (step === SYNC_STEP_2) this.step2 = this.countedMessages;
    super.send(message as Uint8Array<ArrayBuffer>);
  }
}

/** Which step of the sync protocol a message is; null for other messages. */
function syncStepOf(message: Uint8Array): number | null {
  const decoder = decoding.createDecoder(message);
  return decoding.readVarUint(decoder) === MESSAGE_SYNC ? decoding.readVarUint(decoder) : null;
}
