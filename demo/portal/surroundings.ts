/** What the portal needs to call the API, and the names that it shows. */
export interface PortalSettings {
  /** The credentials, in the spelling of the token request. */
  readonly client: {
    readonly client_id: string;
    readonly client_secret: string;
    readonly api_key: string;
  };
  /** The names, by the id of a customer or a product, or the number of a vehicle model. */
  readonly names: Readonly<Record<string, string>>;
}

/** What surrounds the portal, which tests replace. */
export interface Surroundings {
  /** Sends a request to the API. It does not leave the Worker. */
  readonly api: (request: Request) => Response | Promise<Response>;
  /** Serves the static assets. */
  readonly assets: Pick<Fetcher, 'fetch'>;
  readonly settings: PortalSettings;
  /** Returns the current time, milliseconds since 1970. */
  readonly now: () => number;
  /** Writes one structured log line. */
  readonly log: (line: object) => void;
}
