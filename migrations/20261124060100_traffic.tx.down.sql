DROP INDEX delivery_event_at;
DROP TABLE channel_node, channel_minute;
