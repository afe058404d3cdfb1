ALTER TABLE `decisions` ADD `delivered_events` integer;--> statement-breakpoint
ALTER TABLE `decisions` ADD `delivered_bytes` integer;--> statement-breakpoint
ALTER TABLE `decisions` ADD `malformed_events` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `decisions` ADD `continued_by` text;--> statement-breakpoint
ALTER TABLE `decisions` ADD `hedge` text;