CREATE TABLE `circuit_events` (
	`id` text PRIMARY KEY NOT NULL,
	`at` integer NOT NULL,
	`scope` text NOT NULL,
	`from` text NOT NULL,
	`to` text NOT NULL,
	`reason` text NOT NULL,
	`until` integer,
	`decision` text
);
