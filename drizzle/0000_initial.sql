CREATE TABLE `api_keys` (
	`sha256` text PRIMARY KEY NOT NULL,
	`partner_id` integer NOT NULL,
	`created_at` integer NOT NULL,
	FOREIGN KEY (`partner_id`) REFERENCES `partners`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `api_keys_partner` ON `api_keys` (`partner_id`);--> statement-breakpoint
CREATE TABLE `clients` (
	`id` text PRIMARY KEY NOT NULL,
	`partner_id` integer NOT NULL,
	`name` text NOT NULL,
	`secret_sha256` text NOT NULL,
	`scopes` text NOT NULL,
	`created_at` integer NOT NULL,
	FOREIGN KEY (`partner_id`) REFERENCES `partners`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `clients_partner` ON `clients` (`partner_id`);--> statement-breakpoint
CREATE TABLE `partners` (
	`id` integer PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `partners_name_unique` ON `partners` (`name`);--> statement-breakpoint
CREATE TABLE `prepared_tickets` (
	`ticket_number` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`id` text NOT NULL,
	`partner_id` integer NOT NULL,
	`created_at` integer NOT NULL,
	`customer_id` text NOT NULL,
	`vehicle_model_id` integer NOT NULL,
	`vin` text,
	`voucher_code` text,
	`preparer_external_reference` text NOT NULL,
	FOREIGN KEY (`partner_id`) REFERENCES `partners`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `prepared_tickets_id_unique` ON `prepared_tickets` (`id`);--> statement-breakpoint
CREATE INDEX `prepared_tickets_newest` ON `prepared_tickets` (`partner_id`,`created_at`);--> statement-breakpoint
CREATE INDEX `prepared_tickets_customer` ON `prepared_tickets` (`partner_id`,`customer_id`,`created_at`);--> statement-breakpoint
CREATE INDEX `prepared_tickets_vin` ON `prepared_tickets` (`partner_id`,`vin`,`created_at`);--> statement-breakpoint
CREATE INDEX `prepared_tickets_reference` ON `prepared_tickets` (`partner_id`,`preparer_external_reference`,`created_at`);--> statement-breakpoint
CREATE TABLE `product_lines` (
	`ticket_number` integer NOT NULL,
	`product_id` text NOT NULL,
	`partner_id` integer NOT NULL,
	`created_at` integer NOT NULL,
	`quantity` integer NOT NULL,
	PRIMARY KEY(`ticket_number`, `product_id`),
	FOREIGN KEY (`ticket_number`) REFERENCES `prepared_tickets`(`ticket_number`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "product_lines_quantity" CHECK("product_lines"."quantity" >= 1)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `product_lines_product` ON `product_lines` (`partner_id`,`product_id`,`created_at`,`ticket_number`);