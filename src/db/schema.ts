/** All tables of the database. drizzle-kit generates the migrations from them. */
export * from './tables/credentials.ts';
export * from './tables/events.ts';
export * from './tables/home.ts';
export * from './tables/idempotency-keys.ts';
export * from './tables/leaked-secrets.ts';
export * from './tables/prepared-tickets.ts';
export * from './tables/tickets.ts';
export * from './tables/webhooks.ts';
