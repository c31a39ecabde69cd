CREATE TABLE `webhook_deliveries` (
	`endpoint_id` text NOT NULL,
	`number` integer NOT NULL,
	`event_id` text NOT NULL,
	`event_type` text NOT NULL,
	`sequence` integer,
	`attempt` integer NOT NULL,
	`attempted_at` integer NOT NULL,
	`duration_ms` integer NOT NULL,
	`status` integer,
	`error` text,
	PRIMARY KEY(`endpoint_id`, `number`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `webhook_endpoints` (
	`id` text PRIMARY KEY NOT NULL,
	`partner_id` integer NOT NULL,
	`created_at` integer NOT NULL,
	`url` text NOT NULL,
	`description` text NOT NULL,
	`event_types` text,
	`disabled_at` integer,
	`disabled_reason` text,
	`version` integer DEFAULT 1 NOT NULL,
	`secret` text NOT NULL,
	`retired_secret` text,
	`retired_expires_at` integer,
	`position` integer NOT NULL,
	`replays` integer DEFAULT 0 NOT NULL,
	`failed_attempts` integer DEFAULT 0 NOT NULL,
	`attempted_sequence` integer,
	`next_attempt_at` integer,
	`newest_delivery` integer DEFAULT 0 NOT NULL,
	`removed_delivery` integer DEFAULT 0 NOT NULL,
	FOREIGN KEY (`partner_id`) REFERENCES `partners`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `webhook_endpoints_partner` ON `webhook_endpoints` (`partner_id`);