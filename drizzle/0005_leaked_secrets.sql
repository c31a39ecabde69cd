CREATE TABLE `leaked_secrets` (
	`sha256` text PRIMARY KEY NOT NULL,
	`client_id` text,
	`api_key_id` text,
	`leaked_at` integer NOT NULL,
	FOREIGN KEY (`client_id`) REFERENCES `clients`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`api_key_id`) REFERENCES `api_keys`(`id`) ON UPDATE no action ON DELETE no action
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `leaked_secrets_client` ON `leaked_secrets` (`client_id`);--> statement-breakpoint
CREATE INDEX `leaked_secrets_api_key` ON `leaked_secrets` (`api_key_id`);--> statement-breakpoint
INSERT INTO `leaked_secrets` (`sha256`, `client_id`, `api_key_id`, `leaked_at`)
SELECT substr(`secret_sha256`, 8), `id`, NULL, coalesce(`disabled_at`, unixepoch() * 1000) FROM `clients` WHERE `secret_sha256` GLOB 'leaked *'
UNION ALL
SELECT substr(`sha256`, 8), NULL, `id`, coalesce(`disabled_at`, unixepoch() * 1000) FROM `api_keys` WHERE `sha256` GLOB 'leaked *'
UNION ALL
SELECT substr(`sha256`, 8), `client_id`, `api_key_id`, `expires_at` FROM `retired_secrets` WHERE `sha256` GLOB 'leaked *';
--> statement-breakpoint
UPDATE `clients` SET `secret_sha256` = lower(hex(randomblob(32))) WHERE `secret_sha256` GLOB 'leaked *';--> statement-breakpoint
UPDATE `api_keys` SET `sha256` = lower(hex(randomblob(32))) WHERE `sha256` GLOB 'leaked *';--> statement-breakpoint
DELETE FROM `retired_secrets` WHERE `sha256` GLOB 'leaked *';
