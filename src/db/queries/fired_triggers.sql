-- What the triggers of the list are. An internal one stands for a unique or exclusion constraint that may wait.
SELECT t.tgname::text,
       c.relname::text,
       n.nspname::text,
       p.oid::regprocedure::text,
       l.lanname::text,
       CASE WHEN t.tgtype & 64 <> 0 THEN 'INSTEAD OF' WHEN t.tgtype & 2 <> 0 THEN 'BEFORE' ELSE 'AFTER' END
           || ' '
           || concat_ws(
               ' OR ',
               CASE WHEN t.tgtype & 4 <> 0 THEN 'INSERT' END,
               CASE WHEN t.tgtype & 16 <> 0 THEN 'UPDATE' END,
               CASE WHEN t.tgtype & 8 <> 0 THEN 'DELETE' END,
               CASE WHEN t.tgtype & 32 <> 0 THEN 'TRUNCATE' END
           )
           || ', FOR EACH ' || CASE WHEN t.tgtype & 1 <> 0 THEN 'ROW' ELSE 'STATEMENT' END
FROM pg_trigger t
JOIN pg_class c ON c.oid = t.tgrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_proc p ON p.oid = t.tgfoid
JOIN pg_language l ON l.oid = p.prolang
WHERE t.tgname = ANY ($1::text[])
ORDER BY t.oid
