import * as decoding from 'lib0/decoding';
import { MESSAGE_SYNC } from '../../shared/sync-protocol.ts';

const SYNC_STEP_1 = 0;

/**
 * A WebSocket that counts what the server acknowledges: the step-2 and update messages sent on
 * this connection.
 */
export class CountingSocket extends WebSocket {
  /** How many messages were sent that the server will acknowledge. */
  countedMessages = 0;

  override send(message: string | ArrayBufferLike | Blob | ArrayBufferView<ArrayBuffer>): void {
    if (message instanceof Uint8Array && isAcknowledged(message)) this.countedMessages += 1;
    super.send(message as Uint8Array<ArrayBuffer>);
  }
}

/** Whether the server acknowledges this message: step 2 or an update. */
function isAcknowledged(message: Uint8Array): boolean {
  const decoder = decoding.createDecoder(message);
  if (decoding.readVarUint(decoder) !== MESSAGE_SYNC) return false;
  return decoding.readVarUint(decoder) !== SYNC_STEP_1;
}
