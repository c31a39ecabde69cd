CREATE TABLE `home` (
	`number` integer PRIMARY KEY NOT NULL,
	`name` text NOT NULL
);
