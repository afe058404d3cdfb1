CREATE TABLE `attempts` (
	`decision_id` text NOT NULL,
	`n` integer NOT NULL,
	`candidate` text NOT NULL,
	`outcome` text NOT NULL,
	`status` integer,
	`code` text,
	`type` text,
	`message` text,
	`retry_after_ms` integer,
	`started_ms` integer NOT NULL,
	`first_token_ms` integer,
	`duration_ms` integer NOT NULL,
	`circuit_before` text NOT NULL,
	`circuit_after` text NOT NULL,
	PRIMARY KEY(`decision_id`, `n`)
);
--> statement-breakpoint
CREATE TABLE `config_versions` (
	`version` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`at` integer NOT NULL,
	`config` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `decisions` (
	`id` text PRIMARY KEY NOT NULL,
	`at` integer NOT NULL,
	`key` text,
	`surface` text NOT NULL,
	`route` text,
	`model` text,
	`stream` integer NOT NULL,
	`outcome` text NOT NULL,
	`status` integer NOT NULL,
	`candidate` text,
	`failover` text,
	`latency_ms` integer NOT NULL,
	`first_token_ms` integer,
	`tokens_in` integer,
	`tokens_out` integer,
	`cost_micro_usd` integer,
	`cache` text NOT NULL,
	`adapted` text NOT NULL,
	`metadata` text NOT NULL,
	`fleet` text NOT NULL,
	`skipped` text NOT NULL
);
--> statement-breakpoint
CREATE INDEX `decisions_outcome` ON `decisions` (`outcome`,`id`);