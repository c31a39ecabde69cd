CREATE TABLE `day_counts` (
	`partner_id` integer NOT NULL,
	`facet` text NOT NULL,
	`day` integer NOT NULL,
	`tickets` integer NOT NULL,
	PRIMARY KEY(`partner_id`, `facet`, `day`)
) WITHOUT ROWID;
--> statement-breakpoint
INSERT INTO `day_counts` (`partner_id`, `facet`, `day`, `tickets`)
SELECT `partner_id`, 'all', `created_at` / 86400000, count(*) FROM `prepared_tickets` GROUP BY 1, 3
UNION ALL
SELECT `partner_id`, 'customer:' || `customer_id`, `created_at` / 86400000, count(*) FROM `prepared_tickets` GROUP BY 1, 2, 3
UNION ALL
SELECT `partner_id`, 'no-vin', `created_at` / 86400000, count(*) FROM `prepared_tickets` WHERE `vin` IS NULL GROUP BY 1, 3
UNION ALL
SELECT `partner_id`, 'product:' || `product_id`, `created_at` / 86400000, count(*) FROM `product_lines` GROUP BY 1, 2, 3;
