//! Append-only: the triggers by which each engine itself refuses to change or remove what the audit trail holds.
//!
//! They are put in place after the migrations, as often as those are run: the engines share no text for them.

/// `REPLACE` removes rows in SQLite without asking a trigger for removals, so inserting over a row is refused too.
pub(super) const SQLITE: &str = "
CREATE TRIGGER IF NOT EXISTS audit_update BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only: nothing in it is changed'); END;
CREATE TRIGGER IF NOT EXISTS audit_delete BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only: nothing in it is removed'); END;
CREATE TRIGGER IF NOT EXISTS audit_replace BEFORE INSERT ON audit
WHEN EXISTS (SELECT 1 FROM audit WHERE number = NEW.number)
BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only: the number is taken'); END;
CREATE TRIGGER IF NOT EXISTS audit_head_update BEFORE UPDATE ON audit_head
BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only: no head is changed'); END;
CREATE TRIGGER IF NOT EXISTS audit_head_delete BEFORE DELETE ON audit_head
BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only: no head is removed'); END;
CREATE TRIGGER IF NOT EXISTS audit_head_replace BEFORE INSERT ON audit_head
WHEN EXISTS (SELECT 1 FROM audit_head WHERE day = NEW.day AND public_key = NEW.public_key)
BEGIN SELECT RAISE(IGNORE); END;
";

/// One transaction, as the engine takes several statements at once; the lock keeps two programs from making the same
/// function at the same time. The number is any that no one else uses.
pub(super) const POSTGRES: &str = "
SELECT pg_advisory_xact_lock(7034902216318817);
CREATE OR REPLACE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit trail is append-only: % on % is refused', TG_OP, TG_TABLE_NAME;
END $$;
CREATE OR REPLACE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only();
CREATE OR REPLACE TRIGGER audit_head_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_head
FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only();
";
