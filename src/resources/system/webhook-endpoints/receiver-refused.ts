import { openString } from '../../../open-string.ts';
import { problemWith } from '../../../problems/schemas.ts';

/**
 * Creates the problem of a receiver that does not agree to receive webhooks. Its `reason` never names a status, because
 * the API would otherwise scan other people's servers for whoever asks.
 */
export const receiverRefused = problemWith(
  'receiverRefused',
  {
    reason: openString(
      ['unreachable', 'not-agreed'],
      'For the type /problems/receiver-refused: `unreachable` if the receiver gave no answer, or `not-agreed` if it gave one without consent. More values may be added.',
    ),
  },
  { reason: 'not-agreed' },
);
