CREATE TABLE `credential_idempotency_keys` (
	`partner_id` integer NOT NULL,
	`key` text NOT NULL,
	`fingerprint` text NOT NULL,
	`credential_id` text NOT NULL,
	`created_at` integer NOT NULL,
	PRIMARY KEY(`partner_id`, `key`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `credential_idempotency_keys_age` ON `credential_idempotency_keys` (`created_at`);--> statement-breakpoint
PRAGMA defer_foreign_keys = on;--> statement-breakpoint
CREATE TABLE `__old_api_keys` AS SELECT * FROM `api_keys`;--> statement-breakpoint
DROP TABLE `api_keys`;--> statement-breakpoint
CREATE TABLE `api_keys` (
	`sha256` text PRIMARY KEY NOT NULL,
	`partner_id` integer NOT NULL,
	`created_at` integer NOT NULL,
	`id` text DEFAULT (lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2) || '-' || substr('89ab', 1 + (abs(random()) % 4), 1) || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6)))) NOT NULL,
	`name` text DEFAULT 'API key' NOT NULL,
	`last_used_at` integer,
	`expires_at` integer,
	`disabled_at` integer,
	`version` integer DEFAULT 1 NOT NULL,
	FOREIGN KEY (`partner_id`) REFERENCES `partners`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
INSERT INTO `api_keys` (`sha256`, `partner_id`, `created_at`) SELECT `sha256`, `partner_id`, `created_at` FROM `__old_api_keys`;--> statement-breakpoint
DROP TABLE `__old_api_keys`;--> statement-breakpoint
CREATE INDEX `api_keys_partner` ON `api_keys` (`partner_id`);--> statement-breakpoint
CREATE UNIQUE INDEX `api_keys_id_unique` ON `api_keys` (`id`);--> statement-breakpoint
ALTER TABLE `clients` ADD `last_used_at` integer;--> statement-breakpoint
ALTER TABLE `clients` ADD `expires_at` integer;--> statement-breakpoint
ALTER TABLE `clients` ADD `disabled_at` integer;--> statement-breakpoint
ALTER TABLE `clients` ADD `version` integer DEFAULT 1 NOT NULL;--> statement-breakpoint
ALTER TABLE `clients` ADD `tokens_from` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `clients` ADD `valid_until` integer GENERATED ALWAYS AS (iif("disabled_at" IS NULL, coalesce("expires_at", 9007199254740991), 0)) VIRTUAL;--> statement-breakpoint
CREATE INDEX `clients_secret` ON `clients` (`secret_sha256`);--> statement-breakpoint
CREATE INDEX `clients_valid` ON `clients` (`id`,`valid_until`);--> statement-breakpoint
CREATE TABLE `retired_secrets` (
	`sha256` text PRIMARY KEY NOT NULL,
	`client_id` text,
	`api_key_id` text,
	`retired_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	FOREIGN KEY (`client_id`) REFERENCES `clients`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`api_key_id`) REFERENCES `api_keys`(`id`) ON UPDATE no action ON DELETE no action
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `retired_secrets_client` ON `retired_secrets` (`client_id`);--> statement-breakpoint
CREATE INDEX `retired_secrets_api_key` ON `retired_secrets` (`api_key_id`);--> statement-breakpoint
CREATE INDEX `retired_secrets_age` ON `retired_secrets` (`expires_at`);
