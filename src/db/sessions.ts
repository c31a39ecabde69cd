import { DatabaseUnavailable, lacksSchema } from './errors.ts';

/** Matches bookmarks of D1. */
const BOOKMARK = /^[0-9a-f]{8}(?:-[0-9a-f]{8}){2}-[0-9a-f]{32}$/;

/**
 * The newest bookmark of each binding that D1 surely made, as far as the isolate knows. A bookmark is greater as text if
 * it is newer.
 */
const newestMade = new WeakMap<D1Database, string>();

/**
 * The D1 sessions of one request, which decide what its calls see. A call that begins at the primary has a session of
 * its own, because only the first query of a session is sure to reach the primary. Every other call continues the
 * session of the last one that succeeded, and a replica that is as new may serve it.
 *
 * @see https://developers.cloudflare.com/d1/best-practices/read-replication/
 */
export class Sessions {
  readonly #d1: D1Database;
  /** The bookmark that the caller sent, and the session that begins with it. */
  readonly #sent: { readonly bookmark: string; readonly session: D1DatabaseSession } | undefined;
  /** The session that the next read continues; undefined if the read begins at the primary. */
  #continued: D1DatabaseSession | undefined;
  #bookmark: string | null = null;

  /** @param sent the bookmark that the caller sent; one that is not of the form of D1 is ignored. */
  constructor(d1: D1Database, sent: string | undefined) {
    this.#d1 = d1;
    if (sent !== undefined && BOOKMARK.test(sent)) {
      this.#sent = { bookmark: sent, session: d1.withSession(sent) };
      this.#continued = this.#sent.session;
    }
  }

  /**
   * The bookmark of the state that the last successful call saw. It is null if no call succeeded, and if nobody knows
   * whether D1 made it.
   */
  get bookmark(): string | null {
    return this.#bookmark;
  }

  /**
   * Makes a call in the session that it needs. After a call in a continued session has failed, the next attempt begins
   * at the primary: the replica can be out of reach, or wait for a bookmark that never comes.
   *
   * @param isPrimary whether the call begins at the primary in any case.
   * @param call makes the call in a session.
   * @throws the error of the call; DatabaseUnavailable if a replica has not run a migration yet.
   */
  async run<R>(isPrimary: boolean, call: (session: D1DatabaseSession) => Promise<R>): Promise<R> {
    const continued = isPrimary ? undefined : this.#continued;
    const session = continued ?? this.#d1.withSession('first-primary');
    try {
      const result = await call(session);
      this.#continued = session;
      this.#bookmark = this.#bookmarkMadeIn(session);
      return result;
    } catch (error) {
      if (continued === undefined) {
        throw error;
      }
      this.#continued = undefined;
      throw lacksSchema(error)
        ? new DatabaseUnavailable('a replica lags behind a migration', true)
        : error;
    }
  }

  /**
   * Returns the bookmark of a session; null if it can be a value that a caller made up. The bookmark of a session is the
   * greater one of that with which it began and that of the last response. So a made-up one that is greater than every
   * real one stays, and callers would send it for ever. It is D1's own if it is another one than the caller sent, or no
   * newer than one that D1 made.
   */
  #bookmarkMadeIn(session: D1DatabaseSession): string | null {
    const bookmark = session.getBookmark();
    if (bookmark === null) {
      return null;
    }
    const newest = newestMade.get(this.#d1) ?? '';
    if (session === this.#sent?.session && bookmark === this.#sent.bookmark && bookmark > newest) {
      return null;
    }
    if (bookmark > newest) {
      newestMade.set(this.#d1, bookmark);
    }
    return bookmark;
  }
}
