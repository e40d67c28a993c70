-- Of a queue, and long, or with much cross-talk or dead air: by either alone a
-- tenth of all had to be read.
CREATE INDEX recording_search_queue_talk ON recording_search (queue, talk_ms);
CREATE INDEX recording_search_queue_crosstalk ON recording_search (queue, crosstalk_ms);
CREATE INDEX recording_search_queue_dead_air ON recording_search (queue, dead_air_ms);
