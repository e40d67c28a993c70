-- Teams to which a supervisor is limited; none: all agents.
ALTER TABLE users ADD COLUMN teams text[] NOT NULL DEFAULT '{}';
