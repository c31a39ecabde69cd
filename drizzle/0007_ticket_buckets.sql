CREATE TABLE `ticket_counts` (
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
CREATE INDEX `ticket_counts_empty` ON `ticket_counts` (`partner_id`,`begun_at`) WHERE "ticket_counts"."facet" <> 'all' AND "ticket_counts"."part_0" + "ticket_counts"."part_1" + "ticket_counts"."part_2" + "ticket_counts"."part_3" = 0;--> statement-breakpoint
INSERT INTO `ticket_counts` (`partner_id`, `facet`, `begun_at`, `begun_1`, `begun_2`, `begun_3`, `created`, `newest_at`)
SELECT `partner_id`, 'all', max(iif(`part` = 0, `created_at`, NULL)), max(iif(`part` = 1, `created_at`, NULL)),
  max(iif(`part` = 2, `created_at`, NULL)), max(iif(`part` = 3, `created_at`, NULL)), 400,
  (SELECT max(`created_at`) FROM `prepared_tickets` AS `newest` WHERE `newest`.`partner_id` = `beginning`.`partner_id`)
FROM (SELECT `partner_id`, `n` / 1600 AS `bucket`, `n` / 400 % 4 AS `part`, `created_at`
  FROM (SELECT `partner_id`, `created_at`, row_number() OVER (
      PARTITION BY `partner_id` ORDER BY `created_at`, `ticket_number`) - 1 AS `n` FROM `prepared_tickets`)
  WHERE `n` % 400 = 0) AS `beginning`
GROUP BY `partner_id`, `bucket` ORDER BY 1, 3
ON CONFLICT DO NOTHING;
--> statement-breakpoint
INSERT INTO `ticket_counts` (`partner_id`, `facet`, `begun_at`, `part_0`, `part_1`, `part_2`, `part_3`)
SELECT `partner_id`, `facet`, `begun_at`, sum(`part` = 0), sum(`part` = 1), sum(`part` = 2), sum(`part` = 3)
FROM (SELECT `entry`.`partner_id`, `entry`.`facet`, `bucket`.`begun_at`,
    coalesce(`entry`.`created_at` >= `bucket`.`begun_1`, 0) + coalesce(`entry`.`created_at` >= `bucket`.`begun_2`, 0)
      + coalesce(`entry`.`created_at` >= `bucket`.`begun_3`, 0) AS `part`
  FROM (SELECT `partner_id`, 'all' AS `facet`, `created_at` FROM `prepared_tickets`
      UNION ALL SELECT `partner_id`, 'customer:' || `customer_id`, `created_at` FROM `prepared_tickets`
      UNION ALL SELECT `partner_id`, 'no-vin', `created_at` FROM `prepared_tickets` WHERE `vin` IS NULL
      UNION ALL SELECT `partner_id`, 'product:' || `product_id`, `created_at` FROM `product_lines`) AS `entry`
    CROSS JOIN `ticket_counts` AS `bucket`
  WHERE `bucket`.`partner_id` = `entry`.`partner_id` AND `bucket`.`facet` = 'all'
    AND `bucket`.`begun_at` = (SELECT max(`begun_at`) FROM `ticket_counts` AS `earlier`
      WHERE `earlier`.`partner_id` = `entry`.`partner_id` AND `earlier`.`facet` = 'all' AND `earlier`.`begun_at` <= `entry`.`created_at`))
GROUP BY 1, 2, 3
ON CONFLICT (`partner_id`, `facet`, `begun_at`) DO UPDATE SET `part_0` = excluded.`part_0`, `part_1` = excluded.`part_1`,
  `part_2` = excluded.`part_2`, `part_3` = excluded.`part_3`;
--> statement-breakpoint
DROP TABLE `day_counts`;