ALTER TABLE `partners` ADD `disabled_at` integer;--> statement-breakpoint
CREATE INDEX `partners_disabled` ON `partners` (`id`) WHERE "partners"."disabled_at" IS NOT NULL;