-- Every object of the user's, with its definition. Names are qualified, whatever search_path says.
WITH spaces AS (
    SELECT oid, quote_ident(nspname) AS name
    FROM pg_namespace
    WHERE nspname NOT IN ('pg_catalog', 'information_schema') AND nspname NOT LIKE 'pg\_%'
), own AS (
    -- Members of extensions.
    SELECT classid, objid FROM pg_depend WHERE deptype = 'e'
), relations AS (
    SELECT c.*, s.name || '.' || quote_ident(c.relname) AS name
    FROM pg_class c
    JOIN spaces s ON s.oid = c.relnamespace
    WHERE NOT EXISTS (SELECT FROM own WHERE classid = 'pg_class'::regclass AND objid = c.oid)
), sorted_acl AS (
    SELECT oid, (SELECT string_agg(acl::text, ',' ORDER BY acl::text) FROM unnest(relacl) AS acl) AS acl FROM relations
)
SELECT 'schema ' || name, '' FROM spaces
UNION ALL
SELECT CASE c.relkind WHEN 'v' THEN 'view ' WHEN 'm' THEN 'materialized view ' WHEN 'S' THEN 'sequence ' WHEN 'f' THEN 'foreign table '
                      WHEN 'c' THEN 'type ' ELSE 'table ' END || c.name,
       concat_ws(' ', c.relpersistence, array_to_string(c.reloptions, ','), pg_get_userbyid(c.relowner), a.acl,
                 CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END,
                 CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END,
                 pg_get_expr(c.relpartbound, c.oid),
                 CASE WHEN c.relrowsecurity THEN 'row security' END,
                 CASE WHEN c.relforcerowsecurity THEN 'forced' END,
                 'identity ' || c.relreplident::text)
FROM relations c
JOIN sorted_acl a ON a.oid = c.oid
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f', 'c')
UNION ALL
SELECT 'column ' || c.name || '.' || quote_ident(a.attname),
       concat_ws(' ', format_type(a.atttypid, a.atttypmod), CASE WHEN a.attnotnull THEN 'not null' END,
                 'default ' || pg_get_expr(d.adbin, d.adrelid), nullif(a.attidentity::text, ''), nullif(a.attgenerated::text, ''),
                 'storage ' || a.attstorage::text, 'statistics ' || nullif(a.attstattarget, -1), array_to_string(a.attoptions, ','),
                 (SELECT 'collate ' || quote_ident(l.collname) FROM pg_collation l WHERE l.oid = a.attcollation), array_to_string(a.attacl, ','))
FROM relations c
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
WHERE c.relkind IN ('r', 'p', 'f', 'c')
UNION ALL
SELECT 'constraint ' || quote_ident(k.conname) || ' on ' || coalesce(c.name, format_type(k.contypid, NULL)),
       concat_ws(' ', pg_get_constraintdef(k.oid), CASE WHEN NOT k.convalidated THEN 'not validated' END)
FROM pg_constraint k
JOIN spaces s ON s.oid = k.connamespace
LEFT JOIN relations c ON c.oid = k.conrelid
-- Version 18 keeps NOT NULL here, too; the column says it already.
WHERE k.contype <> 'n' AND (k.conrelid = 0 OR c.oid IS NOT NULL)
UNION ALL
SELECT 'index ' || c.name, concat_ws(' ', pg_get_indexdef(i.indexrelid), CASE WHEN NOT i.indisvalid THEN 'INVALID' END,
                                     CASE WHEN i.indisclustered THEN 'clustered' END, CASE WHEN i.indisreplident THEN 'replica identity' END)
FROM pg_index i
JOIN relations c ON c.oid = i.indexrelid
UNION ALL
SELECT 'sequence ' || c.name || ' values',
       concat_ws(' ', format_type(q.seqtypid, NULL), q.seqstart, q.seqincrement, q.seqmin, q.seqmax, q.seqcache, q.seqcycle)
FROM pg_sequence q
JOIN relations c ON c.oid = q.seqrelid
UNION ALL
SELECT 'trigger ' || quote_ident(t.tgname) || ' on ' || c.name, concat_ws(' ', pg_get_triggerdef(t.oid), 'enabled ' || t.tgenabled::text)
FROM pg_trigger t
JOIN relations c ON c.oid = t.tgrelid
WHERE NOT t.tgisinternal
UNION ALL
SELECT 'rule ' || quote_ident(r.rulename) || ' on ' || c.name, pg_get_ruledef(r.oid)
FROM pg_rewrite r
JOIN relations c ON c.oid = r.ev_class
WHERE r.rulename <> '_RETURN'
UNION ALL
SELECT 'policy ' || quote_ident(p.polname) || ' on ' || c.name,
       concat_ws(' ', p.polcmd, p.polpermissive, (SELECT string_agg(CASE r WHEN 0 THEN 'public' ELSE pg_get_userbyid(r) END, ',' ORDER BY r) FROM unnest(p.polroles) AS r),
                 pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid))
FROM pg_policy p
JOIN relations c ON c.oid = p.polrelid
UNION ALL
SELECT 'routine ' || s.name || '.' || quote_ident(p.proname) || '(' || pg_get_function_identity_arguments(p.oid) || ')',
       concat_ws(' ', CASE WHEN p.prokind <> 'a' THEN pg_get_functiondef(p.oid) END, array_to_string(p.proacl, ','))
FROM pg_proc p
JOIN spaces s ON s.oid = p.pronamespace
WHERE NOT EXISTS (SELECT FROM own WHERE classid = 'pg_proc'::regclass AND objid = p.oid)
UNION ALL
SELECT 'type ' || s.name || '.' || quote_ident(t.typname),
       concat_ws(' ', t.typtype, (SELECT string_agg(quote_literal(e.enumlabel), ',' ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid),
                 CASE WHEN t.typtype = 'd' THEN format_type(t.typbasetype, t.typtypmod) END, CASE WHEN t.typnotnull THEN 'not null' END,
                 'default ' || t.typdefault)
FROM pg_type t
JOIN spaces s ON s.oid = t.typnamespace
WHERE t.typtype IN ('e', 'd', 'r') AND NOT EXISTS (SELECT FROM own WHERE classid = 'pg_type'::regclass AND objid = t.oid)
UNION ALL
SELECT 'statistics ' || s.name || '.' || quote_ident(x.stxname), pg_get_statisticsobjdef(x.oid)
FROM pg_statistic_ext x
JOIN spaces s ON s.oid = x.stxnamespace
UNION ALL
SELECT 'extension ' || quote_ident(extname), extversion FROM pg_extension
UNION ALL
SELECT 'comment on ' || c.name || CASE WHEN d.objsubid > 0 THEN ' column ' || d.objsubid ELSE '' END, d.description
FROM pg_description d
JOIN relations c ON c.oid = d.objoid
WHERE d.classoid = 'pg_class'::regclass
