import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { AppError } from '../../shared/errors.ts';

/** Far above what people do, far below what would slow down the others. */
const REQUESTS_PER_PARTICIPANT = 5_000;
const REQUEST_WINDOW_SECONDS = 10;
const GUEST_WINDOW_SECONDS = 600;

/** Limits per participant; only new guests are counted per address, because a school is one. */
export interface RateLimits {
  /** Both throw `request.rate_limited`. */
  countRequest(participantId: string): Promise<void>;
  countNewGuest(address: string): Promise<void>;
}

/** Limits that this server counts in memory. */
export function createRateLimits(options: { readonly newGuestsPerAddress: number }): RateLimits {
  const requests = new RateLimiterMemory({
    points: REQUESTS_PER_PARTICIPANT,
    duration: REQUEST_WINDOW_SECONDS,
  });
  const guests = new RateLimiterMemory({
    points: options.newGuestsPerAddress,
    duration: GUEST_WINDOW_SECONDS,
  });
  return {
    countRequest: (participantId) =>
      consume(requests, participantId, 'That was too fast. Please wait a few seconds.'),
    countNewGuest: (address) =>
      consume(guests, address, 'Many new guests have come from here. Please try again later.'),
  };
}

async function consume(limiter: RateLimiterMemory, key: string, message: string): Promise<void> {
  try {
    await limiter.consume(key);
  } catch (refusal) {
    if (!(refusal instanceof RateLimiterRes)) throw refusal;
    const retryAfterSeconds = Math.ceil(refusal.msBeforeNext / 1_000);
    throw new AppError('request.rate_limited', message, { retryAfterSeconds });
  }
}
