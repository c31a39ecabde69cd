ALTER TABLE `partners` ADD `max_product_lines` integer DEFAULT 10000000 NOT NULL;--> statement-breakpoint
ALTER TABLE `partners` ADD `lines_full_at` integer;--> statement-breakpoint
CREATE INDEX `partners_lines_full` ON `partners` (`id`) WHERE "partners"."lines_full_at" IS NOT NULL;