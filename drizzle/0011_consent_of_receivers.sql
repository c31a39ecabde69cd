CREATE TABLE `denied_hosts` (
	`host` text PRIMARY KEY NOT NULL,
	`created_at` integer NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
ALTER TABLE `leaked_secrets` ADD `webhook_endpoint_id` text REFERENCES webhook_endpoints(id);--> statement-breakpoint
CREATE INDEX `leaked_secrets_webhook_endpoint` ON `leaked_secrets` (`webhook_endpoint_id`);--> statement-breakpoint
ALTER TABLE `webhook_deliveries` ADD `response_text` text;--> statement-breakpoint
ALTER TABLE `webhook_endpoints` ADD `consented_url` text;--> statement-breakpoint
ALTER TABLE `webhook_endpoints` ADD `secret_sha256` text;--> statement-breakpoint
ALTER TABLE `webhook_endpoints` ADD `retired_sha256` text;--> statement-breakpoint
CREATE INDEX `webhook_endpoints_secret` ON `webhook_endpoints` (`secret_sha256`);--> statement-breakpoint
CREATE INDEX `webhook_endpoints_retired` ON `webhook_endpoints` (`retired_sha256`);