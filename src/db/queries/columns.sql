-- Columns of the user tables and materialized views, domains resolved to the type under them (domains over domains included).
WITH RECURSIVE base AS (
    SELECT t.oid AS declared, t.oid, t.typtype, t.typbasetype, t.typtypmod, ARRAY[]::oid[] AS domains
    FROM pg_type t
    UNION ALL
    SELECT b.declared, t.oid, t.typtype, t.typbasetype, CASE WHEN b.typtypmod = -1 THEN t.typtypmod ELSE b.typtypmod END, b.domains || b.oid
    FROM base b
    JOIN pg_type t ON t.oid = b.typbasetype
    WHERE b.typtype = 'd'
)
SELECT a.attrelid::int8,
       a.attname::text,
       a.atttypid::int8,
       format_type(a.atttypid, a.atttypmod),
       b.oid::int8,
       t.typname::text,
       CASE WHEN a.atttypmod = -1 THEN b.typtypmod ELSE a.atttypmod END::int4,
       a.attnotnull OR EXISTS (SELECT FROM pg_type d WHERE d.oid = ANY (b.domains) AND d.typnotnull),
       CASE WHEN a.attgenerated = '' THEN pg_get_expr(d.adbin, d.adrelid) END,
       a.attidentity::text,
       a.attgenerated <> '',
       pg_get_serial_sequence(quote_ident(n.nspname) || '.' || quote_ident(c.relname), a.attname),
       ARRAY(SELECT e.enumlabel::text FROM pg_enum e WHERE e.enumtypid = b.oid ORDER BY e.enumsortorder),
       ARRAY(SELECT pg_get_constraintdef(k.oid) FROM pg_constraint k WHERE k.contypid = ANY (b.domains) AND k.contype = 'c' ORDER BY k.conname),
       a.attndims::int4
FROM pg_attribute a
JOIN pg_class c ON c.oid = a.attrelid AND c.relkind IN ('r', 'p', 'm') AND NOT c.relispartition
JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname NOT IN ('pg_catalog', 'information_schema')
JOIN base b ON b.declared = a.atttypid AND b.typtype <> 'd'
JOIN pg_type t ON t.oid = b.oid
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attrelid, a.attnum
