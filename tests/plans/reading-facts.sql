-- What the catalog knows of the shop's tables, as JSON; the same as src/db/queries/planner_*.sql read.
SELECT jsonb_pretty(jsonb_agg(jsonb_build_object(
    'schema', n.nspname, 'name', c.relname, 'rows', c.reltuples,
    'pages', CASE WHEN c.relkind = 'r' THEN pg_relation_size(c.oid) / current_setting('block_size')::int8 END,
    'modified', pg_stat_get_mod_since_analyze(c.oid),
    'analyzed', EXISTS (SELECT FROM pg_stats s WHERE s.schemaname = n.nspname AND s.tablename = c.relname),
    'partition_key', pg_get_partkeydef(c.oid),
    'columns', (SELECT jsonb_agg(jsonb_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod), 'n_distinct', s.n_distinct,
            'correlation', s.correlation, 'width', s.avg_width) ORDER BY a.attnum)
        FROM pg_attribute a LEFT JOIN pg_stats s ON s.schemaname = n.nspname AND s.tablename = c.relname AND s.attname = a.attname
            AND s.inherited = (c.relkind = 'p')
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
    'indexes', (SELECT jsonb_agg(jsonb_build_object('name', i.indexrelid::regclass::text, 'columns', (SELECT jsonb_agg(a.attname ORDER BY u.place)
            FROM unnest(i.indkey) WITH ORDINALITY AS u (attnum, place) JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = u.attnum), 'included', '[]'::jsonb)
            ORDER BY i.indexrelid)
        FROM pg_index i WHERE i.indrelid = c.oid)
    ) ORDER BY c.relname))
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'shop'
WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition
