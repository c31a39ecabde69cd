CREATE TABLE `scanner_keys` (
	`url` text PRIMARY KEY NOT NULL,
	`document` text NOT NULL,
	`fetched_at` integer NOT NULL
);
--> statement-breakpoint
ALTER TABLE `partners` ADD `max_prepared_tickets` integer DEFAULT 2000000 NOT NULL;--> statement-breakpoint
ALTER TABLE `partners` ADD `full_at` integer;--> statement-breakpoint
CREATE INDEX `partners_full` ON `partners` (`id`) WHERE "partners"."full_at" IS NOT NULL;