PRAGMA defer_foreign_keys = on;--> statement-breakpoint
CREATE TABLE `__old_idempotency_keys` AS SELECT * FROM `idempotency_keys`;--> statement-breakpoint
DROP TABLE `idempotency_keys`;--> statement-breakpoint
CREATE TABLE `idempotency_keys` (
	`partner_id` integer NOT NULL,
	`space` text NOT NULL,
	`key` text NOT NULL,
	`fingerprint` text NOT NULL,
	`result` text NOT NULL,
	`expires_at` integer NOT NULL,
	PRIMARY KEY(`partner_id`, `space`, `key`)
) WITHOUT ROWID;
--> statement-breakpoint
INSERT INTO `idempotency_keys` (`partner_id`, `space`, `key`, `fingerprint`, `result`, `expires_at`)
SELECT `partner_id`, 'tickets', `key`, `fingerprint`, json_object('id', `ticket_id`, 'ticket_number', `ticket_number`, 'created_at', `created_at`), `created_at` + 86400000 FROM `__old_idempotency_keys`;
--> statement-breakpoint
DROP TABLE `__old_idempotency_keys`;--> statement-breakpoint
INSERT INTO `idempotency_keys` (`partner_id`, `space`, `key`, `fingerprint`, `result`, `expires_at`)
SELECT `partner_id`, 'credentials', `key`, `fingerprint`, json_object('id', `credential_id`, 'created_at', `created_at`), `created_at` + 86400000 FROM `credential_idempotency_keys`;
--> statement-breakpoint
DROP TABLE `credential_idempotency_keys`;--> statement-breakpoint
CREATE INDEX `idempotency_keys_expiry` ON `idempotency_keys` (`expires_at`);
