import { MAX_CREDENTIALS } from '../../resources/system/credentials.repository.ts';

/** Of the tag "Clients". */
export const clients = `Your programs, each with its own secret and scopes; at most ${MAX_CREDENTIALS}. Make, rotate and end them yourself, with the scope \`credentials:manage\`.`;
