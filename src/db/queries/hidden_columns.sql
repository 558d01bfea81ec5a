-- Columns that pg_stats hides from the role: it may not read them, or row level security stands before their table.
SELECT n.nspname::text, r.relname::text, a.attname::text
FROM pg_class r
JOIN pg_namespace n ON n.oid = r.relnamespace AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\_toast%'
JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE r.relkind IN ('r', 'p') AND NOT r.relispartition
  AND (NOT has_column_privilege(r.oid, a.attnum, 'SELECT') OR (r.relrowsecurity AND row_security_active(r.oid)))
ORDER BY n.nspname, r.relname, a.attnum
