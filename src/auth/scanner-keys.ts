import { z } from 'zod';
import type { Database } from '../db/client.ts';
import {
  type RemoteCopy,
  RemoteDocument,
  type RemoteIo,
  type RemoteSource,
} from './remote-document.ts';
import {
  findScannerKeys,
  keepScannerKeys,
  SCANNER_KEYS_RENEWAL_MS,
} from './scanner-keys.repository.ts';

/** The public keys of a secret scanner, in the format of GitHub's secret scanning partner program. */
const publicKeys = z.object({
  public_keys: z.array(z.object({ key_identifier: z.string(), key: z.string() })).max(100),
});

/** The keys that a scanner publishes. */
interface PublishedKeys {
  /** The keys in PEM by their identifier. */
  readonly pems: ReadonlyMap<string, string>;
  /** The document, without the members that are not used, as JSON. */
  readonly document: string;
}

function parseKeys(json: unknown): PublishedKeys {
  const document = publicKeys.parse(json);
  const pems = document.public_keys.map(
    ({ key_identifier, key }) => [key_identifier, key] as const,
  );
  return { pems: new Map(pems), document: JSON.stringify(document) };
}

/**
 * How old a copy of the keys may be that is used while the scanner refuses to return them, in milliseconds: 7 days.
 * GitHub replaces its keys rarely, and a key that it has withdrawn must not be trusted for ever.
 */
const MAX_AGE_MS = 7 * 86_400_000;

/**
 * The public keys of the secret scanner. GitHub limits requests by address, and the Workers of many others share
 * ours, so it can refuse them. The last good copy is therefore kept in the database, which all isolates share.
 */
export class ScannerKeys {
  readonly #source: RemoteSource<PublishedKeys>;
  readonly #keys: RemoteDocument<PublishedKeys>;
  /** When the copy that the database certainly contains was fetched, milliseconds since 1970. */
  #keptAt = Number.NEGATIVE_INFINITY;

  /**
   * @param url the URL at which the scanner publishes its keys.
   * @param token a token for this URL, with which the scanner counts requests by the token.
   */
  constructor(url: string, token: string | undefined) {
    this.#source = {
      ...{ url, token, parse: parseKeys, maxAgeMs: MAX_AGE_MS },
      // A caller can invent any key identifier.
      coolDownMs: 10 * 60_000,
    };
    this.#keys = new RemoteDocument(this.#source);
  }

  /**
   * Returns the key with an identifier, in PEM; undefined if the scanner has none. The database is read only if the
   * isolate has no fresh copy and cannot fetch one.
   *
   * @throws RemoteUnavailable if the keys cannot be fetched and no copy is younger than 7 days.
   */
  async find(keyIdentifier: string, io: RemoteIo, db: Database): Promise<string | undefined> {
    const { pems } = await this.#keys.get(
      io,
      (known) => known.pems.has(keyIdentifier),
      () => this.#readKept(db),
    );
    return pems.get(keyIdentifier);
  }

  /** Returns whether the isolate has a copy that the database may lack. */
  get hasNewCopy(): boolean {
    return (this.#keys.copy?.fetchedAt ?? this.#keptAt) > this.#keptAt;
  }

  /** Keeps the copy of the isolate in the database. Only a valid report leads to it, so no other one writes. */
  async keep(db: Database): Promise<void> {
    if (this.#keys.copy !== undefined) {
      await this.#write(db, this.#keys.copy);
    }
  }

  /**
   * Fetches the keys again if the copy in the database is older than a day, so that it can be used when the next
   * report comes. Without a copy, no valid report has come yet, and nothing is fetched.
   *
   * @returns whether the copy was replaced.
   * @throws RemoteUnavailable if the keys cannot be fetched and the copy is too old to be used.
   */
  async renew(io: RemoteIo, db: Database): Promise<boolean> {
    const kept = await findScannerKeys(db, this.#source.url);
    const ageMs = kept === undefined ? 0 : io.now() - kept.fetched_at;
    if (ageMs < SCANNER_KEYS_RENEWAL_MS) {
      return false;
    }
    const fetched = new RemoteDocument(this.#source);
    await fetched
      .get(io, () => true)
      .catch((error: unknown) => {
        if (ageMs >= MAX_AGE_MS) {
          throw error;
        }
      });
    if (fetched.copy !== undefined) {
      await this.#write(db, fetched.copy);
    }
    return fetched.copy !== undefined;
  }

  async #readKept(db: Database): Promise<RemoteCopy<unknown> | undefined> {
    const kept = await findScannerKeys(db, this.#source.url);
    if (kept === undefined) {
      return undefined;
    }
    this.#keptAt = Math.max(this.#keptAt, kept.fetched_at);
    return { value: JSON.parse(kept.document), fetchedAt: kept.fetched_at };
  }

  async #write(db: Database, { value, fetchedAt }: RemoteCopy<PublishedKeys>): Promise<void> {
    const copy = { document: value.document, fetched_at: fetchedAt };
    await keepScannerKeys(db, this.#source.url, copy);
    this.#keptAt = Math.max(this.#keptAt, fetchedAt);
  }
}
