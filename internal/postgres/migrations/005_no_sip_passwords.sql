-- Passwords of phones stood here in plain text, and nobody read them: they are
-- taken from the centre that was applied last.
DROP TABLE IF EXISTS sip_accounts;
