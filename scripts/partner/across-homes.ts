import type { SQL } from 'drizzle-orm';
import type { Context, HomeDatabase } from './context.ts';
import { DatabaseFailed, NotPossible } from './failure.ts';

/** A home that did not answer, and why. */
interface SilentHome {
  readonly db: HomeDatabase;
  readonly failure: DatabaseFailed;
}

/** What the homes answered, in their order. */
interface Answers<T> {
  readonly answers: readonly { readonly db: HomeDatabase; readonly answer: T }[];
  readonly silent: readonly SilentHome[];
}

/**
 * Asks every home at the same time, once.
 *
 * @param ask sends the statements of one home.
 */
export async function askHomes<T>(
  homes: readonly HomeDatabase[],
  ask: (db: HomeDatabase) => Promise<T>,
): Promise<Answers<T>> {
  const silent: SilentHome[] = [];
  const answers = await Promise.all(
    homes.map(async (db) => {
      try {
        return [{ db, answer: await ask(db) }];
      } catch (failure) {
        if (!(failure instanceof DatabaseFailed)) {
          throw failure;
        }
        silent.push({ db, failure });
        return [];
      }
    }),
  );
  return { answers: answers.flat(), silent };
}

/** Asks every home, and fails only if none answers. */
export async function askReachableHomes<T>(
  { homes }: Pick<Context, 'homes'>,
  ask: (db: HomeDatabase) => Promise<T>,
): Promise<Answers<T>> {
  const asked = await askHomes(homes, ask);
  if (asked.answers.length === 0) {
    throw new DatabaseFailed(reasonsOf(asked.silent));
  }
  return asked;
}

/** Returns the names of homes, separated by commas. */
export const namesOf = (databases: readonly HomeDatabase[]): string =>
  databases.map(({ home }) => home.name).join(', ');

/** Returns why homes did not answer, one line for each. With several homes, the reasons name them. */
export const reasonsOf = (silent: readonly SilentHome[]): string =>
  silent.map(({ failure }) => failure.message).join('\n');

/** Returns what the heading of a list adds about the homes that did not answer; nothing if all did. */
export const noteOn = (silent: readonly SilentHome[]): string =>
  silent.length === 0 ? '' : `\nThis list lacks the homes that do not answer. ${reasonsOf(silent)}`;

/** Returns what the JSON value of a list adds: the names of the homes that did not answer. */
export const lacking = (silent: readonly SilentHome[]) => ({
  unreachable_homes: silent.map(({ db }) => db.home.name),
});

/**
 * Returns the home that has what a command selects. A command asks each home once and writes only in this one.
 *
 * @param wanted selects a row in the home that has it.
 * @returns the first home if none has it. The command's own statements find nothing there either, and say so.
 * @throws NotPossible if several homes have it.
 * @throws DatabaseFailed if no home that answers has it, and another one does not answer.
 */
export async function homeWith(wanted: SQL, { homes }: Context): Promise<HomeDatabase> {
  const [first, ...others] = homes;
  if (others.length === 0) {
    return first;
  }
  const { answers, silent } = await askHomes(homes, (db) => db.read({ wanted }));
  const having = answers.filter(({ answer }) => answer.wanted.length > 0).map(({ db }) => db);
  if (having.length > 1) {
    throw new NotPossible(`Several homes have what you selected: ${namesOf(having)}.`);
  }
  if (having.length === 0 && silent.length > 0) {
    const among = answers.length === 0 ? '' : 'No other home has what you selected.\n';
    throw new DatabaseFailed(`${among}${reasonsOf(silent)}\nNothing was changed.`);
  }
  return having[0] ?? first;
}

/** Returns the words for the database of a home in the output. With several homes, they name the home. */
export const placeOf = ({ home }: HomeDatabase, { homes, where }: Context): string =>
  homes.length === 1 ? `the ${where} database` : `the ${where} database of the home ${home.name}`;

/** Returns the words for the databases of all homes in the output. */
export const allPlaces = ({ homes, where }: Context): string =>
  homes.length === 1 ? `the ${where} database` : `the ${where} databases of all homes`;
