CREATE TABLE `events` (
	`partner_id` integer NOT NULL,
	`sequence` integer NOT NULL,
	`id` text NOT NULL,
	`type` text NOT NULL,
	`created_at` integer NOT NULL,
	`client_id` text,
	`subject_id` text NOT NULL,
	`prepared_ticket_id` text,
	`ticket_number` integer,
	`version` integer,
	PRIMARY KEY(`partner_id`, `sequence`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `events_type` ON `events` (`partner_id`,`type`,`sequence`);--> statement-breakpoint
CREATE TABLE `picked_up_counts` (
	`partner_id` integer NOT NULL,
	`facet` text NOT NULL,
	`begun_at` integer NOT NULL,
	`part_0` integer DEFAULT 0 NOT NULL,
	`part_1` integer DEFAULT 0 NOT NULL,
	`part_2` integer DEFAULT 0 NOT NULL,
	`part_3` integer DEFAULT 0 NOT NULL,
	`begun_1` integer,
	`begun_2` integer,
	`begun_3` integer,
	`created` integer,
	`newest_at` integer,
	PRIMARY KEY(`partner_id`, `facet`, `begun_at`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `ticket_lines` (
	`ticket_number` integer NOT NULL,
	`product_id` text NOT NULL,
	`quantity` integer NOT NULL,
	PRIMARY KEY(`ticket_number`, `product_id`),
	FOREIGN KEY (`ticket_number`) REFERENCES `tickets`(`ticket_number`) ON UPDATE no action ON DELETE no action
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `tickets` (
	`ticket_number` integer PRIMARY KEY NOT NULL,
	`id` text NOT NULL,
	`partner_id` integer NOT NULL,
	`created_at` integer NOT NULL,
	`customer_id` text NOT NULL,
	`vehicle_model_id` integer NOT NULL,
	`vin` text,
	`voucher_code` text,
	`preparer_external_reference` text NOT NULL,
	`state` text DEFAULT 'pending' NOT NULL,
	`picked_up_at` integer NOT NULL,
	`version` integer DEFAULT 1 NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `tickets_id_unique` ON `tickets` (`id`);--> statement-breakpoint
CREATE INDEX `tickets_newest` ON `tickets` (`partner_id`,`picked_up_at`);--> statement-breakpoint
CREATE INDEX `tickets_customer` ON `tickets` (`partner_id`,`customer_id`,`picked_up_at`);--> statement-breakpoint
CREATE INDEX `tickets_reference` ON `tickets` (`partner_id`,`preparer_external_reference`,`picked_up_at`);