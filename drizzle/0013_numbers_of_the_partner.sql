PRAGMA defer_foreign_keys = on;--> statement-breakpoint
CREATE TABLE `ticket_numbers` (
	`partner_id` integer PRIMARY KEY NOT NULL,
	`newest` integer NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
-- Each partner continues where the counter of all partners stood. Without tickets, it stood nowhere.
INSERT INTO `ticket_numbers` (`partner_id`, `newest`)
SELECT `partners`.`id`, `counter`.`newest` FROM `partners` CROSS JOIN (
  SELECT max(`number`) AS `newest` FROM (
    SELECT `seq` AS `number` FROM `sqlite_sequence` WHERE `name` = 'prepared_tickets'
    UNION ALL SELECT max(`ticket_number`) FROM `prepared_tickets`
    UNION ALL SELECT max(`ticket_number`) FROM `tickets`
    UNION ALL SELECT max(`ticket_number`) FROM `events`)) AS `counter`
WHERE `counter`.`newest` > 0;
--> statement-breakpoint
-- The lines refer to both columns of the key, so their tickets need an index on them until they are rebuilt themselves.
CREATE UNIQUE INDEX `__key_of_prepared_tickets` ON `prepared_tickets` (`partner_id`,`ticket_number`);--> statement-breakpoint
CREATE TABLE `__old_product_lines` AS SELECT * FROM `product_lines`;--> statement-breakpoint
DROP TABLE `product_lines`;--> statement-breakpoint
CREATE TABLE `product_lines` (
	`ticket_number` integer NOT NULL,
	`product_id` text NOT NULL,
	`partner_id` integer NOT NULL,
	`created_at` integer NOT NULL,
	`quantity` integer NOT NULL,
	`version` integer DEFAULT 1 NOT NULL,
	PRIMARY KEY(`partner_id`, `ticket_number`, `product_id`),
	FOREIGN KEY (`partner_id`,`ticket_number`) REFERENCES `prepared_tickets`(`partner_id`,`ticket_number`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "product_lines_quantity" CHECK("product_lines"."quantity" >= 1)
) WITHOUT ROWID;
--> statement-breakpoint
INSERT INTO `product_lines` (`ticket_number`, `product_id`, `partner_id`, `created_at`, `quantity`, `version`)
SELECT `ticket_number`, `product_id`, `partner_id`, `created_at`, `quantity`, `version` FROM `__old_product_lines`;
--> statement-breakpoint
DROP TABLE `__old_product_lines`;--> statement-breakpoint
CREATE INDEX `product_lines_product` ON `product_lines` (`partner_id`,`product_id`,`created_at`,`ticket_number`);--> statement-breakpoint
CREATE TABLE `__old_prepared_tickets` AS SELECT * FROM `prepared_tickets`;--> statement-breakpoint
DROP TABLE `prepared_tickets`;--> statement-breakpoint
CREATE TABLE `prepared_tickets` (
	`ticket_number` integer NOT NULL,
	`id` text NOT NULL,
	`partner_id` integer NOT NULL,
	`created_at` integer NOT NULL,
	`customer_id` text NOT NULL,
	`vehicle_model_id` integer NOT NULL,
	`vin` text,
	`voucher_code` text,
	`preparer_external_reference` text NOT NULL,
	`version` integer DEFAULT 1 NOT NULL,
	PRIMARY KEY(`partner_id`, `ticket_number`),
	FOREIGN KEY (`partner_id`) REFERENCES `partners`(`id`) ON UPDATE no action ON DELETE no action
) WITHOUT ROWID;
--> statement-breakpoint
INSERT INTO `prepared_tickets` (`ticket_number`, `id`, `partner_id`, `created_at`, `customer_id`, `vehicle_model_id`, `vin`, `voucher_code`, `preparer_external_reference`, `version`)
SELECT `ticket_number`, `id`, `partner_id`, `created_at`, `customer_id`, `vehicle_model_id`, `vin`, `voucher_code`, `preparer_external_reference`, `version` FROM `__old_prepared_tickets`;
--> statement-breakpoint
DROP TABLE `__old_prepared_tickets`;--> statement-breakpoint
CREATE UNIQUE INDEX `prepared_tickets_id_unique` ON `prepared_tickets` (`id`);--> statement-breakpoint
CREATE INDEX `prepared_tickets_newest` ON `prepared_tickets` (`partner_id`,`created_at`);--> statement-breakpoint
CREATE INDEX `prepared_tickets_customer` ON `prepared_tickets` (`partner_id`,`customer_id`,`created_at`);--> statement-breakpoint
CREATE INDEX `prepared_tickets_vin` ON `prepared_tickets` (`partner_id`,`vin`,`created_at`);--> statement-breakpoint
CREATE INDEX `prepared_tickets_reference` ON `prepared_tickets` (`partner_id`,`preparer_external_reference`,`created_at`);--> statement-breakpoint
CREATE UNIQUE INDEX `__key_of_tickets` ON `tickets` (`partner_id`,`ticket_number`);--> statement-breakpoint
ALTER TABLE `ticket_lines` ADD `partner_id` integer;--> statement-breakpoint
UPDATE `ticket_lines` SET `partner_id` = (SELECT `partner_id` FROM `tickets` WHERE `tickets`.`ticket_number` = `ticket_lines`.`ticket_number`);--> statement-breakpoint
CREATE TABLE `__old_ticket_lines` AS SELECT * FROM `ticket_lines`;--> statement-breakpoint
DROP TABLE `ticket_lines`;--> statement-breakpoint
CREATE TABLE `ticket_lines` (
	`partner_id` integer NOT NULL,
	`ticket_number` integer NOT NULL,
	`product_id` text NOT NULL,
	`quantity` integer NOT NULL,
	PRIMARY KEY(`partner_id`, `ticket_number`, `product_id`),
	FOREIGN KEY (`partner_id`,`ticket_number`) REFERENCES `tickets`(`partner_id`,`ticket_number`) ON UPDATE no action ON DELETE no action
) WITHOUT ROWID;
--> statement-breakpoint
INSERT INTO `ticket_lines` (`partner_id`, `ticket_number`, `product_id`, `quantity`)
SELECT `partner_id`, `ticket_number`, `product_id`, `quantity` FROM `__old_ticket_lines`;
--> statement-breakpoint
DROP TABLE `__old_ticket_lines`;--> statement-breakpoint
CREATE TABLE `__old_tickets` AS SELECT * FROM `tickets`;--> statement-breakpoint
DROP TABLE `tickets`;--> statement-breakpoint
CREATE TABLE `tickets` (
	`ticket_number` integer NOT NULL,
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
	`version` integer DEFAULT 1 NOT NULL,
	PRIMARY KEY(`partner_id`, `ticket_number`)
) WITHOUT ROWID;
--> statement-breakpoint
INSERT INTO `tickets` (`ticket_number`, `id`, `partner_id`, `created_at`, `customer_id`, `vehicle_model_id`, `vin`, `voucher_code`, `preparer_external_reference`, `state`, `picked_up_at`, `version`)
SELECT `ticket_number`, `id`, `partner_id`, `created_at`, `customer_id`, `vehicle_model_id`, `vin`, `voucher_code`, `preparer_external_reference`, `state`, `picked_up_at`, `version` FROM `__old_tickets`;
--> statement-breakpoint
DROP TABLE `__old_tickets`;--> statement-breakpoint
CREATE UNIQUE INDEX `tickets_id_unique` ON `tickets` (`id`);--> statement-breakpoint
CREATE INDEX `tickets_newest` ON `tickets` (`partner_id`,`picked_up_at`);--> statement-breakpoint
CREATE INDEX `tickets_customer` ON `tickets` (`partner_id`,`customer_id`,`picked_up_at`);--> statement-breakpoint
CREATE INDEX `tickets_reference` ON `tickets` (`partner_id`,`preparer_external_reference`,`picked_up_at`);
